// SPDX-License-Identifier: Apache-2.0

/// Prometheus's text format, version 0.0.4: families of samples, each with its help and type.
struct MetricsText {
  static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

  enum Kind: String {
    case counter
    case gauge
    case summary
  }

  private(set) var text = ""

  /// Begins a family; its samples follow.
  mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP fovea_\(name) \(help)\n# TYPE fovea_\(name) \(kind.rawValue)\n"
  }

  /// A sample with a whole value.
  mutating func sample(_ name: String, _ labels: KeyValuePairs<String, String> = [:], _ value: Int)
  {
    line(name, labels, "\(value)")
  }

  /// A sample with a fraction.
  mutating func sample(
    _ name: String, _ labels: KeyValuePairs<String, String> = [:], _ value: Double
  ) {
    line(name, labels, "\(value)")
  }

  private mutating func line(
    _ name: String, _ labels: KeyValuePairs<String, String>, _ value: String
  ) {
    let pairs = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
    text += "fovea_\(name)\(pairs.isEmpty ? "" : "{\(pairs)}") \(value)\n"
  }

  private static func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
