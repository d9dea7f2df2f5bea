// SPDX-License-Identifier: Apache-2.0

/// How the places along one axis of an image are made from those of another length: each is a
/// weighted sum of a run of neighbours.
struct AxisResampling: Sendable, Equatable {
  /// The neighbours of one place of the output.
  struct Run: Sendable, Equatable {
    /// The first neighbour's place in the input.
    let first: Int
    /// The neighbours' weights, which sum to 1.
    let weights: [Float]
  }

  let inputLength: Int
  let runs: [Run]

  var outputLength: Int { runs.count }

  init(_ method: Resampling.Method, from inputLength: Int, to outputLength: Int) {
    precondition(
      inputLength > 0 && outputLength > 0,
      "An axis of \(inputLength) places cannot become one of \(outputLength).")
    self.inputLength = inputLength
    let scale = Double(inputLength) / Double(outputLength)
    runs = (0..<outputLength).map { place in
      switch method {
      case .nearest:
        return Run(first: place * inputLength / outputLength, weights: [1])
      case .bilinear:
        return Self.hat(
          at: max((Double(place) + 0.5) * scale, 0.5), reach: 1, inputLength: inputLength)
      case .antialiasedBilinear:
        return Self.hat(
          at: (Double(place) + 0.5) * scale, reach: max(scale, 1), inputLength: inputLength)
      case .area:
        let first = place * inputLength / outputLength
        let end = ((place + 1) * inputLength + outputLength - 1) / outputLength
        let weight = 1 / Float(end - first)
        return Run(first: first, weights: Array(repeating: weight, count: end - first))
      }
    }
  }

  /// The weights of a hat of half-width `reach` around `centre`, where places' middles lie at
  /// 0.5, 1.5 and so on, cut off at the image's edges.
  private static func hat(at centre: Double, reach: Double, inputLength: Int) -> Run {
    let first = max(Int(centre - reach + 0.5), 0)
    let end = min(max(Int(centre + reach + 0.5), first + 1), inputLength)
    let heights = (first..<end).map { max(1 - abs(Double($0) + 0.5 - centre) / reach, 0) }
    let sum = heights.reduce(0, +)
    return Run(first: first, weights: heights.map { Float($0 / sum) })
  }

  /// Writes the output's rows from the input's, each `width` long.
  func resampleRows(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, width: Int
  ) {
    for (place, run) in runs.enumerated() {
      let target = output + place * width
      target.update(repeating: 0, count: width)
      for (step, weight) in run.weights.enumerated() {
        let source = input + (run.first + step) * width
        for column in 0..<width { target[column] += weight * source[column] }
      }
    }
  }

  /// Writes the output's columns from the input's, for `height` rows.
  func resampleColumns(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, height: Int
  ) {
    for row in 0..<height {
      let (source, target) = (input + row * inputLength, output + row * outputLength)
      for (place, run) in runs.enumerated() {
        var sum: Float = 0
        for (step, weight) in run.weights.enumerated() { sum += weight * source[run.first + step] }
        target[place] = sum
      }
    }
  }

  /// Writes the gradient of the input's rows, given that of the output's: `resampleRows`
  /// transposed.
  func spreadRows(
    _ output: UnsafePointer<Float>, into input: UnsafeMutablePointer<Float>, width: Int
  ) {
    input.update(repeating: 0, count: inputLength * width)
    for (place, run) in runs.enumerated() {
      let source = output + place * width
      for (step, weight) in run.weights.enumerated() {
        let target = input + (run.first + step) * width
        for column in 0..<width { target[column] += weight * source[column] }
      }
    }
  }

  /// Writes the gradient of the input's columns, given that of the output's: `resampleColumns`
  /// transposed.
  func spreadColumns(
    _ output: UnsafePointer<Float>, into input: UnsafeMutablePointer<Float>, height: Int
  ) {
    input.update(repeating: 0, count: height * inputLength)
    for row in 0..<height {
      let (source, target) = (output + row * outputLength, input + row * inputLength)
      for (place, run) in runs.enumerated() {
        for (step, weight) in run.weights.enumerated() {
          target[run.first + step] += weight * source[place]
        }
      }
    }
  }
}
