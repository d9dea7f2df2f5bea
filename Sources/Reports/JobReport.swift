// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
public import Ledger
public import Planning

/// What a job planned, bought, spent and found: `report.json`.
///
/// ```swift
/// let report = try JSON.decoder().decode(JobReport.self, from: data)
/// try report.check(against: entries)
/// ```
public struct JobReport: Hashable, Sendable, Codable {
  /// The format that this program writes.
  public static let currentFormat = 1

  /// The format of the file.
  public let format: Int
  /// The job.
  public let job: ReportJob
  /// The LR scene.
  public let scene: Scene
  /// How the scene was read; absent in a report from before that was kept.
  public let reading: SceneReading?
  /// The model.
  public let model: ReportModel
  /// What was on sale; absent for a job without a vendor.
  public let product: ProductID?
  /// The chips' geometry.
  public let grid: Grid
  /// The chips.
  public let chips: Chips
  /// The patches.
  public let patches: Patches
  /// The money.
  public let money: Amounts
  /// The orders, as they were drafted.
  public let orders: [Order]
  /// The classes, by index.
  public let classes: [ClassArea]
  /// How good the answers are likely to be.
  public let accuracy: Accuracy
  /// Why the surveyed chips get what they get, the most frequent reason first.
  public let choices: [Choice]
  /// Where the vendor's prices come from.
  public let priceSource: String?
  /// What the vendor's licence asks for.
  public let licence: Licence?
  /// Who is to be named: the notices of all that went in.
  public let attributions: [String]
  /// How long the stages took, where that is known.
  public let stages: [ReportStage]
  /// The small print.
  public let facts: [ReportFact]

  /// The LR scene.
  public struct Scene: Hashable, Sendable, Codable {
    /// The scene's id.
    public let id: String
    /// What the person called it.
    public let name: String
    /// The SHA-256 of the clean copy.
    public let digest: String
    /// The side of a pixel, in metres.
    public let pixelSizeM: Double
    /// When it was taken, where its file tells.
    public let acquiredAt: Date?
  }

  /// The chips' geometry.
  public struct Grid: Hashable, Sendable, Codable {
    /// The coordinate reference system, as the lattice names it.
    public let crs: String
    /// The side of a chip, in metres.
    public let chipSideM: Double
    /// The side of a chip, in HR pixels.
    public let chipPixels: Int
    /// HR pixels along one LR pixel.
    public let zoom: Int
    /// Patches of a chip.
    public let patchesPerChip: Int
    /// The area of a patch, in square metres.
    public let patchAreaM2: Double
  }

  /// The chips of a job.
  public struct Chips: Hashable, Sendable, Codable {
    /// Those of the region.
    public let total: Int
    /// Those that could be planned.
    public let surveyed: Int
    /// Those that have an answer.
    public let classified: Int
    /// The others, with the reason.
    public let notSurveyed: [NotSurveyed]
  }

  /// A chip that could not be planned.
  public struct NotSurveyed: Hashable, Sendable, Codable {
    /// The chip's column.
    public let column: Int
    /// The chip's row.
    public let row: Int
    /// `too_few_valid_pixels` or `outside_scene`.
    public let reason: String
  }

  /// A reason and how many chips it holds for.
  public struct Choice: Hashable, Sendable, Codable {
    /// Why.
    public let reason: PlanReason
    /// Chips.
    public let chips: Int
  }

  /// The patches of the surveyed chips.
  public struct Patches: Hashable, Sendable, Codable {
    /// All of them.
    public let total: Int
    /// Those that the plan asked for.
    public let wanted: Int
    /// Those that this job bought.
    public let bought: Int
    /// Those that it used and had before.
    public let owned: Int
    /// Bought or owned patches a chip: the paper's S.
    public let usedPerChip: Double
    /// Bought patches as a share of all.
    public let boughtShare: Double
  }

  /// The money, all of it from the ledger's entries but the price of everything.
  public struct Amounts: Hashable, Sendable, Codable {
    /// The budget.
    public let budget: String
    /// Given to the budget so far.
    public let granted: Money
    /// All that was ever held for the job's orders, whatever became of it.
    public let heldInAll: Money
    /// Paid for the job's orders.
    public let captured: Money
    /// Given back from the holds of the job's orders.
    public let released: Money
    /// Paid for the job's orders, and returned.
    public let refunded: Money
    /// Paid and not returned.
    public let spent: Money
    /// In dispute with the vendor.
    public let disputed: Money
    /// What all patches of the surveyed chips would cost by the vendor's price rule.
    public let priceOfEverything: Money?
    /// The price of everything, less what was spent.
    public let saved: Money?
    /// What was spent as a share of the price of everything.
    public let costShare: Double?
  }

  /// An order of the job.
  public struct Order: Hashable, Sendable, Codable {
    /// Our key.
    public let key: String
    /// The vendor's name for it.
    public let vendorOrder: String?
    /// What was ordered.
    public let product: ProductID
    /// Where it is in its life.
    public let state: OrderState
    /// Rectangles ordered.
    public let items: Int
    /// Rectangles bought.
    public let itemsBought: Int
    /// Patches ordered.
    public let patches: Int
    /// Patches bought.
    public let patchesBought: Int
    /// The area bought, in square metres.
    public let areaM2: Double
    /// The area of what was ordered, in square metres.
    public let neededAreaM2: Double
    /// The area that the vendor bills for it, in square metres, where its quote says so.
    public let billedAreaM2: Double?
    /// The vendor's quote.
    public let price: Money?
    /// Paid, by the ledger.
    public let captured: Money
    /// Paid and not returned, by the ledger.
    public let charged: Money
    /// In dispute with the vendor, by the ledger.
    public let disputed: Money
    /// The newest dispute about the vendor's charge, open or closed.
    public let dispute: DisputeRecord?
    /// Why a person must decide, where one must.
    public let parking: Parking?
  }

  /// A class and the ground that it covers.
  public struct ClassArea: Hashable, Sendable, Codable {
    /// The class's index, as in `classes.tif`.
    public let index: Int
    /// The class's name.
    public let name: String
    /// Chips of the class.
    public let chips: Int
    /// Their area, in square metres.
    public let areaM2: Double
    /// Their area, in square kilometres.
    public let areaKm2: Double
    /// Their area on the ellipsoid, in square metres; the others are those of the lattice.
    public let geodesicAreaM2: Double
    /// Their share of the chips that have an answer.
    public let share: Double
    /// The mean probability of their answers; absent where there are none.
    public let meanProbability: Double?
  }

  /// How good the answers are likely to be: not measured, as the job has no truth.
  public struct Accuracy: Hashable, Sendable, Codable {
    /// What the figures are.
    public let method: String
    /// The mean probability of the answers; absent where there are none.
    public let estimated: Double?
    /// The same from the LR scene alone.
    public let estimatedFromLowResolution: Double?
  }
}
