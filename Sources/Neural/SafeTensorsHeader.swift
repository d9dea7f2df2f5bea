// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// The checked header of a safetensors file: eight bytes of length, then JSON.
struct SafeTensorsHeader {
  /// Where a tensor lies.
  struct Place {
    let type: SafeTensors.ElementType
    let shape: [Int]
    /// Counted from the end of the header.
    let bytes: Range<Int>
  }

  let metadata: [String: String]
  let places: [String: Place]
  /// Where the header ends and the data starts.
  let dataOffset: Int

  init(_ data: Data) throws(NeuralError) {
    guard data.count >= 8 else {
      throw .invalidSafeTensors(reason: "it has \(data.count) bytes, too few for a header")
    }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(SafeTensors.headerLimitBytes), Int(length) <= data.count - 8 else {
      throw .invalidSafeTensors(
        reason: "its header would have \(length) bytes, but \(data.count - 8) bytes follow")
    }
    dataOffset = 8 + Int(length)
    let fields = try Self.fields(data.dropFirst(8).prefix(Int(length)))
    metadata = fields.metadata
    var places: [String: Place] = [:]
    for (name, field) in fields.tensors { places[name] = try Self.place(name, field) }
    self.places = places
    try Self.checkLayout(places, dataCount: data.count - dataOffset)
  }

  /// What the header says of a tensor, before anything of it is believed.
  private struct Field: Decodable {
    let dtype: String
    let shape: [Int]
    let dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype
      case shape
      case dataOffsets = "data_offsets"
    }
  }

  /// The header's JSON object: text under `__metadata__`, tensors under all other keys.
  private struct Fields: Decodable {
    var metadata: [String: String] = [:]
    var tensors: [String: Field] = [:]

    struct Key: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      for key in container.allKeys {
        if key.stringValue == "__metadata__" {
          metadata = try container.decode([String: String].self, forKey: key)
        } else {
          tensors[key.stringValue] = try container.decode(Field.self, forKey: key)
        }
      }
    }
  }

  private static func fields(_ json: Data) throws(NeuralError) -> Fields {
    guard json.first == UInt8(ascii: "{") else {
      throw .invalidSafeTensors(reason: "its header does not start with an opening brace")
    }
    if let problem = JSONKeys.problem(in: json) {
      throw .invalidSafeTensors(reason: "its header \(problem)")
    }
    do {
      return try JSONDecoder().decode(Fields.self, from: json)
    } catch {
      throw .invalidSafeTensors(reason: "its header is not the JSON it should be (\(error))")
    }
  }

  private static func place(_ name: String, _ field: Field) throws(NeuralError) -> Place {
    guard let type = SafeTensors.ElementType(rawValue: field.dtype) else {
      let known = SafeTensors.ElementType.allCases.map(\.rawValue).joined(separator: ", ")
      throw .invalidSafeTensors(
        reason: "the tensor \(name) has the element type \(field.dtype), not one of \(known)")
    }
    guard field.dataOffsets.count == 2, field.dataOffsets[0] >= 0,
      field.dataOffsets[0] <= field.dataOffsets[1]
    else {
      throw .invalidSafeTensors(
        reason: "the tensor \(name) has the data offsets \(field.dataOffsets)")
    }
    var byteCount = type.byteCount
    for length in field.shape {
      let (product, overflow) = byteCount.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow else {
        throw .invalidSafeTensors(reason: "the tensor \(name) has the shape \(field.shape)")
      }
      byteCount = product
    }
    let bytes = field.dataOffsets[0]..<field.dataOffsets[1]
    guard bytes.count == byteCount else {
      throw .invalidSafeTensors(
        reason: "the tensor \(name) of shape \(field.shape) needs \(byteCount) bytes "
          + "and has \(bytes.count)")
    }
    return Place(type: type, shape: field.shape, bytes: bytes)
  }

  /// Tensors cover the data from its first byte to its last, without overlap or gap.
  private static func checkLayout(
    _ places: [String: Place], dataCount: Int
  ) throws(NeuralError) {
    var end = 0
    let sorted = places.sorted {
      ($0.value.bytes.lowerBound, $0.value.bytes.upperBound, $0.key)
        < ($1.value.bytes.lowerBound, $1.value.bytes.upperBound, $1.key)
    }
    for (name, place) in sorted {
      guard place.bytes.upperBound <= dataCount else {
        throw .invalidSafeTensors(
          reason: "the tensor \(name) ends at byte \(place.bytes.upperBound) of \(dataCount)")
      }
      guard place.bytes.lowerBound == end else {
        let problem = place.bytes.lowerBound < end ? "overlaps another" : "leaves a gap before it"
        throw .invalidSafeTensors(reason: "the tensor \(name) \(problem)")
      }
      end = place.bytes.upperBound
    }
    guard end == dataCount else {
      throw .invalidSafeTensors(reason: "\(dataCount - end) bytes follow the last tensor")
    }
  }
}
