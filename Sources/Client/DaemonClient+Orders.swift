// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
public import Wire

extension DaemonClient {
  // MARK: Orders

  /// Orders, the newest first.
  public func orders(
    openOnly: Bool = false, vendor: String? = nil
  ) async throws(ClientError) -> [OrderSummaryRecord] {
    let vendor = vendor.map { "&vendor=\(Self.escaped($0))" } ?? ""
    return try await items("/v1/orders?open=\(openOnly)\(vendor)")
  }

  /// One order with its whole history.
  public func order(_ key: String) async throws(ClientError) -> OrderDetailRecord {
    try await get("/v1/orders/\(Self.escaped(key))")
  }

  /// Says what was found out about an order that waits for a person.
  public func resolve(
    _ key: String, _ request: OrderResolutionRequest
  ) async throws(ClientError) -> OrderDetailRecord {
    try await post(
      "/v1/orders/\(Self.escaped(key))/resolve", request, idempotencyKey: UUID().text)
  }

  // MARK: Accounts

  /// Lets a vendor have new orders again; those that are still frozen.
  public func unfreeze(
    _ vendor: String, reason: String
  ) async throws(ClientError) -> [FreezeRecord] {
    let answer: ItemList<FreezeRecord> = try await post(
      "/v1/vendors/\(Self.escaped(vendor))/unfreeze", ReasonRequest(reason: reason),
      idempotencyKey: UUID().text)
    return answer.items
  }

  /// Compares our orders at a vendor with the vendor's own list.
  public func reconcile(_ vendor: String) async throws(ClientError) -> ReconciliationRecord {
    try await post("/v1/vendors/\(Self.escaped(vendor))/reconcile")
  }

  /// What vendors gave back, booked or not.
  public func refunds() async throws(ClientError) -> [RefundNote] {
    try await items("/v1/ledger/refunds")
  }

  /// Has the daemon copy its ledger.
  public func backUpLedger() async throws(ClientError) -> BackupRecord {
    try await post("/v1/ledger/backups", idempotencyKey: UUID().uuidString)
  }
}
