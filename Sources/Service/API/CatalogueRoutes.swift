// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Hummingbird
import Ledger
import Logging
import PatchDrop
import Platform
import Purchasing
import Wire

/// `/v1/vendors` and `/v1/models`: what jobs may name.
struct CatalogueRoutes: Sendable {
  let catalogue: Catalogue
  let ledger: Ledger
  /// Where the ledger is asked and bundles are read, which blocks.
  let pool: ComputePool

  func add(to routes: inout RouteTable) {
    routes.get("v1/vendors", vendors)
    routes.get("v1/models", models)
  }

  @Sendable private func vendors(_ request: Request, _ context: APIContext) async throws -> Response
  {
    let frozen = try await pool.run { [ledger] in try ledger.frozenVendors() }
    let records = catalogue.vendors.map { entry in
      var record = entry.record
      if let freeze = frozen.first(where: { $0.vendor == record.name }) {
        record.state = .frozen
        record.stateReason = freeze.reason
      } else if entry.seller.isLeftAlone {
        record.state = .circuitOpen
        record.stateReason = "It has failed again and again, and is tried again after a while."
      }
      return record
    }
    return try Answer.json(try PageQuery(request).page(of: records, id: \.name))
  }

  @Sendable private func models(_ request: Request, _ context: APIContext) async throws -> Response
  {
    let found = try await pool.run { [catalogue] in
      catalogue.models.names().map { name in (name, Result { try catalogue.bundle(name) }) }
    }
    var records: [ModelRecord] = []
    for (name, bundle) in found {
      switch bundle {
      case .success(let bundle): records.append(ModelRecord(name: name, bundle))
      case .failure(let error):
        context.logger.warning(
          "a model cannot be used", metadata: ["model": "\(name)", "error": "\(error)"])
      }
    }
    return try Answer.json(try PageQuery(request).page(of: records, id: \.name))
  }
}

extension ModelRecord {
  fileprivate init(name: String, _ bundle: ModelBundle) {
    let (card, design) = (bundle.card, bundle.card.design)
    self.init(
      name: name, id: String(bundle.digest.prefix(16)), classes: card.classes,
      chipPixels: design.chipPixels, groundSampleDistanceMetres: design.groundSampleDistanceMetres,
      zoom: design.zoom, patchCount: design.patchGrid.patchCount,
      variant: card.defaultVariant.rawValue,
      keepThreshold: card.variants[card.defaultVariant.rawValue]?.threshold ?? 0.5,
      measured: card.measured.map(Measured.init), trainedOn: card.data.name,
      attribution: card.data.attribution)
  }
}

extension ModelRecord.Measured {
  fileprivate init(_ row: EvaluationRow) {
    self.init(
      system: row.system.rawValue, stage: row.stage?.rawValue, accuracy: row.accuracy,
      accuracyInterval: row.accuracyInterval.map { [$0.low, $0.high] }, patches: row.patches,
      costShare: row.costShare, calibrationError: row.ece)
  }
}
