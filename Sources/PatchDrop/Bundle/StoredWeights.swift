// SPDX-License-Identifier: Apache-2.0

import Neural

/// How a bundle stores the weights of its networks, so that many networks fit into few bytes.
///
/// Large matrices are 8-bit integers with a float32 scale for each row of the first axis (an
/// output channel) in a tensor `NAME.scale`; a weight is its integer times its row's scale. Small
/// matrices and the heads of policies, which a threshold cuts, are float16, vectors float32. Each
/// of these forms is read for any tensor.
struct StoredWeights {
  /// A matrix of so many numbers is worth a tensor of scales.
  static let smallestScaledCount = 4096
  /// The largest integer; there are as many on both sides of zero.
  static let largestInteger: Float = 127

  let file: SafeTensors
  let path: String

  /// Opens the weights of a file.
  ///
  /// - Throws: `ModelError.notABundle` where a scale has no matrix of 8-bit integers.
  init(_ file: SafeTensors, path: String) throws(ModelError) {
    for name in file.entries.keys.sorted() {
      guard let matrix = Self.matrix(ofScale: name) else { continue }
      guard file.entries[matrix]?.type == .int8 else {
        throw .notABundle(
          path: path, reason: "its tensor \(name) scales no matrix of 8-bit integers")
      }
    }
    self.file = file
    self.path = path
  }

  /// The tensors whose names start with `prefix`, by the rest of their names; all are finite.
  func tensors(prefix: String) throws(ModelError) -> [String: Tensor] {
    var found: [String: Tensor] = [:]
    let wanted = file.entries.filter {
      $0.key.hasPrefix(prefix) && Self.matrix(ofScale: $0.key) == nil
    }
    for (name, entry) in wanted.sorted(by: { $0.key < $1.key }) {
      let tensor = try tensor(name, entry)
      guard tensor.values.allSatisfy(\.isFinite) else {
        throw .notFinite(path: path, tensor: name)
      }
      found[String(name.dropFirst(prefix.count))] = tensor
    }
    return found
  }

  /// Adds a tensor to a file in the form that it is stored in.
  static func add(_ tensor: Tensor, named name: String, to file: inout SafeTensors) {
    if tensor.shape.count < 2 || !tensor.values.allSatisfy(\.isFinite) {
      // What is no number stays so, and the file is refused for it.
      file.entries[name] = .init(tensor)
    } else if tensor.count < smallestScaledCount || name.contains(".policy.") {
      file.entries[name] = .init(float16: tensor)
    } else {
      let (integers, scales) = rounded(tensor)
      file.entries[name] = .init(shape: tensor.shape, int8: integers)
      file.entries[name + scaleEnding] = .init(Tensor(shape: [scales.count], values: scales))
    }
  }

  private static let scaleEnding = ".scale"

  /// The name of the matrix that a tensor scales; nil where it is no scale.
  private static func matrix(ofScale name: String) -> String? {
    name.hasSuffix(scaleEnding) ? String(name.dropLast(scaleEnding.count)) : nil
  }

  private func tensor(
    _ name: String, _ entry: SafeTensors.Entry
  ) throws(ModelError) -> Tensor {
    let scales = entry.type == .int8 ? try scales(of: name, entry.shape) : []
    do throws(NeuralError) {
      guard entry.type == .int8 else { return try entry.tensor(named: name) }
      return scaled(try entry.int8Values(named: name), shape: entry.shape, by: scales)
    } catch {
      throw .notABundle(path: path, reason: error.bundleProblem)
    }
  }

  /// The scales of a matrix, one for each row of the first axis.
  private func scales(of matrix: String, _ shape: [Int]) throws(ModelError) -> [Float] {
    let name = matrix + Self.scaleEnding
    let rows = Array(shape.prefix(1))
    guard let entry = file.entries[name] else {
      throw .missingTensor(path: path, tensor: name, expectedShape: rows)
    }
    guard entry.shape == rows, rows.count == 1 else {
      throw .wrongShape(path: path, tensor: name, expected: rows, found: entry.shape)
    }
    guard entry.type == .float32 else {
      throw .notABundle(
        path: path, reason: "its tensor \(name) holds \(entry.type.rawValue), not F32")
    }
    let scales = try tensor(name, entry).values
    guard scales.allSatisfy(\.isFinite) else { throw .notFinite(path: path, tensor: name) }
    if let negative = scales.first(where: { $0 < 0 }) {
      throw .notABundle(path: path, reason: "its tensor \(name) holds the scale \(negative)")
    }
    return scales
  }

  private func scaled(_ integers: [Int8], shape: [Int], by scales: [Float]) -> Tensor {
    let width = max(integers.count / max(scales.count, 1), 1)
    return Tensor(
      shape: shape, values: integers.indices.map { Float(integers[$0]) * scales[$0 / width] })
  }

  /// A tensor's numbers as integers and the scales of its rows: the largest number of a row
  /// becomes ``largestInteger``.
  private static func rounded(_ tensor: Tensor) -> (integers: [Int8], scales: [Float]) {
    let values = tensor.values
    let width = values.count / tensor.shape[0]
    var integers: [Int8] = []
    var scales: [Float] = []
    integers.reserveCapacity(values.count)
    for row in 0..<tensor.shape[0] {
      let row = values[row * width..<(row + 1) * width]
      let scale = (row.map(\.magnitude).max() ?? 0) / largestInteger
      scales.append(scale)
      for value in row {
        let integer = scale > 0 ? (value / scale).rounded(.toNearestOrEven) : 0
        integers.append(Int8(max(-largestInteger, min(largestInteger, integer))))
      }
    }
    return (integers, scales)
  }
}
