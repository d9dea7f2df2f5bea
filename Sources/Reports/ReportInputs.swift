// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
public import Ledger
public import Planning

/// Everything that a report is made from: durable results of a job, read by the caller.
///
/// Nothing else goes in, the time of day included, so that equal inputs give equal bytes.
///
/// ```swift
/// let report = try ReportWriter.write(inputs, to: folder) { chip, patches in
///   try catalogue.pixels(of: patches, in: chip)
/// }
/// print(ReportSummary.text(report))
/// ```
public struct ReportInputs: Sendable {
  /// The job.
  public var job: ReportJob
  /// The LR scene.
  public var scene: ReportScene
  /// The model.
  public var model: ReportModel
  /// What is bought, also where nothing was; nil for a job that has no vendor.
  public var product: ProductID?
  /// The coordinate reference system of the survey's lattice, `EPSG:n` or WKT.
  public var crs: String
  /// What the agent said of every chip, those that it could not see included.
  public var survey: Survey
  /// The patches that the plan asked for, by chip.
  public var wanted: [ChipIndex: PatchMask]
  /// The patches that the plan found owned, by chip; those that an answer used and no order of
  /// the job bought count as owned as well.
  public var owned: [ChipIndex: PatchMask]
  /// The orders of the job as the ledger has them, oldest first.
  public var orders: [OrderRecord]
  /// The answers, for surveyed chips.
  public var results: [ChipResult]
  /// The ledger's entries of the budget; those of other jobs' orders may be among them.
  public var entries: [LedgerEntry]
  /// The budget that pays.
  public var budget: String
  /// The currency of the budget.
  public var currency: Currency
  /// What every patch of the surveyed chips would cost by the vendor's price rule.
  public var priceOfEverything: Money?
  /// Why each surveyed chip gets what it gets, as the plan says.
  public var reasons: [ChipIndex: PlanReason]
  /// The area that the vendor bills for an order, in square millimetres, where its quote says so.
  public var billedAreas: [UUID: Int64]
  /// Where the vendor's prices come from.
  public var priceSource: String?
  /// What the vendor's licence asks for.
  public var licence: Licence?
  /// The years in which the imagery was bought; its notice names them.
  public var contentYears: [Int]
  /// Who else is to be named: the scene's and the model's sources.
  public var attributions: [String]
  /// How long each stage of the job took, where that is known.
  public var stages: [ReportStage]
  /// What else a reader may want to know: versions, seed, BLAS core.
  public var facts: [ReportFact]

  /// Creates the inputs of a job that has bought nothing yet; set the other fields as they come.
  public init(
    job: ReportJob, scene: ReportScene, model: ReportModel, crs: String, survey: Survey,
    budget: String, currency: Currency
  ) {
    self.job = job
    self.scene = scene
    self.model = model
    self.crs = crs
    self.survey = survey
    self.budget = budget
    self.currency = currency
    product = nil
    wanted = [:]
    owned = [:]
    orders = []
    results = []
    entries = []
    priceOfEverything = nil
    reasons = [:]
    billedAreas = [:]
    priceSource = nil
    licence = nil
    contentYears = []
    attributions = []
    stages = []
    facts = []
  }

  /// The notices of everything that went in, each once: the imagery's, then the others'.
  var notices: [String] {
    let own = contentYears.sorted().compactMap { licence?.attribution(year: $0) }
    return (own + attributions).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

/// How long a stage of a job took.
public struct ReportStage: Hashable, Sendable, Codable {
  /// The stage, in words.
  public let name: String
  /// Its duration, in seconds.
  public let durationS: Double

  /// Creates the time of a stage.
  public init(_ name: String, seconds: Double) {
    self.name = name
    durationS = seconds
  }
}

/// A job, as its report names it.
public struct ReportJob: Hashable, Sendable, Codable {
  /// The job's id.
  public let id: String
  /// What the person called it.
  public let tag: String?
  /// Where it is in its life.
  public let state: JobState
  /// When it was submitted.
  public let submittedAt: Date
  /// When its last result was ready.
  public let finishedAt: Date

  /// Creates the facts of a job.
  public init(id: String, tag: String?, state: JobState, submittedAt: Date, finishedAt: Date) {
    self.id = id
    self.tag = tag
    self.state = state
    self.submittedAt = submittedAt
    self.finishedAt = finishedAt
  }
}

/// The LR scene of a job.
public struct ReportScene: Hashable, Sendable {
  /// The scene's id.
  public let id: String
  /// What the person called it, such as the name of its file.
  public let name: String
  /// The SHA-256 of the clean copy.
  public let digest: String
  /// The clean copy, in whichever system; the pictures show it as the chips lie.
  public let file: URL
  /// The side of a pixel, in metres.
  public let pixelSizeMetres: Double
  /// When it was taken, where its file tells.
  public let acquiredAt: Date?

  /// Creates the facts of a scene.
  public init(
    id: String, name: String, digest: String, file: URL, pixelSizeMetres: Double,
    acquiredAt: Date? = nil
  ) {
    self.id = id
    self.name = name
    self.digest = digest
    self.file = file
    self.pixelSizeMetres = pixelSizeMetres
    self.acquiredAt = acquiredAt
  }
}

/// The model that surveyed and classified.
public struct ReportModel: Hashable, Sendable, Codable {
  /// The bundle's name.
  public let name: String
  /// The SHA-256 of the bundle.
  public let digest: String
  /// Bands of the HR pixels.
  public let bandCount: Int

  /// Creates the facts of a model.
  public init(name: String, digest: String, bandCount: Int) {
    self.name = name
    self.digest = digest
    self.bandCount = bandCount
  }
}

/// A line of a report's small print: `BLAS core`, `SkylakeX`.
public struct ReportFact: Hashable, Sendable, Codable {
  /// What it is.
  public let name: String
  /// What it says.
  public let value: String

  /// Creates a line.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}
