// SPDX-License-Identifier: Apache-2.0

/// A model bundle that the daemon can use.
public struct ModelRecord: Hashable, Sendable, Codable {
  /// How one way of buying did on labelled chips that training did not see.
  public struct Measured: Hashable, Sendable, Codable {
    /// The way of buying: `lr_cnn` buys nothing, `hr_cnn` everything, `patchdrop` what it chooses.
    public let system: String
    /// The variant; nil for the classifiers that stand alone.
    public let stage: String?
    /// The share of right answers.
    public let accuracy: Double
    /// The ends of its 95 % interval.
    public let accuracyInterval: [Double]?
    /// S, the mean number of patches bought of a chip.
    public let patches: Double
    /// The share of the cost of buying everything.
    public let costShare: Double
    /// The expected calibration error of the answers' probabilities.
    public let calibrationError: Double?

    /// Creates a row.
    public init(
      system: String, stage: String?, accuracy: Double, accuracyInterval: [Double]?,
      patches: Double, costShare: Double, calibrationError: Double?
    ) {
      self.system = system
      self.stage = stage
      self.accuracy = accuracy
      self.accuracyInterval = accuracyInterval
      self.patches = patches
      self.costShare = costShare
      self.calibrationError = calibrationError
    }
  }

  /// The name by which jobs choose it.
  public let name: String
  /// The first 16 hexadecimal digits of the bundle's SHA-256.
  public let id: String
  /// The classes it knows, in their order.
  public let classes: [String]
  /// The side of a chip in HR pixels.
  public let chipPixels: Int
  /// The side of an HR pixel, in metres.
  public let groundSampleDistanceMetres: Double
  /// HR pixels along one LR pixel.
  public let zoom: Int
  /// The number of patches of a chip.
  public let patchCount: Int
  /// The variant that jobs use.
  public let variant: String
  /// The keep probability from which a patch is bought.
  public let keepThreshold: Double
  /// What was measured, from the model's card.
  public let measured: [Measured]
  /// The data set that it was trained on.
  public let trainedOn: String
  /// Who made those images, and on which terms.
  public let attribution: String

  /// Creates a record.
  public init(
    name: String, id: String, classes: [String], chipPixels: Int,
    groundSampleDistanceMetres: Double, zoom: Int, patchCount: Int, variant: String,
    keepThreshold: Double, measured: [Measured], trainedOn: String, attribution: String
  ) {
    self.name = name
    self.id = id
    self.classes = classes
    self.chipPixels = chipPixels
    self.groundSampleDistanceMetres = groundSampleDistanceMetres
    self.zoom = zoom
    self.patchCount = patchCount
    self.variant = variant
    self.keepThreshold = keepThreshold
    self.measured = measured
    self.trainedOn = trainedOn
    self.attribution = attribution
  }
}
