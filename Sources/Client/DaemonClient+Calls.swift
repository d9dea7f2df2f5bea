// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
public import Wire

extension DaemonClient {
  // MARK: Scenes

  /// Sends a scene; the daemon answers when it has read every pixel.
  public func addScene(
    _ file: URL, name: String, idempotencyKey: String = UUID().uuidString
  ) async throws(ClientError) -> SceneRecord {
    try await upload(
      file, to: "/v1/scenes?name=\(Self.escaped(name))", mediaType: "image/tiff",
      idempotencyKey: idempotencyKey)
  }

  /// All scenes, the newest first.
  public func scenes() async throws(ClientError) -> [SceneRecord] {
    try await items("/v1/scenes")
  }

  /// One scene, by its id or enough of its first digits.
  public func scene(_ id: String) async throws(ClientError) -> SceneRecord {
    try await get("/v1/scenes/\(Self.escaped(id))")
  }

  /// Removes a scene that no job looks at any more; the answer is what was removed.
  public func removeScene(_ id: String) async throws(ClientError) -> SceneRecord {
    try await delete("/v1/scenes/\(Self.escaped(id))")
  }

  // MARK: Budgets

  /// Creates a budget; the same key and request give the first answer again.
  public func createBudget(
    _ request: BudgetRequest, idempotencyKey: String = UUID().uuidString
  ) async throws(ClientError) -> BudgetRecord {
    try await post("/v1/budgets", request, idempotencyKey: idempotencyKey)
  }

  /// All budgets, by name.
  public func budgets() async throws(ClientError) -> [BudgetRecord] {
    try await items("/v1/budgets")
  }

  /// One budget.
  public func budget(_ id: String) async throws(ClientError) -> BudgetRecord {
    try await get("/v1/budgets/\(Self.escaped(id))")
  }

  /// Adds money to a budget; a key that was used for the same amount adds nothing.
  public func grant(
    _ amount: Money, to budget: String, idempotencyKey: String
  ) async throws(ClientError) -> BudgetRecord {
    try await post(
      "/v1/budgets/\(Self.escaped(budget))/grants", GrantRequest(amount: amount),
      idempotencyKey: idempotencyKey)
  }

  // MARK: Jobs

  /// Submits a job; the same key and request give the first job again.
  public func submit(
    _ request: JobRequest, idempotencyKey: String
  ) async throws(ClientError) -> JobRecord {
    try await post("/v1/jobs", request, idempotencyKey: idempotencyKey)
  }

  /// All jobs, the newest first, or those in some states and with a tag.
  public func jobs(
    states: [JobState] = [], tag: String? = nil
  ) async throws(ClientError) -> [JobRecord] {
    var query: [String] = []
    if !states.isEmpty { query.append("state=" + states.map(\.rawValue).joined(separator: ",")) }
    if let tag { query.append("tag=" + Self.escaped(tag)) }
    return try await items("/v1/jobs" + (query.isEmpty ? "" : "?" + query.joined(separator: "&")))
  }

  /// One job.
  public func job(_ id: String) async throws(ClientError) -> JobRecord {
    try await get(Self.path(ofJob: id))
  }

  /// Ends a job; what was paid for stays.
  public func cancel(_ id: String) async throws(ClientError) -> JobRecord {
    try await post("\(Self.path(ofJob: id))/cancel")
  }

  /// Takes a parked job up again.
  public func retry(_ id: String) async throws(ClientError) -> JobRecord {
    try await post("\(Self.path(ofJob: id))/retry")
  }

  /// Lets a job buy the plan that it waits with; a plan that differs from what was seen is refused.
  public func approve(
    _ id: String, _ seen: ApprovalRequest = ApprovalRequest()
  ) async throws(ClientError) -> JobRecord {
    try await post("\(Self.path(ofJob: id))/approve", seen)
  }

  /// The job's plan as a map: GeoJSON of its chips and of the rectangles to order.
  public func planMap(_ id: String) async throws(ClientError) -> Data {
    try await data("\(Self.path(ofJob: id))/plan?format=geojson")
  }

  /// The job's plan, as the daemon has it: JSON.
  public func plan(_ id: String) async throws(ClientError) -> Data {
    try await data("\(Self.path(ofJob: id))/plan")
  }

  /// The job's report, as the daemon has it: JSON.
  public func report(_ id: String) async throws(ClientError) -> Data {
    try await data("\(Self.path(ofJob: id))/report")
  }

  /// The files that a job has written.
  public func outputs(_ id: String) async throws(ClientError) -> [OutputRecord] {
    try await items("\(Self.path(ofJob: id))/outputs")
  }

  /// Fetches one of a job's files into a folder; it is whole and verified, or absent.
  public func download(
    _ output: OutputRecord, of job: String, to folder: URL
  ) async throws(ClientError) {
    try await download(
      "\(Self.path(ofJob: job))/outputs/\(Self.escaped(output.name))", sha256: output.sha256,
      byteCount: output.byteCount, to: folder.appending(path: output.name))
  }

  // MARK: The ledger

  /// All entries, of one budget or of all.
  public func ledgerEntries(
    budget: String? = nil
  ) async throws(ClientError) -> [LedgerEntryRecord] {
    try await items(
      "/v1/ledger/entries" + (budget.map { "?budget=\(Self.escaped($0))" } ?? ""))
  }

  /// Checks the whole chain.
  public func verifyLedger() async throws(ClientError) -> LedgerCheck {
    try await get("/v1/ledger/verify")
  }

  /// The entries after a number, as `hledger`, `csv` or `json` text.
  public func exportLedger(format: String, since: Int64 = 0) async throws(ClientError) -> Data {
    try await data("/v1/ledger/export?format=\(Self.escaped(format))&since=\(since)")
  }

  // MARK: Catalogues

  /// The vendors of the daemon's configuration.
  public func vendors() async throws(ClientError) -> [VendorRecord] {
    try await items("/v1/vendors")
  }

  /// The models that the daemon can use.
  public func models() async throws(ClientError) -> [ModelRecord] {
    try await items("/v1/models")
  }

  /// The patches that are owned, of one vendor and product or of all, everywhere or in a rectangle
  /// of longitudes and latitudes as the text `WEST,SOUTH,EAST,NORTH`.
  public func patches(
    vendor: String? = nil, product: String? = nil, bbox: String? = nil
  ) async throws(ClientError) -> [PatchRecord] {
    let query = [("vendor", vendor), ("product", product), ("bbox", bbox)].compactMap {
      name, value in
      value.map { "\(name)=\(Self.escaped($0))" }
    }
    return try await items(
      "/v1/patches" + (query.isEmpty ? "" : "?" + query.joined(separator: "&")))
  }

  /// Whether the daemon serves.
  public func isReady() async throws(ClientError) -> HealthRecord { try await get("/readyz") }

  static func path(ofJob id: String) -> String { "/v1/jobs/\(escaped(id))" }

  /// All pages of a list.
  func items<Item: Sendable & Codable>(_ path: String) async throws(ClientError) -> [Item] {
    var items: [Item] = []
    var next: String?
    repeat {
      let separator = path.contains("?") ? "&" : "?"
      let page: ItemList<Item> = try await get(
        next.map { "\(path)\(separator)after=\(Self.escaped($0))" } ?? path)
      items += page.items
      next = page.next
    } while next != nil
    return items
  }
}
