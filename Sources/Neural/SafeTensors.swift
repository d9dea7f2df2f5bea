// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// The contents of a safetensors file: named tensors and text metadata.
///
/// Reading trusts nothing: every length and offset is checked against the file before it is used.
/// Writing is deterministic: the same contents give the same bytes.
///
/// ```swift
/// var file = SafeTensors(network.state())
/// file.metadata["format"] = "pt"
/// try file.encoded().write(to: url)
/// let state = try SafeTensors(contentsOf: url).tensors(prefix: "")
/// ```
public struct SafeTensors: Sendable, Equatable {
  /// The longest header that is read, in bytes; the format's own limit.
  public static let headerLimitBytes = 100_000_000

  /// The tensors by name.
  public var entries: [String: Entry]
  /// Text that travels with the tensors.
  public var metadata: [String: String]

  /// Makes a file's contents.
  public init(entries: [String: Entry] = [:], metadata: [String: String] = [:]) {
    self.entries = entries
    self.metadata = metadata
  }

  /// Makes a file's contents from float32 tensors, each name after `prefix`.
  public init(
    _ tensors: [String: Tensor], prefix: String = "", metadata: [String: String] = [:]
  ) {
    self.metadata = metadata
    entries = [:]
    add(tensors, prefix: prefix)
  }

  /// Adds float32 tensors, each name after `prefix`; names that exist are replaced.
  public mutating func add(_ tensors: [String: Tensor], prefix: String = "") {
    for (name, tensor) in tensors { entries[prefix + name] = Entry(tensor) }
  }

  /// Reads a file, mapped into memory where that is possible.
  ///
  /// - Throws: `NeuralError.fileAccess`, `NeuralError.invalidSafeTensors`.
  public init(contentsOf url: URL) throws(NeuralError) {
    let data: Data
    do {
      data = try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      throw .fileAccess(path: url.path, reason: error.localizedDescription)
    }
    try self.init(data)
  }

  /// Reads a file's bytes.
  ///
  /// - Throws: `NeuralError.invalidSafeTensors`.
  public init(_ data: Data) throws(NeuralError) {
    let header = try SafeTensorsHeader(data)
    metadata = header.metadata
    entries = header.places.mapValues { place in
      Entry(
        type: place.type, shape: place.shape,
        bytes: data[
          data.startIndex + header.dataOffset + place.bytes.lowerBound..<data.startIndex
            + header.dataOffset + place.bytes.upperBound])
    }
  }

  /// The file's bytes: names in order of their UTF-8, tensors in that order without gaps.
  public func encoded() -> Data {
    let names = entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var fields: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      let text = pairs.map { "\(quoted($0.key)):\(quoted($0.value))" }.joined(separator: ",")
      fields.append("\"__metadata__\":{\(text)}")
    }
    var body = Data()
    for name in names {
      guard let entry = entries[name] else { continue }
      let end = body.count + entry.bytes.count
      let shape = entry.shape.map(String.init).joined(separator: ",")
      fields.append(
        "\(quoted(name)):{\"dtype\":\"\(entry.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(body.count),\(end)]}")
      body.append(entry.bytes)
    }
    var header = Array("{\(fields.joined(separator: ","))}".utf8)
    // Spaces, so that the data starts at a multiple of eight bytes.
    while !header.count.isMultiple(of: 8) { header.append(UInt8(ascii: " ")) }
    var file = Data()
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { file.append(contentsOf: $0) }
    file.append(contentsOf: header)
    file.append(body)
    return file
  }

  /// The tensors whose names start with `prefix`, as float32, by the rest of their names.
  ///
  /// - Throws: `NeuralError.wrongElementType` for bytes and 8-bit integers (`U8`, `I8`), which
  ///   are no weights without a scale.
  public func tensors(prefix: String = "") throws(NeuralError) -> [String: Tensor] {
    var found: [String: Tensor] = [:]
    for (name, entry) in entries where name.hasPrefix(prefix) {
      found[String(name.dropFirst(prefix.count))] = try entry.tensor(named: name)
    }
    return found
  }

  /// JSON's form of a string.
  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
