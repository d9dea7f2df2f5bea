// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// The body of `POST /v1/jobs`: what is to be classified, with what, and for how much at most.
public struct JobRequest: Hashable, Sendable, Codable {
  /// The scene's id, or enough of its first digits to name one.
  public let scene: String
  /// The region; the scene's whole extent when not given.
  public let region: RegionDocument?
  /// The model's name.
  public let model: String
  /// The vendor's name in the daemon's configuration.
  public let vendor: String
  /// The budget that pays.
  public let budget: String
  /// The most that this job may spend; the budget's free amount bounds it in any case.
  public let cap: Money?
  /// The keep probability from which a patch is wanted, 0 to 1; the model's own when not given.
  public let keepThreshold: Double?
  /// Where the chips' corners lie.
  public let gridOrigin: GridOrigin
  /// A word of the submitter's own, shown in lists.
  public let tag: String?

  /// Creates a request.
  public init(
    scene: String, region: RegionDocument? = nil, model: String, vendor: String, budget: String,
    cap: Money? = nil, keepThreshold: Double? = nil, gridOrigin: GridOrigin = .crs,
    tag: String? = nil
  ) {
    self.scene = scene
    self.region = region
    self.model = model
    self.vendor = vendor
    self.budget = budget
    self.cap = cap
    self.keepThreshold = keepThreshold
    self.gridOrigin = gridOrigin
    self.tag = tag
  }
}
