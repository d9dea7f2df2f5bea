// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform

/// A feature collection as text: what comes before its features and after them, and a feature, a
/// line each, keys sorted.
struct GeoJSONCollection {
  /// A property, its value as JSON text.
  typealias Property = (key: String, value: String)

  let beginning: String
  let ending: String

  /// - Parameter members: what it has besides its features; values as JSON text.
  init(members: [Property]) {
    func text(_ members: [Property]) -> [String] {
      members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
    }
    let before = text(members.filter { $0.key < "features" })
    let after = text(members.filter { $0.key > "features" } + [("type", "\"FeatureCollection\"")])
    beginning = "{\((before + ["\"features\":["]).joined(separator: ","))\n"
    ending = "\n],\(after.joined(separator: ","))}\n"
  }

  /// A feature; its geometry is GeoJSON text.
  static func feature(
    id: String, geometry: String, properties: [Property]
  ) throws -> String {
    let fields = properties.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
    return "{\"geometry\":\(geometry),\"id\":\(try JSONText.quoted(id)),"
      + "\"properties\":{\(fields.joined(separator: ","))},\"type\":\"Feature\"}"
  }
}

/// Writes a feature collection feature by feature.
struct GeoJSONFile: ~Copyable {
  private var file: TextFile
  private let ending: String
  private var isEmpty = true

  /// Begins a collection.
  init(_ url: URL, members: [GeoJSONCollection.Property]) throws(PlatformError) {
    let collection = GeoJSONCollection(members: members)
    var file = try TextFile(url)
    try file.append(collection.beginning)
    self.file = file
    ending = collection.ending
  }

  /// Adds a feature; its geometry is GeoJSON text.
  mutating func add(
    id: String, geometry: String, properties: [GeoJSONCollection.Property]
  ) throws {
    let feature = try GeoJSONCollection.feature(
      id: id, geometry: geometry, properties: properties)
    try file.append(isEmpty ? feature : ",\n" + feature)
    isEmpty = false
  }

  /// Completes the file, makes it durable and gives it its name.
  consuming func finish() throws(PlatformError) {
    try file.append(ending)
    try file.finish()
  }
}

/// Text as JSON has it.
enum JSONText {
  /// A string in quotes, with what must be escaped escaped.
  static func quoted(_ text: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return String(decoding: try encoder.encode(text), as: UTF8.self)
  }
}
