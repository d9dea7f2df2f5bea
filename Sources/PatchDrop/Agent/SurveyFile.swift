// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
import Neural
import Platform

/// A survey as a file: safetensors, the same bytes for the same survey.
///
/// Tensors: `chip` `[n, 2]` (row, column), `state` `[n]`, `keep` `[n, P]`, `lr_logits` `[n, N]`,
/// by row, then column. The metadata key `survey` holds the rest as JSON; nothing in it is a time.
public enum SurveyFile {
  private struct Head: Codable {
    var format: Int
    var grid: ChipGrid
    var classes: [String]
    var sceneDigest: String
    var modelDigest: String
    var lowResolutionTemperature: Float
    var reading: SceneReading?
  }

  private static let format = 1

  /// Writes a survey; after a crash the file is whole or as it was.
  ///
  /// - Throws: `PlatformError` where the file cannot be written.
  public static func write(_ survey: Survey, to url: URL) throws {
    let chips = survey.chips
    let head = Head(
      format: format, grid: survey.grid, classes: survey.classes, sceneDigest: survey.sceneDigest,
      modelDigest: survey.modelDigest, lowResolutionTemperature: survey.lowResolutionTemperature,
      reading: survey.reading)
    var file = SafeTensors()
    file.metadata["survey"] = String(decoding: try JSON.encoder().encode(head), as: UTF8.self)
    file.entries["chip"] = .init(
      shape: [chips.count, 2],
      int32: chips.flatMap { [Int32(clamping: $0.chip.row), Int32(clamping: $0.chip.column)] })
    file.entries["state"] = .init(shape: [chips.count], uint8: chips.map(\.state.rawValue))
    file.entries["keep"] = .init(
      Tensor(
        shape: [chips.count, survey.grid.patchGrid.patchCount],
        values: chips.keepProbabilities))
    file.entries["lr_logits"] = .init(
      Tensor(
        shape: [chips.count, survey.classes.count],
        values: chips.lowResolutionLogits))
    try DurableFile.write(file.encoded(), to: url)
  }

  /// Reads a survey.
  ///
  /// - Throws: `ModelError.invalidSurvey` where the file is none.
  public static func read(from url: URL) throws(ModelError) -> Survey {
    func invalid(_ reason: String) -> ModelError {
      .invalidSurvey(path: url.path, reason: reason)
    }
    let file: SafeTensors
    let head: Head
    do {
      file = try SafeTensors(contentsOf: url)
      head = try JSON.decoder().decode(Head.self, from: Data((file.metadata["survey"] ?? "").utf8))
    } catch {
      throw invalid("\(error)")
    }
    guard head.format == format else { throw invalid("format \(head.format), not \(format)") }
    guard let places = file.entries["chip"], let states = file.entries["state"],
      let keep = file.entries["keep"], let logits = file.entries["lr_logits"],
      places.shape.count == 2, places.shape[1] == 2, states.shape == [places.shape[0]],
      keep.shape == [places.shape[0], head.grid.patchGrid.patchCount],
      logits.shape == [places.shape[0], head.classes.count]
    else { throw invalid("a tensor is missing or of another shape") }
    do throws(NeuralError) {
      let chip = try places.int32Values(named: "chip").map(Int.init)
      let state = try states.uint8Values(named: "state")
      let keepValues = try keep.tensor(named: "keep").values
      let logitValues = try logits.tensor(named: "lr_logits").values
      let (patchCount, classCount) = (keep.shape[1], logits.shape[1])
      var chips = SurveyedChips(
        patchCount: patchCount, classCount: classCount, capacity: state.count)
      for (index, value) in state.enumerated() {
        guard let state = ChipState(rawValue: value) else {
          throw NeuralError.invalidSafeTensors(reason: "state \(value)")
        }
        chips.append(
          ChipIndex(column: chip[2 * index + 1], row: chip[2 * index]), state,
          keepProbabilities: keepValues[index * patchCount..<(index + 1) * patchCount],
          lowResolutionLogits: logitValues[index * classCount..<(index + 1) * classCount])
      }
      return Survey(
        grid: head.grid, classes: head.classes, chips: chips, sceneDigest: head.sceneDigest,
        modelDigest: head.modelDigest, lowResolutionTemperature: head.lowResolutionTemperature,
        reading: head.reading)
    } catch {
      throw invalid("\(error)")
    }
  }
}
