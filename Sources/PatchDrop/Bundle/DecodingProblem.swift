// SPDX-License-Identifier: Apache-2.0

/// Foundation's decoding errors in words.
struct DecodingProblem: CustomStringConvertible {
  let description: String

  init(_ error: any Error) {
    func place(_ path: [any CodingKey]) -> String {
      path.map(\.stringValue).joined(separator: ".")
    }
    description =
      switch error {
      case DecodingError.keyNotFound(let key, let context):
        "\(place(context.codingPath + [key])) is missing"
      case DecodingError.typeMismatch(_, let context),
        DecodingError.valueNotFound(_, let context), DecodingError.dataCorrupted(let context):
        "\(place(context.codingPath)): \(context.debugDescription)"
      default: "\(error)"
      }
  }
}
