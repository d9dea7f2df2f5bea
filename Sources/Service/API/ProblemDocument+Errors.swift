// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Hummingbird
import Ledger
import Platform
import Purchasing
import Raster
import Vendors
import Wire

extension ProblemDocument {
  /// The refusal that an error of ours means to a client.
  init(describing error: any Error, path: String) {
    switch error {
    case let problem as ProblemDocument: self = problem
    case let error as HTTPError: self.init(error, path: path)
    case let error as StoreError: self.init(error)
    case let error as RegionError: self.init(error, pointer: "")
    case let error as RasterError: self.init(error, of: nil)
    case let error as LedgerError: self.init(error)
    case let error as ResolutionRefusal:
      self.init("not-resolvable", status: 409, title: "Not for this order", detail: "\(error)")
    case let error as VendorError:
      self.init("vendor", status: 502, title: "The vendor did not answer so", detail: "\(error)")
    case let error as MoneyError:
      self.init(
        "amount-malformed", status: 422, title: "No amount of money", detail: "\(error)")
    default:
      self.init(
        "internal", status: 500, title: "Internal error",
        detail: "The daemon met an error of its own.", do: "Look into its log.")
    }
  }

  private init(_ error: HTTPError, path: String) {
    switch error.status {
    case .notFound:
      self.init(
        "not-found", status: 404, title: "Not found", detail: "There is nothing at \(path).",
        do: "See /v1/openapi.json for what can be asked.")
    default:
      self.init(
        "http", status: error.status.code, title: error.status.reasonPhrase,
        detail: error.body ?? error.status.reasonPhrase,
        do: "See /v1/openapi.json for what can be asked.")
    }
  }

  private init(_ error: StoreError) {
    switch error {
    case .noSuchJob, .noSuchScene, .ambiguousScene:
      self.init("not-found", status: 404, title: "Not found", detail: "\(error)")
    case .sceneInUse:
      self.init("scene-in-use", status: 409, title: "Scene in use", detail: "\(error)")
    case .keyReused:
      self.init("key-reused", status: 422, title: "Key used before", detail: "\(error)")
    case .keyBusy:
      self.init("key-busy", status: 409, title: "Key in use", detail: "\(error)")
    default:
      self.init("storage", status: 500, title: "Storage failed", detail: "\(error)")
    }
  }

  /// A region's refusal; `pointer` leads to the region within the body.
  init(_ error: RegionError, pointer: String) {
    let status = error.kind == "region-malformed" ? 400 : 422
    switch error {
    case .malformed(let at, let what, let remedy), .invalid(let at, let what, let remedy),
      .outOfRange(let at, let what, let remedy), .unsupported(let at, let what, let remedy):
      self.init(
        error.kind, status: status, title: "Region refused", detail: "\(what).",
        where: pointer + at, do: remedy)
    case .tooLarge(let count, let limit):
      self.init(
        error.kind, status: status, title: "Region refused",
        detail: "The region has \(count) chips, and a job may have \(limit).",
        where: pointer.isEmpty ? nil : pointer, do: "Cut it into smaller regions.")
    }
  }

  /// A raster's refusal, which speaks of "it"; `name` is what people call it.
  init(_ error: RasterError, of name: String?) {
    let status =
      switch error {
      case .tooLarge: 413
      case .cannotRead, .cannotWrite: 500
      case .decoderUnavailable: 503
      default: 422
      }
    self.init(
      error.kind, status: status, title: "Scene refused", detail: "\(error.reason).",
      where: name, do: error.remedy)
  }

  private init(_ error: LedgerError) {
    let (name, status, title) =
      switch error {
      case .unknownBudget, .unknownOrder: ("not-found", 404, "Not found")
      case .budgetExists: ("budget-exists", 409, "Budget exists")
      case .overLimit: ("over-limit", 402, "Over the limit")
      case .limitInUse: ("limit-in-use", 409, "Limit in use")
      case .malformed: ("name-malformed", 422, "Name refused")
      case .notFrozen: ("not-frozen", 409, "Not frozen")
      case .vendorFrozen: ("vendor-frozen", 409, "Vendor frozen")
      case .noDispute, .wrongState: ("not-resolvable", 409, "Not for this order")
      case .badAgreement: ("amount-malformed", 422, "No amount for this order")
      case .badAmount, .wrongCurrency: ("amount-malformed", 422, "No amount of money")
      default: ("ledger", 500, "Ledger failed")
      }
    self.init(name, status: status, title: title, detail: "\(error)")
  }

  /// An id that names nothing.
  static func notFound(_ what: String, do remedy: String) -> ProblemDocument {
    ProblemDocument("not-found", status: 404, title: "Not found", detail: what, do: remedy)
  }

  /// A field with an unusable value.
  static func field(
    _ name: String, _ detail: String, got: String? = nil, do remedy: String
  ) -> ProblemDocument {
    ProblemDocument(
      "field-value", status: 422, title: "Value refused", detail: detail, where: "/\(name)",
      got: got, do: remedy)
  }
}
