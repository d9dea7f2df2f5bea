// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// The body of `POST /v1/jobs`: what is to be classified, with what, and for how much at most.
public struct JobRequest: Hashable, Sendable, Codable {
  /// The priorities that a job may have; of two waiting jobs the one with the higher runs first.
  public static let priorities = -100...100

  /// The scene's id, or enough of its first digits to name one.
  public var scene: String
  /// The region; the scene's whole extent when neither this nor ``bounds`` is given.
  public let region: RegionDocument?
  /// A rectangle in metres of the scene's coordinate reference system, instead of ``region``.
  public let bounds: ProjectedRectangle?
  /// The model's name.
  public let model: String
  /// The vendor's name in the daemon's configuration.
  public let vendor: String
  /// The budget that pays.
  public let budget: String
  /// The most that this job may spend; the budget's free amount bounds it in any case.
  public let cap: Money?
  /// The price above which a person must approve the plan before anything is bought; nobody need
  /// when not given.
  public let approveOver: Money?
  /// The keep probability from which a patch is wanted, 0 to 1; the model's own when not given.
  public let keepThreshold: Double?
  /// Where the chips' corners lie.
  public let gridOrigin: GridOrigin
  /// The chips' coordinate reference system, as `EPSG:32633`; the scene's, or the region's UTM
  /// zone, when not given.
  public let gridCRS: String?
  /// The scene's bands that the model sees, from 1, in the order of the model's; chosen by colour
  /// when not given.
  public let bands: [Int]?
  /// How digital numbers that are not 8-bit become what the model sees; for 8-bit imagery none.
  public let stretch: Stretch?
  /// How urgent the job is, one of ``priorities``; 0 is usual.
  public let priority: Int
  /// Whether the job ends when its plan is made: nothing is held, and nothing bought.
  public let dryRun: Bool
  /// A word of the submitter's own, shown in lists.
  public let tag: String?

  /// Creates a request.
  public init(
    scene: String, region: RegionDocument? = nil, bounds: ProjectedRectangle? = nil, model: String,
    vendor: String, budget: String, cap: Money? = nil, approveOver: Money? = nil,
    keepThreshold: Double? = nil, gridOrigin: GridOrigin = .crs, gridCRS: String? = nil,
    bands: [Int]? = nil, stretch: Stretch? = nil, priority: Int = 0, dryRun: Bool = false,
    tag: String? = nil
  ) {
    self.scene = scene
    self.region = region
    self.bounds = bounds
    self.model = model
    self.vendor = vendor
    self.budget = budget
    self.cap = cap
    self.approveOver = approveOver
    self.keepThreshold = keepThreshold
    self.gridOrigin = gridOrigin
    self.gridCRS = gridCRS
    self.bands = bands
    self.stretch = stretch
    self.priority = priority
    self.dryRun = dryRun
    self.tag = tag
  }

  /// Reads a request; one that was kept before there were priorities and dry runs has neither.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      scene: try fields.decode(String.self, forKey: .scene),
      region: try fields.decodeIfPresent(RegionDocument.self, forKey: .region),
      bounds: try fields.decodeIfPresent(ProjectedRectangle.self, forKey: .bounds),
      model: try fields.decode(String.self, forKey: .model),
      vendor: try fields.decode(String.self, forKey: .vendor),
      budget: try fields.decode(String.self, forKey: .budget),
      cap: try fields.decodeIfPresent(Money.self, forKey: .cap),
      approveOver: try fields.decodeIfPresent(Money.self, forKey: .approveOver),
      keepThreshold: try fields.decodeIfPresent(Double.self, forKey: .keepThreshold),
      gridOrigin: try fields.decode(GridOrigin.self, forKey: .gridOrigin),
      gridCRS: try fields.decodeIfPresent(String.self, forKey: .gridCRS),
      bands: try fields.decodeIfPresent([Int].self, forKey: .bands),
      stretch: try fields.decodeIfPresent(Stretch.self, forKey: .stretch),
      priority: try fields.decodeIfPresent(Int.self, forKey: .priority) ?? 0,
      dryRun: try fields.decodeIfPresent(Bool.self, forKey: .dryRun) ?? false,
      tag: try fields.decodeIfPresent(String.self, forKey: .tag))
  }
  private enum CodingKeys: String, CodingKey {
    case scene
    case region
    case bounds
    case model
    case vendor
    case budget
    case cap
    case approveOver
    case keepThreshold
    case gridOrigin
    case gridCRS = "gridCrs"
    case bands
    case stretch
    case priority
    case dryRun
    case tag
  }
}
