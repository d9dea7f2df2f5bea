// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Testing

@Suite struct SurveyedChipsTests {
  private func chips() -> SurveyedChips {
    var chips = SurveyedChips(patchCount: 4, classCount: 2, capacity: 3)
    for column in 0..<3 {
      let index = ChipIndex(column: column, row: 7)
      if column == 1 {
        chips.append(index, unplanned: .outsideScene)
      } else {
        let keep = (0..<4).map { Float(10 * column + $0) }
        chips.append(
          index, .surveyed, keepProbabilities: keep, lowResolutionLogits: [Float(column), -1])
      }
    }
    return chips
  }

  @Test func `each chip comes back as it was added`() {
    let chips = chips()
    #expect(chips.map(\.chip.column) == [0, 1, 2])
    #expect(chips.map(\.state) == [.surveyed, .outsideScene, .surveyed])
    #expect(
      chips[2]
        == ChipSurvey(
          chip: ChipIndex(column: 2, row: 7), state: .surveyed,
          keepProbabilities: [20, 21, 22, 23], lowResolutionLogits: [2, -1]))
    #expect(chips[1].keepProbabilities == [0, 0, 0, 0] && chips[1].lowResolutionLogits == [0, 0])
  }

  @Test func `figures of all chips lie side by side`() {
    #expect(chips().keepProbabilities == [0, 1, 2, 3, 0, 0, 0, 0, 20, 21, 22, 23])
    #expect(chips().lowResolutionLogits == [0, -1, 0, 0, 2, -1])
  }

  @Test func `single records make the same survey`() {
    let grid = ChipGrid(
      crs: "EPSG:32632", chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8,
      patchGrid: .paper, origin: .scene, sceneCorner: ProjectedPoint(x: 600_000, y: 5_400_000))
    var chips = SurveyedChips(patchCount: 16, classCount: 1, capacity: 0)
    for row in 0..<3 {
      chips.append(
        ChipIndex(column: 0, row: row), .surveyed,
        keepProbabilities: (0..<16).map { Float($0 * row) }, lowResolutionLogits: [Float(row)])
    }
    func survey(_ chips: SurveyedChips) -> Survey {
      Survey(
        grid: grid, classes: ["a"], chips: chips, sceneDigest: "", modelDigest: "",
        lowResolutionTemperature: 1)
    }
    let single = Survey(
      grid: grid, classes: ["a"], chips: Array(chips), sceneDigest: "", modelDigest: "",
      lowResolutionTemperature: 1)
    #expect(survey(chips) == single)
  }
}
