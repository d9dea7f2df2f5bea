// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Neural
import PatchDrop
import Platform
import TestSupport
import Testing

/// Bundles as files: what is written is read, and how it is stored.
@Suite struct BundleTests {
  private let tiny: TinyBundle

  init() throws { tiny = try TinyBundle.shared.get() }

  @Test func `a bundle says what it is`() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "tiny.safetensors")
    try tiny.data.write(to: url)
    let bundle = try ModelBundle.load(from: url)
    #expect(bundle.card.classes == ["striped", "chequered"])
    #expect(bundle.card.design == StripedChips.design)
    #expect(bundle.variants == [.pt, .ft1, .ft2] && bundle.card.defaultVariant == .ft2)
    #expect(try bundle.digest == Digest.sha256(ofFileAt: url))
    #expect(bundle.card.measured.contains { $0.system == .patchDrop && $0.stage == .pt })
    #expect(bundle.card.comparisons.count == 6)
    #expect(Set(StripedChips.shortOptions.remedies).isSubset(of: bundle.card.remedies))
    let ranges = try #require(bundle.card.variants["ft2"]).calibration.map { [$0.kFrom, $0.kTo] }
    #expect(ranges == [[0, 0], [1, 4], [5, 8], [9, 16]])
    let text = try #require(try SafeTensors(tiny.data).metadata["fovea"])
    #expect(try JSONDecoder().decode(ModelCard.self, from: Data(text.utf8)) == bundle.card)
  }

  @Test func `the same weights make the same file`() {
    #expect(tiny.again == tiny.data)
  }

  @Test func `weights are stored small, and read as near as they can be`() throws {
    let file = try SafeTensors(tiny.data)
    var counts: [SafeTensors.ElementType: Int] = [:]
    for (name, tensor) in tiny.tensors
    where !name.hasSuffix("num_batches_tracked") && !name.hasPrefix("lr_folds.") {
      let entry = try #require(file.entries[name], "\(name)")
      counts[entry.type, default: 0] += 1
      #expect(entry.shape == tensor.shape)
      let kept: [Float]
      let errors: [Float]
      switch entry.type {
      case .int8:
        #expect(tensor.count >= 4096 && tensor.shape.count > 1 && !name.contains(".policy.head."))
        let scales = try #require(file.entries[name + ".scale"]).tensor(named: name).values
        #expect(scales.count == tensor.shape[0])
        let integers = try entry.int8Values(named: name)
        let width = tensor.count / scales.count
        // The largest weight of each row uses the whole range.
        for row in scales.indices {
          #expect(integers[row * width..<(row + 1) * width].contains { $0.magnitude == 127 })
        }
        kept = integers.indices.map { Float(integers[$0]) * scales[$0 / width] }
        errors = integers.indices.map { scales[$0 / width] * 0.5001 }
      case .float16:
        #expect(tensor.shape.count > 1)
        kept = try entry.tensor(named: name).values
        errors = tensor.values.map { max($0.magnitude * 0x1p-11, 0x1p-25) }
      default:
        #expect(entry.type == .float32 && tensor.shape.count == 1)
        kept = try entry.tensor(named: name).values
        errors = tensor.values.map { _ in 0 }
      }
      let values = tensor.values
      let wrong = values.indices.first { !(abs(values[$0] - kept[$0]) <= errors[$0]) }
      #expect(wrong == nil, "\(name)")
    }
    #expect(SafeTensors.ElementType.allCases.count { counts[$0, default: 0] > 0 } == 3)
  }

  @Test func `older forms of weights are read, and mean the same`() throws {
    var file = try SafeTensors(tiny.data)
    for (name, entry) in file.entries where entry.type == .int8 {
      let scales = try #require(file.entries[name + ".scale"]).tensor(named: name).values
      let integers = try entry.int8Values(named: name)
      let width = integers.count / scales.count
      let values = integers.indices.map { Float(integers[$0]) * scales[$0 / width] }
      file.entries[name] = .init(Tensor(shape: entry.shape, values: values))
      file.entries[name + ".scale"] = nil
    }
    let indices = tiny.chips.indices(of: .val)
    let looks = try [ModelBundle(tiny.data, path: "a"), ModelBundle(file.encoded(), path: "b")]
      .map { bundle in
        bundle.agent().looks(indices.map { tiny.chips.lowSamples($0).map { Float($0) } })
      }
    #expect(looks[0] == looks[1])
  }

  @Test func `models are found by name, and by path`() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "tiny.safetensors")
    try tiny.data.write(to: url)
    let locator = ModelLocator(folders: [folder.url.appending(path: "none"), folder.url])
    #expect(locator.names() == ["tiny"])
    #expect(try locator.url("tiny").lastPathComponent == "tiny.safetensors")
    #expect(try locator.url(url.path).path == url.path)
    let error = #expect(throws: ModelError.self) { try locator.url("huge") }
    #expect(error?.description.contains("no model huge in") == true)
    #expect(throws: ModelError.self) { try locator.url("./absent.safetensors") }
  }
}
