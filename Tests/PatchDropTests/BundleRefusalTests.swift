// SPDX-License-Identifier: Apache-2.0

import Foundation
import Neural
import PatchDrop
import Platform
import Testing

/// Whatever is wrong with a bundle is refused, with its place and what to do.
@Suite struct BundleRefusalTests {
  private let data: Data
  private let file: SafeTensors

  init() throws {
    data = try TinyBundle.shared.get().small
    file = try SafeTensors(data)
  }

  /// The words of the refusal after a change; nil where the bundle is taken.
  private func refusal(_ change: (inout SafeTensors) throws -> Void) throws -> String? {
    var changed = file
    try change(&changed)
    do throws(ModelError) {
      _ = try ModelBundle(changed.encoded(), path: "changed")
      return nil
    } catch {
      #expect(error.description.contains("changed"))
      #expect(!error.remedy.isEmpty)
      return error.description
    }
  }

  // MARK: The description

  private func card() throws -> [String: Any] {
    let text = try #require(file.metadata["fovea"])
    return try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func refusal(ofCard card: Any) throws -> String? {
    let text = try JSONSerialization.data(withJSONObject: card)
    return try refusal { $0.metadata["fovea"] = String(decoding: text, as: UTF8.self) }
  }

  /// Fields that may be missing: what was measured beside accuracy and S, the data's splits, the
  /// fault of a policy that has none.
  private func mayBeMissing(_ path: [String]) -> Bool {
    switch path.first {
    case "measured": path.count > 1
    case "data": path.starts(with: ["data", "images"]) && path.count > 2
    case "variants": path.last == "collapse"
    default: path.last == "target_patches"
    }
  }

  @Test func `every missing field is refused by its name`() throws {
    let card = try card()
    let paths = Self.paths(in: card)
    #expect(paths.count > 150)
    for path in paths {
      let words = try refusal(ofCard: Self.removing(path[...], from: card))
      let place = path.joined(separator: ".")
      if mayBeMissing(path) { continue }
      guard let words else {
        Issue.record("\(place) may be missing")
        continue
      }
      #expect(path.suffix(2).contains { words.contains($0) }, "\(place): \(words)")
    }
  }

  /// The places of all fields, those in lists under the number of their element.
  private static func paths(in tree: Any, under path: [String] = []) -> [[String]] {
    if let fields = tree as? [String: Any] {
      return fields.sorted { $0.key < $1.key }.flatMap { name, value in
        [path + [name]] + paths(in: value, under: path + [name])
      }
    }
    guard let list = tree as? [Any] else { return [] }
    return list.enumerated().flatMap { paths(in: $1, under: path + ["\($0)"]) }
  }

  private static func removing(_ path: ArraySlice<String>, from tree: Any) -> Any {
    guard let name = path.first else { return tree }
    if var fields = tree as? [String: Any] {
      fields[name] =
        path.count == 1 ? nil : fields[name].map { removing(path.dropFirst(), from: $0) }
      return fields
    }
    guard var list = tree as? [Any], let place = Int(name) else { return tree }
    list[place] = removing(path.dropFirst(), from: list[place])
    return list
  }

  @Test(arguments: [
    ("\"mask_value\":0,", "\"mask_value\":1,", "mask_value is 1"),
    ("\"zoom\":4", "\"zoom\":5", "zoom 5"),
    ("\"zoom\":4", "\"zoom\":0", "zoom 0"),
    ("\"chip_pixels\":16", "\"chip_pixels\":-16", "-16 pixels"),
    ("[\"striped\",\"chequered\"]", "[\"striped\"]", "classes"),
    ("[\"striped\",\"chequered\"]", "[\"a\",\"a\"]", "classes"),
    ("[\"striped\",\"chequered\"]", "[\"a\",\"b\",\"c\"]", "2 outputs for 3 classes"),
    ("\"default_variant\":\"ft2\"", "\"default_variant\":\"ft3\"", "default_variant"),
    ("\"variants\":{\"ft2\"", "\"variants\":{\"ft9\"", "ft2 is not among"),
    ("\"k_from\":5", "\"k_from\":6", "temperature for 5"),
    ("\"grid\":4", "\"grid\":3", "side of 2, 4 or 8"),
    ("\"grid\":4", "\"grid\":2", "policy"),
    ("\"margin_edges\":[", "\"margin_edges\":[0.5,", "gain curves of"),
    ("\"gains\":[[", "\"gains\":[[0,", "gain curves of"),
    ("\"std\":[", "\"std\":[1,", "normalisation"),
    ("\"std\":[", "\"std\":[-", "normalisation"),
    ("\"lr_source\":\"area\"", "\"lr_source\":\"guess\"", "lr_source"),
    ("\"fusion\":\"sum\",\"gain\"", "\"fusion\":\"product\",\"gain\"", "fusion"),
    ("\"system\":\"stochastic\",", "\"system\":\"best\",", "system"),
    ("\"classes\":[", "\"classes\":{", "description"),
  ])
  func `a senseless description is refused`(old: String, new: String, words: String) throws {
    let refusal = try refusal { file in
      let card = try #require(file.metadata["fovea"])
      #expect(card.contains(old), "\(old)")
      file.metadata["fovea"] = card.replacing(old, with: new, maxReplacements: 1)
    }
    #expect(refusal?.contains(words) == true, "\(String(describing: refusal))")
  }

  @Test(arguments: [-0.1, 1.5])
  func `a threshold that is no probability is refused`(value: Double) throws {
    var card = try card()
    var variants = try #require(card["variants"] as? [String: [String: Any]])
    variants["ft2"]?["threshold"] = value
    card["variants"] = variants
    let words = try refusal(ofCard: card)
    #expect(words?.contains("the threshold of ft2 is \(value)") == true)
  }

  @Test(arguments: [1, 3, 99])
  func `an unknown format is refused before anything else`(format: Int) throws {
    let words = try refusal { $0.metadata["fovea"] = "{\"format\":\(format)}" }
    #expect(words?.contains("format \(format)") == true)
    #expect(words?.contains("newer") == true)
  }

  // MARK: The weights

  /// A tensor of each network, and all of one of them.
  private func someNames() -> [String] {
    file.entries.keys.sorted().filter {
      $0.hasPrefix("ft2.policy.") || $0.hasSuffix("fc.bias") || $0.hasSuffix("conv1.weight")
    }.filter { !$0.hasSuffix(".scale") }
  }

  @Test func `a missing tensor is named with its shape`() throws {
    for name in someNames() {
      let shape = try #require(file.entries[name]).shape
      let words = try refusal {
        $0.entries[name] = nil
        $0.entries[name + ".scale"] = nil
      }
      #expect(words?.contains("\(name), which should have shape \(shape)") == true)
      #expect(words?.contains("fresh copy") == true)
    }
  }

  @Test func `a comparison without its classifier is refused`() throws {
    let words = try refusal { file in
      for name in file.entries.keys where name.hasPrefix("stochastic.ft2.hr.") {
        file.entries[name] = nil
      }
    }
    #expect(words?.contains("stochastic.ft2.hr.") == true)
  }

  @Test func `a wrong shape is named with both shapes`() throws {
    for name in someNames() {
      let shape = try #require(file.entries[name]).shape
      let words = try refusal {
        $0.entries[name] = .init(Tensor(shape: [3] + shape))
        $0.entries[name + ".scale"] = nil
      }
      #expect(words?.contains("\(name) of changed has shape \([3] + shape), not \(shape)") == true)
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `a weight that is no finite number is refused`(value: Float) throws {
    for name in someNames() {
      let words = try refusal {
        var tensor = Tensor(shape: try #require($0.entries[name]).shape)
        tensor[tensor.count - 1] = value
        $0.entries[name] = .init(tensor)
        $0.entries[name + ".scale"] = nil
      }
      #expect(words?.contains("\(name) of changed holds a value that is no finite") == true)
    }
  }

  @Test func `integers need one usable scale for each row`() throws {
    let name = "ft2.hr.layer3.1.conv2.weight"
    let scale = name + ".scale"
    let rows = try #require(file.entries[name]).shape[0]
    func refusal(of values: [Float]) throws -> String? {
      try self.refusal {
        $0.entries[scale] = .init(Tensor(shape: [values.count], values: values))
      }
    }
    let good = [Float](repeating: 0.01, count: rows)
    #expect(try refusal(of: good) == nil)
    #expect(try refusal(of: [0] + good.dropFirst()) == nil)
    #expect(try refusal(of: [.nan] + good.dropFirst())?.contains(scale) == true)
    #expect(try refusal(of: [.infinity] + good.dropFirst())?.contains("no finite") == true)
    #expect(try refusal(of: [-0.5] + good.dropFirst())?.contains("the scale -0.5") == true)
    #expect(try refusal(of: good + good)?.contains("[\(2 * rows)], not [\(rows)]") == true)
    // Finite scales may still make weights that are not.
    #expect(
      try refusal(of: [.greatestFiniteMagnitude] + good.dropFirst())?.contains("no finite") == true)
    #expect(try self.refusal { $0.entries[scale] = nil }?.contains("no tensor \(scale)") == true)
    #expect(
      try self.refusal { $0.entries[scale] = .init(float16: Tensor(shape: [rows])) }?
        .contains("\(scale) holds F16, not F32") == true)
    #expect(
      try self.refusal { $0.entries["hr.fc.bias.scale"] = .init(Tensor(shape: [2])) }?
        .contains("hr.fc.bias.scale scales no matrix") == true)
    #expect(
      try self.refusal { $0.entries["lone.scale"] = .init(Tensor(shape: [2])) }?
        .contains("lone.scale scales no matrix") == true)
    #expect(
      try self.refusal { $0.entries["hr.fc.bias"] = .init(shape: [2], uint8: [1, 2]) }?
        .contains("hr.fc.bias holds U8") == true)
  }

  @Test func `a tensor too many is refused`() throws {
    let words = try refusal { $0.entries["ft2.hr.layer9.weight"] = .init(Tensor(shape: [2])) }
    #expect(words?.contains("ft2.hr.layer9.weight has no place") == true)
  }

  // MARK: The file

  @Test func `files that are no bundles are refused`() throws {
    let cuts = [0, 7, 8, 300, data.count / 2, data.count - 1].map { data.prefix($0) }
    for data in cuts + [Data("no model".utf8), data + Data([0])] {
      let error = #expect(throws: ModelError.self) { try ModelBundle(data, path: "cut") }
      #expect(error?.description.contains("cut is no model bundle") == true)
    }
    #expect(try refusal { $0.metadata = [:] }?.contains("no key fovea") == true)
    let missing = URL(filePath: "/nowhere/absent.safetensors")
    let error = #expect(throws: ModelError.self) { try ModelBundle.load(from: missing) }
    #expect(error?.description.contains("/nowhere/absent.safetensors") == true)
  }

  @Test func `no damage crashes the reader`() throws {
    var generator = SeededGenerator(seed: 11)
    func below(_ count: Int) -> Int { min(Int(generator.uniform() * Float(count)), count - 1) }
    let headerLength = data.count - file.entries.values.reduce(0) { $0 + $1.bytes.count }
    var refused = 0
    for round in 0..<2_000 {
      var bytes = [UInt8](data)
      // Where a file says what it holds, most of the time; anywhere, every fourth time.
      let end = round % 4 == 0 ? bytes.count : headerLength
      for _ in 0...below(3) {
        let place = below(min(end, bytes.count))
        switch below(5) {
        case 0: bytes[place] = UInt8(below(256))
        case 1: bytes[place] ^= 1 << below(8)
        case 2: bytes[place] = UInt8(ascii: "0") + UInt8(below(10))
        case 3: bytes.removeSubrange(place..<min(place + 1 + below(40), bytes.count))
        default: bytes.insert(contentsOf: bytes[place..<min(place + 9, bytes.count)], at: place)
        }
        if bytes.isEmpty { break }
      }
      do throws(ModelError) {
        _ = try ModelBundle(Data(bytes), path: "damaged")
      } catch {
        refused += 1
      }
    }
    // Most damage shows; what changes a weight or a word alone cannot.
    #expect(refused > 1_000)
  }
}
