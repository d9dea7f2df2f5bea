// SPDX-License-Identifier: Apache-2.0
import Foundation
import Neural
import TestSupport
import Testing

@Suite struct SafeTensorsTests {
  @Test func roundTripKeepsEverything() throws {
    let numbers: [Float] = [0, -0.0, 1.5, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -7]
    let weights = Tensor(shape: [2, 3], values: numbers)
    var file = SafeTensors(["fc.weight": weights], prefix: "hr.", metadata: ["fovea": "{\"a\":1}"])
    file.metadata["line\n\"quoted\"\\"] = "ä"
    file.entries["chip"] = .init(shape: [2, 2], int32: [1, -2, .max, .min])
    file.entries["state"] = .init(shape: [3], uint8: [0, 7, 255])
    file.entries["half"] = .init(float16: Tensor(shape: [2], values: [0.5, -3]))
    file.entries["none"] = .init(shape: [0, 4], int32: [])
    file.entries["single"] = .init(Tensor(shape: [], repeating: 3))

    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "file.safetensors")
    try file.encoded().write(to: url)
    let read = try SafeTensors(contentsOf: url)
    #expect(read == file)
    #expect(try read.tensors(prefix: "hr.") == ["fc.weight": weights])
    #expect(try read.entries["chip"]?.int32Values(named: "chip") == [1, -2, .max, .min])
    #expect(try read.entries["state"]?.uint8Values(named: "state") == [0, 7, 255])
    #expect(try read.entries["half"]?.tensor(named: "half").values == [0.5, -3])
    #expect(try read.entries["single"]?.tensor(named: "single") == Tensor(shape: [], repeating: 3))
  }

  @Test func bytesAreDeterministicAndAligned() {
    let tensors = Dictionary(
      uniqueKeysWithValues: (0..<50).map { ("t\($0)", Tensor(shape: [1], repeating: Float($0))) })
    let bytes = SafeTensors(tensors, metadata: ["b": "1", "a": "2"]).encoded()
    #expect(bytes == SafeTensors(tensors, metadata: ["a": "2", "b": "1"]).encoded())
    #expect((bytes.count - 50 * 4).isMultiple(of: 8))
  }

  @Test func readsPyTorchIntegers() throws {
    let file = try SafeTensors(
      bytes(#"{"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}"#, [8, 0, 0, 0, 0, 0, 0, 0]))
    #expect(try file.tensors()["n"] == Tensor(shape: [], repeating: 8))
  }

  /// The bytes that Python's safetensors writes for the same numbers (`safetensors.numpy.save`).
  @Test func readsSmallIntegersAsPythonWritesThem() throws {
    let header =
      #"{"w.scale":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
      + #""w":{"dtype":"I8","shape":[2,3],"data_offsets":[8,14]}}     "#
    let file = try SafeTensors(
      bytes(header, [0, 0, 0, 63, 0, 0, 128, 62, 128, 255, 0, 1, 2, 127]))
    let integers = try #require(file.entries["w"])
    #expect(try integers.int8Values(named: "w") == [-128, -1, 0, 1, 2, 127])
    #expect(integers == .init(shape: [2, 3], int8: [-128, -1, 0, 1, 2, 127]))
    #expect(try file.entries["w.scale"]?.tensor(named: "w.scale").values == [0.5, 0.25])
    #expect(try SafeTensors(file.encoded()) == file)
    // They mean nothing without their scale.
    #expect(throws: NeuralError.wrongElementType(name: "w", expected: "F32", found: "I8")) {
      try integers.tensor(named: "w")
    }
    #expect(throws: NeuralError.wrongElementType(name: "w", expected: "U8", found: "I8")) {
      try integers.uint8Values(named: "w")
    }
    #expect(throws: NeuralError.wrongElementType(name: "w.scale", expected: "I8", found: "F32")) {
      try file.entries["w.scale"]?.int8Values(named: "w.scale")
    }
  }

  @Test func everyHalfPrecisionNumberSurvives() {
    let lost = (UInt16.min...UInt16.max).filter { bits in
      let value = HalfPrecision.value(of: bits)
      let back = HalfPrecision.bits(of: value)
      return value.isNaN ? back & 0x7FFF <= 0x7C00 : back != bits
    }
    #expect(lost.isEmpty)
    // Halfway cases go to the even neighbour, carries into the next exponent, the rest overflows.
    #expect(HalfPrecision.bits(of: 1 + 0x1p-11) == 0x3C00)
    #expect(HalfPrecision.bits(of: 1 + 0x3p-11) == 0x3C02)
    #expect(HalfPrecision.bits(of: 1.9999) == 0x4000)
    #expect(HalfPrecision.bits(of: 65_519) == 0x7BFF)
    #expect(HalfPrecision.bits(of: 65_520) == 0x7C00)
  }

  @Test(arguments: [
    // A header is missing, longer than the file, or absurdly long.
    (Data(), "0 bytes, too few"),
    (Data([1, 0, 0]), "3 bytes, too few"),
    (Data([200, 0, 0, 0, 0, 0, 0, 0, 123, 125]), "200 bytes, but 2 bytes follow"),
    (Data(repeating: 0xFF, count: 16), "18446744073709551615 bytes"),
    // It is no JSON object.
    (bytes("", []), "opening brace"),
    (bytes(" {}", []), "opening brace"),
    (bytes("{]", []), "not the JSON"),
    (bytes(#"{"a":7}"#, []), "not the JSON"),
    (bytes(#"{"__metadata__":{"a":7}}"#, []), "not the JSON"),
    (bytes(#"{"a":{"dtype":"U8","shape":[0.5],"data_offsets":[0,1]}}"#, [0]), "not the JSON"),
    // Readers would differ on what it means.
    (
      bytes(
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
          + #""a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}"#, [0, 0, 0, 0]),
      "names a twice"
    ),
    (
      bytes(
        #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"#
          + #""\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#, []),
      "names a twice"
    ),
    (
      bytes(#"{"a":{"dtype":"U8","shape":[1],"shape":[0],"data_offsets":[0,1]}}"#, [0]),
      "names shape twice"
    ),
    (
      bytes(#"{"__metadata__":{"k\"":"1","v":"k\"","k\"":"2"}}"#, []), "names k\" twice"
    ),
    (bytes(#"{"__metadata__":{},"__metadata__":{"a":"b"}}"#, []), "names __metadata__ twice"),
    (raw(Array("{}".utf16.flatMap { [UInt8($0), 0] })), "not UTF-8"),
    (
      raw(Array(#"{"__metadata__":{"a":""#.utf8) + [0xC3, 0x28] + Array(#""}}"#.utf8)), "not UTF-8"
    ),
    // It tries to exhaust the reader.
    (bytes(#"{"a":"# + String(repeating: "[", count: 1_000_000), []), "nested too deeply"),
    (bytes(String(repeating: #"{"a":"#, count: 100_000), []), "nested too deeply"),
    (bytes(#"{"a":{"dtype":"U8","shape":[1e400],"data_offsets":[0,1]}}"#, [0]), "not the JSON"),
    (
      bytes(#"{"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]}}"#, [0]),
      "not the JSON"
    ),
    (bytes(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1e30]}}"#, [0]), "not the JSON"),
    (
      bytes(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,9223372036854775807]}}"#, [0]),
      "needs 1 bytes"
    ),
    (bytes(#"{"a":{"dtype":"U8","shape":[1]}}"#, [0]), "not the JSON"),
    (bytes(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}"#, [0]), "not the JSON"),
    (bytes(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}}"#, [0]), "not the JSON"),
    (bytes(#"{"a\"#, []), "not the JSON"),
    // A tensor is not what it says.
    (
      bytes(
        #"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#, [0, 0, 0, 0, 0, 0, 0, 0]),
      "F64"
    ),
    (bytes(#"{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}"#, [0]), "the shape [-1]"),
    (
      bytes(#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, []),
      "the shape"
    ),
    (
      bytes(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, [0, 0, 0, 0]),
      "needs 8 bytes and has 4"
    ),
    (bytes(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}"#, [0]), "offsets [1, 0]"),
    (bytes(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}"#, [0]), "offsets [-1, 0]"),
    (bytes(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}"#, [0]), "offsets [0]"),
    // Tensors do not cover the data exactly.
    (bytes(#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, [0]), "ends at byte 2 of 1"),
    (bytes(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, [0, 0]), "1 bytes follow"),
    (bytes(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, [0, 0]), "leaves a gap"),
    (
      bytes(
        #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
          + #""b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, [0, 0, 0]),
      "overlaps another"
    ),
  ])
  func hostileFilesAreRefused(_ data: Data, _ reason: String) throws {
    let error = try #require(throws: NeuralError.self) { try SafeTensors(data) }
    #expect(error.description.contains(reason))
    #expect(error.description.contains("Take a fresh copy of the file"))
  }

  @Test func namesThatOnlyLookAlikeAreKept() throws {
    var file = SafeTensors(metadata: ["a": "b", "b": "a", "{\"a\":": ",\\"])
    for name in ["a", "A", "a.b", "\"", "\\", "shape", "dtype", "__metadata", "\u{1F30D}"] {
      file.entries[name] = .init(shape: [1], uint8: [7])
    }
    #expect(try SafeTensors(file.encoded()) == file)
  }

  @Test func noChangedByteCrashesTheReader() {
    let whole = SafeTensors(
      ["a": Tensor(shape: [2, 3]), "b\"": Tensor(shape: [])], metadata: ["k": "v"]
    ).encoded()
    for place in whole.indices {
      for byte in [UInt8(0), 0x22, 0x2D, 0x39, 0x5C, 0x5B, 0x7B, 0x7D, 0x80, 0xFF] {
        var changed = whole
        changed[place] = byte
        // Either it is refused, or what it says holds together.
        guard let read = try? SafeTensors(changed) else { continue }
        for (name, entry) in read.entries { _ = try? entry.tensor(named: name) }
      }
    }
  }

  @Test func everyTruncationIsRefused() throws {
    let whole = SafeTensors(["a": Tensor(shape: [5]), "b": Tensor(shape: [1])]).encoded()
    for length in 0..<whole.count {
      #expect(throws: NeuralError.self) { try SafeTensors(whole.prefix(length)) }
    }
  }

  @Test func missingFilesAndWrongTypesSayWhatToDo() throws {
    let missing = try #require(throws: NeuralError.self) {
      try SafeTensors(contentsOf: URL(filePath: "/nowhere/model.safetensors"))
    }
    #expect(missing.description.contains("/nowhere/model.safetensors"))
    #expect(missing.description.contains("Check the path"))

    let bytes = SafeTensors.Entry(shape: [1], uint8: [1])
    #expect(throws: NeuralError.wrongElementType(name: "x", expected: "F32", found: "U8")) {
      try bytes.tensor(named: "x")
    }
    #expect(throws: NeuralError.wrongElementType(name: "x", expected: "I32", found: "U8")) {
      try bytes.int32Values(named: "x")
    }
  }
}

/// A file with a given header and data.
private func bytes(_ header: String, _ data: [UInt8]) -> Data {
  raw(Array(header.utf8)) + Data(data)
}

/// A file with a header of any bytes, and no data.
private func raw(_ header: [UInt8]) -> Data {
  var file = Data()
  withUnsafeBytes(of: UInt64(header.count).littleEndian) { file.append(contentsOf: $0) }
  return file + Data(header)
}
