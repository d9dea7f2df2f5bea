// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Neural
import PatchDrop
import Raster
import Testing

/// Single looks at chips, and a bundle held against its own rows.
@Suite struct GlanceTests {
  private let tiny: TinyBundle
  private let bundle: ModelBundle

  init() throws {
    tiny = try TinyBundle.shared.get()
    bundle = try ModelBundle(tiny.data, path: "tiny")
  }

  private func chip(_ index: Int) -> Window<UInt8> {
    Window(bandCount: 1, height: 16, width: 16, samples: Array(tiny.chips.highSamples(index)))
  }

  @Test(arguments: AgentVariant.allCases)
  func `a glance says what an evaluation says`(variant: AgentVariant) throws {
    let val = tiny.chips.indices(of: .val)
    let agent = bundle.agent(variant)
    for index in val.prefix(6) {
      let glance = bundle.glance(at: chip(index), variant: variant)
      #expect(glance.low.samples == Array(tiny.chips.lowSamples(index)))
      let look = agent.looks([tiny.chips.lowSamples(index).map { Float($0) }])[0]
      #expect(glance.keepProbabilities == look.keepProbabilities)
      #expect(
        glance.mask
          == MaskPolicy.mask(
            keepProbabilities: look.keepProbabilities, threshold: agent.threshold))
      let answers = agent.answers(
        [PatchMask.none, glance.mask].map {
          Agent.Question(
            samples: tiny.chips.highSamples(index), mask: $0, lowLogits: look.lowLogits)
        })
      #expect([glance.nothing, glance.bought] == answers)
    }
    // A threshold at its ends buys everything or nothing.
    let all = bundle.glance(at: chip(val[0]), variant: variant, threshold: 0)
    let none = bundle.glance(at: chip(val[0]), variant: variant, threshold: 1)
    #expect(all.mask == .all(of: .paper) && none.mask.isEmpty)
    #expect(none.bought == none.nothing)
  }

  @Test func `an image of another form is no chip`() {
    func misfit(_ width: Int, _ height: Int, _ bands: Int) -> (found: String, expected: String)? {
      bundle.misfit(
        of: Window(
          bandCount: bands, height: height, width: width,
          samples: [UInt8](repeating: 0, count: width * height * bands)))
    }
    #expect(misfit(16, 16, 1) == nil)
    #expect(misfit(16, 8, 1)?.found == "16 x 8 pixels of 1 band")
    #expect(misfit(16, 16, 3)?.found == "16 x 16 pixels of 3 bands")
    #expect(misfit(16, 16, 3)?.expected == "16 x 16 pixels of 1 band")
  }

  @Test func `a picture shows what is bought, and hides the rest`() throws {
    var picture = GlancePicture(card: bundle.card)
    #expect(picture.window == nil)
    let index = tiny.chips.indices(of: .val)[0]
    for threshold: Float in [0, 1] {
      picture.add(chip(index), bundle.glance(at: chip(index), threshold: threshold))
    }
    let window = try #require(picture.window)
    // Three panels of 16 x 16 pixels enlarged by 16, with gaps of 8, for each chip.
    #expect(window.bandCount == 3 && window.width == 3 * 256 + 16 && window.height == 2 * 256 + 8)
    func pixel(_ x: Int, _ y: Int) -> UInt8 { window.samples[y * window.width + x] }
    for place in [(0, 0), (9, 3), (15, 15)] {
      let (x, y) = (place.0 * 16 + 8, place.1 * 16 + 8)
      let sample = tiny.chips.highSamples(index).dropFirst(place.1 * 16 + place.0).first
      // Bought: as it is, in the middle and to the right.
      #expect(pixel(264 + x, y) == sample && pixel(528 + x, y) == sample)
      // Not bought: veiled in the middle, and to the right the mean that the classifier sees.
      let mean = UInt8((bundle.card.normalisation.mean[0] * 255).rounded())
      #expect(pixel(528 + x, 264 + y) == mean)
      #expect(pixel(264 + x, 264 + y) >= 153)
    }
  }

  @Test func `a bundle's networks are named and counted`() throws {
    let networks = bundle.networks
    #expect(networks.count == 2 + 3 * 2 + 6)
    for network in networks {
      let trained = tiny.tensors.filter {
        $0.key.hasPrefix(network.name + ".") && !$0.key.contains("running_")
          && !$0.key.hasSuffix("num_batches_tracked")
      }
      #expect(network.parameterCount == trained.values.reduce(0) { $0 + $1.count })
    }
    let shapes = Dictionary(uniqueKeysWithValues: networks.map { ($0.name, $0.shape) })
    #expect(
      shapes["hr"] == "residual: 3x3 of 8 with stride 2, 2 of 8, 2 of 16 with stride 2, "
        + "2 of 32 with stride 2")
    #expect(shapes["ft2.policy"] == "perceptron 19-32-16")
    #expect(try bundle.checkAnswers() == 2 * (3 + 6))
  }

  @Test func `a bundle holds against its own rows, and not against others`() throws {
    let val = tiny.chips.indices(of: .val)
    let found = try Evaluation(bundle: bundle, chips: tiny.chips, indices: val).rows()
    let same = MeasuredComparison.all(
      stored: bundle.card.measured, found: found, onSameChips: true)
    #expect(same.count == bundle.card.measured.count && same.allSatisfy(\.agrees))
    var wrong = found
    wrong[0].accuracy += 0.01
    wrong[1].patches += 0.1
    let disagreeing = MeasuredComparison.all(stored: wrong, found: found, onSameChips: true)
    #expect(disagreeing.prefix(3).map(\.agrees) == [false, false, true])
    // Of other chips a point less is no contradiction; a row that is gone is.
    let other = MeasuredComparison.all(
      stored: wrong, found: Array(found.dropLast()), onSameChips: false)
    #expect(other[0].agrees && other.last?.agrees == false && other.last?.found == nil)
  }
}
