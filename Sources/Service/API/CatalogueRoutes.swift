// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Hummingbird
import Logging
import PatchDrop
import Platform
import Wire

/// `/v1/vendors` and `/v1/models`: what jobs may name.
struct CatalogueRoutes: Sendable {
  let catalogue: Catalogue
  /// Where bundles are read, which blocks.
  let pool: ComputePool

  func add(to routes: inout RouteTable) {
    routes.get("v1/vendors") { _, _ in
      try Answer.json(ItemList(items: catalogue.vendors.map(\.record)))
    }
    routes.get("v1/models", models)
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
    return try Answer.json(ItemList(items: records))
  }
}

extension ModelRecord {
  fileprivate init(name: String, _ bundle: ModelBundle) {
    let design = bundle.card.design
    self.init(
      name: name, id: String(bundle.digest.prefix(16)), classes: bundle.card.classes,
      chipPixels: design.chipPixels, groundSampleDistanceMetres: design.groundSampleDistanceMetres,
      zoom: design.zoom, patchCount: design.patchGrid.patchCount)
  }
}
