// SPDX-License-Identifier: Apache-2.0
import Foundation
import Neural
import TestSupport
import Testing

/// Cases of reference vectors: what goes in, what must come out.
struct VectorSet: Sendable {
  /// The fixture in the repository.
  static let fixture = VectorSet(folder: TestPaths.root.appending(path: fixturePath))
  static let fixturePath = "Tests/NeuralTests/Fixtures"

  struct Case: Sendable, Decodable, CustomTestStringConvertible {
    let name: String
    let op: String
    let params: [String: Value]
    let inputs: [String: String]?
    let outputs: [String: String]?
    let gradients: [String: String]?
    let values: [String: [Double]]?

    var testDescription: String { name }

    func number(_ key: String) -> Double? {
      if case .number(let number)? = params[key] { number } else { nil }
    }
    func integer(_ key: String) -> Int { Int(number(key) ?? 0) }
    func flag(_ key: String) -> Bool {
      if case .flag(let flag)? = params[key] { flag } else { false }
    }
    func text(_ key: String) -> String? {
      if case .text(let text)? = params[key] { text } else { nil }
    }
    func numbers(_ key: String) -> [Double] {
      if case .numbers(let numbers)? = params[key] { numbers } else { [] }
    }
  }

  enum Value: Sendable, Decodable {
    case flag(Bool)
    case number(Double)
    case numbers([Double])
    case text(String)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else if let numbers = try? container.decode([Double].self) {
        self = .numbers(numbers)
      } else {
        self = .text(try container.decode(String.self))
      }
    }
  }

  private struct Index: Decodable {
    let cases: [Case]
  }

  let cases: [Case]
  private let tensors: [String: Tensor]

  private init(folder: URL) {
    do {
      let json = try Data(contentsOf: folder.appending(path: "layers.json"))
      cases = try JSONDecoder().decode(Index.self, from: json).cases
      tensors = try SafeTensors(contentsOf: folder.appending(path: "layers.safetensors")).tensors()
    } catch {
      preconditionFailure("The fixture cannot be read: \(error)")
    }
  }

  func cases(of ops: String...) -> [Case] {
    cases.filter { ops.contains($0.op) }
  }

  func input(_ name: String, of item: Case) -> Tensor {
    tensor(item.inputs?[name], name, item)
  }

  func optionalInput(_ name: String, of item: Case) -> Tensor? {
    item.inputs?[name].flatMap { tensors[$0] }
  }

  func output(_ name: String, of item: Case) -> Tensor {
    tensor(item.outputs?[name], name, item)
  }

  func gradient(_ name: String, of item: Case) -> Tensor {
    tensor(item.gradients?[name], name, item)
  }

  private func tensor(_ key: String?, _ name: String, _ item: Case) -> Tensor {
    guard let key, let tensor = tensors[key] else {
      preconditionFailure("The case \(item.name) has no tensor \(name).")
    }
    return tensor
  }
}

extension Tensor {
  /// The largest difference from `reference`, over the largest magnitude in it; infinite where the
  /// shapes differ.
  func deviation(from reference: Tensor) -> Double {
    guard shape == reference.shape else { return .infinity }
    var difference = 0.0
    var magnitude = 0.0
    for (value, expected) in zip(values, reference.values) {
      guard value.isFinite else { return .infinity }
      difference = max(difference, abs(Double(value) - Double(expected)))
      magnitude = max(magnitude, abs(Double(expected)))
    }
    return difference / max(magnitude, 1e-30)
  }

  /// Numbers in [-1, 1).
  static func random(
    _ shape: [Int], using generator: inout some RandomNumberGenerator
  ) -> Tensor {
    let count = shape.reduce(1, *)
    return Tensor(
      shape: shape, values: (0..<count).map { _ in .random(in: -1..<1, using: &generator) })
  }
}

extension Layer {
  /// The layer's output by an inference plan of its own.
  func infer(_ input: Tensor, threadCount: Int) -> Tensor {
    InferencePlan.output(of: self, for: input, threadCount: threadCount)
  }
}
