// SPDX-License-Identifier: Apache-2.0

/// An evaluation as it is written: what was scored, and a row for each way of buying.
///
/// Each row has the keys of ``EvaluationRow`` and `published`: the paper's accuracy (a fraction)
/// and patches for this system and stage, by data set (`cifar10`, `cifar100`, `imagenet`, `fmow`),
/// empty where the paper has no such row.
public struct EvaluationReport: Sendable, Encodable {
  /// The rows.
  public let rows: [EvaluationRow]
  /// The name of the data.
  public let data: String
  /// The split; nil for a scene.
  public let split: String?
  /// How many images were scored.
  public let images: Int
  /// How many images could not be read.
  public let unreadable: Int
  /// The start of the bundle's SHA-256.
  public let model: String

  /// Creates a report.
  public init(
    rows: [EvaluationRow], data: String, split: String?, images: Int, unreadable: Int,
    model: String
  ) {
    (self.rows, self.data, self.split) = (rows, data, split)
    (self.images, self.unreadable, self.model) = (images, unreadable, model)
  }

  private enum CodingKeys: String, CodingKey {
    case rows
    case data
    case split
    case images
    case unreadable
    case model
  }

  /// Writes the report; what it has no value for is null, not left out.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(rows.map { Row(row: $0) }, forKey: .rows)
    try container.encode(data, forKey: .data)
    try container.encode(split, forKey: .split)
    try container.encode(images, forKey: .images)
    try container.encode(unreadable, forKey: .unreadable)
    try container.encode(model, forKey: .model)
  }

  /// A row with what is said of it beside the measurement.
  private struct Row: Encodable {
    let row: EvaluationRow

    enum CodingKeys: String, CodingKey {
      case stage
      case collapse
      case published
    }

    func encode(to encoder: any Encoder) throws {
      try row.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      if row.stage == nil { try container.encodeNil(forKey: .stage) }
      if row.collapse == nil { try container.encodeNil(forKey: .collapse) }
      try container.encode(row.published, forKey: .published)
    }
  }
}
