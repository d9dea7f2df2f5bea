// SPDX-License-Identifier: Apache-2.0

/// A dense float32 array of any rank, row-major and contiguous; images are `[batch, channels,
/// rows, columns]`.
///
/// A tensor is a value. Copies share memory until one of them is written to, so handing tensors
/// around is cheap, and writing to the only holder of its memory copies nothing.
///
/// ```swift
/// var logits = Tensor(shape: [2, 3], values: [0, 1, 2, 3, 4, 5])
/// logits.withUnsafeMutableBufferPointer { $0[0] = 7 }
/// ```
public struct Tensor: Sendable, Equatable {
  /// The lengths of the axes, slowest first; empty for a single number.
  public private(set) var shape: [Int]
  private var storage: [Float]

  /// Makes a tensor that holds one value everywhere.
  public init(shape: [Int], repeating value: Float = 0) {
    self.shape = shape
    storage = [Float](repeating: value, count: Tensor.count(of: shape))
  }

  /// Makes a tensor from its elements in row-major order.
  ///
  /// - Precondition: there are as many values as the shape has elements.
  public init(shape: [Int], values: [Float]) {
    precondition(
      values.count == Tensor.count(of: shape),
      "A tensor of shape \(shape) cannot hold \(values.count) values.")
    self.shape = shape
    storage = values
  }

  /// Makes a tensor whose elements `fill` writes, every one of them.
  public init(
    shape: [Int], fill: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) rethrows {
    let count = Tensor.count(of: shape)
    self.shape = shape
    storage = try [Float](unsafeUninitializedCapacity: count) { buffer, initialised in
      try fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialised = count
    }
  }

  /// The number of elements.
  public var count: Int { storage.count }

  /// The elements in row-major order.
  public var values: [Float] { storage }

  /// One element by its position in row-major order.
  public subscript(index: Int) -> Float {
    get { storage[index] }
    set { storage[index] = newValue }
  }

  /// Calls `body` with the elements in row-major order.
  public func withUnsafeBufferPointer<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try storage.withUnsafeBufferPointer(body)
  }

  /// Calls `body` with the elements in row-major order, to be changed in place.
  public mutating func withUnsafeMutableBufferPointer<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try storage.withUnsafeMutableBufferPointer { try body($0) }
  }

  /// The same elements under another shape.
  ///
  /// - Precondition: both shapes have the same number of elements.
  public consuming func reshaped(_ newShape: [Int]) -> Tensor {
    precondition(
      Tensor.count(of: newShape) == count, "Cannot give shape \(shape) the shape \(newShape).")
    shape = newShape
    return self
  }

  /// Some of the first axis' entries, in the order given: images of a batch, rows of a matrix.
  public func gathered(_ indices: some Collection<Int>) -> Tensor {
    precondition(!shape.isEmpty, "A single number has no entries to gather.")
    let stride = count / max(shape[0], 1)
    return Tensor(shape: [indices.count] + shape.dropFirst()) { to in
      withUnsafeBufferPointer { from in
        for (position, index) in indices.enumerated() {
          precondition(index >= 0 && index < shape[0], "No entry \(index) in shape \(shape).")
          let source = UnsafeBufferPointer(rebasing: from[index * stride..<(index + 1) * stride])
          _ = UnsafeMutableBufferPointer(
            rebasing: to[position * stride..<(position + 1) * stride]
          ).initialize(from: source)
        }
      }
    }
  }

  /// The number of elements of a shape.
  static func count(of shape: [Int]) -> Int {
    shape.reduce(1) { product, length in
      precondition(length >= 0, "The shape \(shape) has a negative length.")
      return product * length
    }
  }
}

extension Tensor {
  /// Calls `body` with the address of the elements.
  func withPointer<Result>(_ body: (UnsafePointer<Float>) throws -> Result) rethrows -> Result {
    try withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("The tensor is empty.") }
      return try body(base)
    }
  }

  /// Calls `body` with the address of the elements, to be changed in place.
  mutating func withMutablePointer<Result>(
    _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("The tensor is empty.") }
      return try body(base)
    }
  }

  /// Makes a tensor whose elements `fill` writes through their address, every one of them.
  init(shape: [Int], fillPointer fill: (UnsafeMutablePointer<Float>) throws -> Void) rethrows {
    try self.init(shape: shape) { (buffer: UnsafeMutableBufferPointer<Float>) in
      guard let base = buffer.baseAddress else { preconditionFailure("The tensor is empty.") }
      try fill(base)
    }
  }
}
