// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Neural
import PatchDrop
import Platform
import Testing

/// How training images are changed.
@Suite struct AugmentationTests {
  private static let side = 16
  private static let zoom = 4

  /// One image whose blocks are each of one value, and so are exact in the mean.
  private func images() -> TrainingChips {
    let (side, zoom) = (Self.side, Self.zoom)
    let samples = (0..<side * side).map { place in
      UInt8(1 + place / side / zoom * 40 + place % side / zoom * 7)
    }
    let chips = LabelledChips(
      classes: ["a", "b"], paths: ["a/1"], labels: [0], splits: [.train], samples: samples,
      bandCount: 1, side: side, zoom: zoom)
    return TrainingChips(
      chips, grid: .paper, normalisation: Normalisation(mean: [0], std: [1]))
  }

  @Test func `LR pixels of a view are the means of its HR pixels`() {
    let images = images()
    var generator = SeededGenerator(seed: 3)
    let augmentation = Augmentation(cropPaddingPixels: 8, colourJitter: 0.2)
    var shifts: Set<Int> = []
    for _ in 0..<64 {
      let view = augmentation.view(step: Self.zoom, using: &generator)
      shifts.insert(view.rowShift)
      let high = images.highBatch([0], views: [view])
      let low = images.lowBatch([0], views: [view])
      let count = Self.side / Self.zoom
      for row in 0..<count {
        for column in 0..<count {
          let corner = high[row * Self.zoom * Self.side + column * Self.zoom]
          #expect(low[row * count + column] == corner, "\(view) at \(row), \(column)")
        }
      }
    }
    #expect(shifts == [-8, -4, 0, 4, 8])
  }

  @Test func `a moved image comes in from the other side, mean colour after it`() {
    let images = images()
    var view = ChipView()
    view.rowShift = 5
    let (plain, moved) = (images.highBatch([0]), images.highBatch([0], views: [view]))
    for row in 0..<Self.side {
      let expected = row + 5 < Self.side ? plain[(row + 5) * Self.side] : 0
      #expect(moved[row * Self.side] == expected)
    }
  }

  @Test func `each part can be off, and upright images stay upright`() {
    func ways(_ augmentation: Augmentation) -> Set<Int> {
      var generator = SeededGenerator(seed: 1)
      return Set(
        (0..<200).map { _ in
          let turned = augmentation.view(step: 1, using: &generator).turned
          return Dihedral.all.firstIndex(of: turned) ?? -1
        })
    }
    #expect(ways(Augmentation()).count == 8)
    #expect(ways(.none) == [0])
    #expect(ways(Augmentation(transposes: false)) == [0, 1, 2, 3])
    #expect(ways(Augmentation(upright: true)) == [0, 1])
    var generator = SeededGenerator(seed: 1)
    #expect(Augmentation.none.view(step: 1, using: &generator) == .plain)
  }

  @Test func `an image is answered by the fold that has not seen it`() throws {
    let chips = StripedChips.make(count: 96)
    let data = TrainingChips(
      chips, grid: .paper, normalisation: Normalisation(mean: [0.4], std: [0.2]))
    var generator = SeededGenerator(seed: 8)
    let networks = try (0..<3).map { _ in
      try Network(StripedChips.design.lrClassifier, using: &generator)
    }
    let answers = LowAnswers(networks[0], folds: Array(networks[1...]), data: data)
    for (place, index) in chips.indices(of: .train).enumerated().prefix(6) {
      let pixels = data.lowBatch([index])
      #expect(
        answers.logits([index], pixels: pixels) == networks[1 + place % 2].evaluate(pixels))
    }
    let tune = chips.indices(of: .tune)
    let pixels = data.lowBatch(tune)
    #expect(answers.logits(tune, pixels: pixels) == networks[0].evaluate(pixels))
  }
}
