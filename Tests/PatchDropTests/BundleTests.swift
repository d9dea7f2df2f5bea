// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Neural
import PatchDrop
import Platform
import TestSupport
import Testing

/// Bundles as files: what is written is read, and whatever is wrong is refused with its place.
@Suite struct BundleTests {
  private let folder: TemporaryFolder
  private let url: URL
  private let file: SafeTensors

  init() throws {
    folder = try TemporaryFolder()
    url = folder.url.appending(path: "tiny.safetensors")
    var options = StripedChips.options
    (options.hr.epochs, options.lr.epochs, options.warm.epochs) = (1, 1, 1)
    (options.pt.epochs, options.ft2.epochs) = (1, 1)
    let training = try StripedChips.training(
      StripedChips.make(count: 192), in: folder.url.appending(path: "stages"), options: options)
    _ = try training.writeBundle(
      name: "tiny", source: ("made up", "none"), command: "test", to: url)
    file = try SafeTensors(contentsOf: url)
  }

  /// The error of loading the bundle after a change.
  private func error(
    _ change: (inout SafeTensors) throws -> Void
  ) throws -> ModelError? {
    var changed = file
    try change(&changed)
    let url = folder.url.appending(path: "changed.safetensors")
    try DurableFile.write(changed.encoded(), to: url)
    return #expect(throws: ModelError.self) { try ModelBundle.load(from: url) }
  }

  /// The same after a change of the description's text.
  private func error(replacing old: String, with new: String) throws -> ModelError? {
    try error { file in
      let card = try #require(file.metadata["fovea"])
      #expect(card.contains(old))
      file.metadata["fovea"] = card.replacingOccurrences(of: old, with: new)
    }
  }

  @Test func `a bundle says what it is`() throws {
    let bundle = try ModelBundle.load(from: url)
    #expect(bundle.card.classes == ["striped", "chequered"])
    #expect(bundle.card.design == StripedChips.design)
    #expect(bundle.variants == [.pt, .ft2] && bundle.card.defaultVariant == .ft2)
    #expect(try bundle.digest == Digest.sha256(ofFileAt: url))
    #expect(bundle.card.measured.contains { $0.system == .patchDrop && $0.stage == .pt })
    let ranges = try #require(bundle.card.variants["ft2"]).calibration.map { [$0.kFrom, $0.kTo] }
    #expect(ranges == [[0, 0], [1, 4], [5, 8], [9, 16]])
    let names = Set(
      file.entries.keys.map { $0.split(separator: ".").prefix(2).joined(separator: ".") })
    #expect(names.isSuperset(of: ["hr.conv1", "lr.fc", "pt.policy", "ft2.policy", "ft2.hr"]))
  }

  @Test func `a missing tensor is named with its shape`() throws {
    let error = try error { $0.entries["ft2.hr.fc.weight"] = nil }
    #expect(error?.description.contains("ft2.hr.fc.weight") == true)
    #expect(error?.description.contains("[2, 32]") == true)
    #expect(error?.description.contains("fresh copy") == true)
  }

  @Test func `a wrong shape is named with both shapes`() throws {
    let error = try error { $0.entries["lr.fc.bias"] = .init(Tensor(shape: [3])) }
    #expect(error?.description.contains("lr.fc.bias") == true)
    #expect(error?.description.contains("[3], not [2]") == true)
  }

  @Test(arguments: [Float.nan, .infinity])
  func `a weight that is no finite number is refused`(value: Float) throws {
    let error = try error {
      $0.entries["pt.policy.head.fc.bias"] = nil
      let name = try #require($0.entries.keys.filter { $0.hasPrefix("pt.policy.head.") }.min())
      $0.entries = file.entries
      let shape = try #require($0.entries[name]).shape
      $0.entries[name] = .init(Tensor(shape: shape, repeating: value))
    }
    guard case .notFinite(_, let tensor) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(tensor.hasPrefix("pt.policy.head."))
  }

  @Test func `an unknown format is refused before anything else`() throws {
    let error = try error(replacing: "\"format\":1", with: "\"format\":2")
    #expect(error?.description.contains("format 2") == true)
    #expect(error?.description.contains("newer") == true)
  }

  @Test(arguments: [
    ("\"mask_value\":0,", "", "mask_value is missing"),
    ("\"mask_value\":0,", "\"mask_value\":1,", "mask_value is 1"),
    ("\"zoom\":4", "\"zoom\":5", "zoom 5"),
    ("[\"striped\",\"chequered\"]", "[\"striped\"]", "classes"),
    ("\"default_variant\":\"ft2\"", "\"default_variant\":\"ft1\"", "default_variant"),
    ("\"k_from\":5", "\"k_from\":6", "temperature for 5"),
    ("\"grid\":4", "\"grid\":3", "side of 2, 4 or 8"),
  ])
  func `a senseless description is refused`(old: String, new: String, words: String) throws {
    let error = try error(replacing: old, with: new)
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
  }

  @Test func `files that are no bundles are refused`() throws {
    let whole = file.encoded()
    for data in [Data(), Data("no model".utf8), whole.prefix(whole.count / 2)] {
      let url = folder.url.appending(path: "broken.safetensors")
      try DurableFile.write(data, to: url)
      let error = #expect(throws: ModelError.self) { try ModelBundle.load(from: url) }
      #expect(error?.description.contains("no model bundle") == true)
    }
    let other = try error { $0.metadata = [:] }
    #expect(other?.description.contains("no key fovea") == true)
    let missing = folder.url.appending(path: "absent.safetensors")
    #expect(throws: ModelError.self) { try ModelBundle.load(from: missing) }
  }

  @Test func `models are found by name, and by path`() throws {
    let locator = ModelLocator(folders: [folder.url.appending(path: "none"), folder.url])
    #expect(locator.names() == ["tiny"])
    #expect(try locator.url("tiny").lastPathComponent == "tiny.safetensors")
    #expect(try locator.url(url.path).path == url.path)
    let error = #expect(throws: ModelError.self) { try locator.url("huge") }
    #expect(error?.description.contains("no model huge in") == true)
    #expect(throws: ModelError.self) { try locator.url("./absent.safetensors") }
  }
}
