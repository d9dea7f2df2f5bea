// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import TestSupport
import Testing
import Transfer
import VendorServer
import Vendors

/// Our vendor on a folder of its own, with its faults.
struct FoveaMarket: FaultyMarket {
  let folder: TemporaryFolder
  let prices: URL
  let draft: OrderDraft

  static let image = TestPaths.root.appending(path: "etc/demo/eurosat_hr.tif")

  /// Some patches of the image: the north-west one's column and row, columns and rows.
  typealias Patches = (column: Int, row: Int, columnCount: Int, rowCount: Int)

  /// A market for some items.
  init(_ items: [Patches] = [(0, 2, 2, 2), (3, 2, 2, 2)]) throws {
    folder = try TemporaryFolder()
    prices = folder.url.appending(path: "prices.yaml")
    try """
    vendor: shop
    currency: EUR
    source: "invented for this test"
    products:
      hr-10m: {per: km2, rate: "850", minimum_charge: 500, fee_per_order: 150}
    """.write(to: prices, atomically: false, encoding: .utf8)
    let grid = ChipGrid(
      crs: "EPSG:32632", chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8,
      patchGrid: .paper, origin: .scene, sceneCorner: ProjectedPoint(x: 640_130, y: 5_330_410))
    // The lattice's origin is the corner modulo the side, so the scene begins some chips further on.
    let corner = (column: 640_130 / 640 * 4, row: -(5_330_410 / 640) * 4)
    draft = OrderDraft(
      product: ProductID(vendor: "shop", product: "hr-10m"), grid: grid,
      rectangles: items.map { item in
        PatchRectangle(
          column: corner.column + item.column, row: corner.row + item.row,
          columnCount: item.columnCount, rowCount: item.rowCount)
      })
  }

  /// Runs the vendor with a script, and the adapter of its interface.
  func trading(
    _ script: FaultScript = [], terms: VendorTerms = VendorTerms(),
    capabilities: VendorCapabilities? = nil, state: String = "state",
    _ body: @escaping @Sendable (FoveaVendor) async throws -> Void
  ) async throws {
    let socket = "\(folder.url.path)/s"
    let server = try await VendorServer(
      VendorServerConfiguration(
        imageFile: Self.image, pricesFile: prices, product: "hr-10m",
        address: .unixSocket(path: socket), stateFolder: folder.url.appending(path: state),
        terms: terms, faults: script, logsOrders: false))
    let vendor = try FoveaVendor(
      VendorConfiguration(
        name: "shop", url: "unix:\(socket)", trustsLocal: true, product: "hr-10m",
        pricesFile: prices, credential: Secret("s3cret"), capabilities: capabilities),
      client: HTTPClient())
    try await server.serve { _ in try await body(vendor) }
  }

  /// What a path of the vendor answers, as it is for the shopkeeper.
  func shopkeepers(_ path: String) async throws -> [String: Any] {
    let response = try await HTTPClient().send(
      HTTPRequest(.get, path, to: try Endpoint(unixSocket: "\(folder.url.path)/s")))
    return try #require(try JSONSerialization.jsonObject(with: response.body) as? [String: Any])
  }

  func open(
    _ fault: VendorFault, _ body: @escaping @Sendable (any Vendor) async throws -> Void
  ) async throws -> Bool {
    let script = try FaultScript(yaml: "[{\(Self.rule(for: fault))}]")
    try await trading(script) { vendor in
      try await body(vendor)
      let events = try await shopkeepers("/faults")["injected"] as? [Any]
      #expect(events?.isEmpty == false, "\(fault) did not happen")
    }
    return true
  }

  private static func rule(for fault: VendorFault) -> String {
    switch fault {
    case .unavailable: "when: quote, fault: 503"
    case .slowDown: "when: quote, fault: 429, with: {retry_after: 2}"
    case .hiddenSlowDown: "when: quote, fault: 400, with: {body: nested-429}"
    case .quotaUsedUp: "when: quote, fault: 403, with: {body: quota}"
    case .page: "when: quote, fault: html"
    case .emptyAnswer: "when: quote, fault: empty"
    case .deepAnswer: "when: quote, fault: deep"
    case .doubledMember: "when: quote, fault: duplicate-keys"
    case .otherCharset: "when: quote, fault: charset"
    case .endlessAnswer: "when: quote, fault: endless"
    case .largeHead: "when: quote, fault: large-head"
    case .closedConnection: "when: quote, fault: hang-up"
    case .slowAnswer: "when: quote, fault: stall, with: {seconds: 1}"
    case .lostAnswer: "when: submit, fault: lost-answer"
    case .lostInHead: "when: submit, fault: lost-answer, with: {at: head}"
    case .lostInBody: "when: submit, fault: lost-answer, with: {at: body}"
    case .refusedOrder: "when: submit, fault: refuse"
    case .brokenOrder: "when: submit, fault: 500"
    case .doubledOrder: "when: submit, fault: duplicate"
    case .strangeReceipt: "when: submit, fault: stranger"
    case .unknownState: "when: status, fault: state, with: {as: BEING_FULFILLED}"
    case .otherSpelling: "when: status, fault: state, with: {as: Canceled}"
    case .fractionOfMoney: "when: status, fault: price, with: {as: noise}"
    case .doubledItem: "when: status, fault: twice, times: always"
    case .cutDownload: "when: download, fault: cut"
    case .wrongBytes: "when: download, fault: corrupt"
    case .shortFile: "when: download, fault: short"
    case .wrongChecksum: "when: deliveries, fault: checksum"
    case .otherChecksum: "when: deliveries, fault: checksum, with: {as: md5}"
    case .wrongLength: "when: deliveries, fault: length, with: {bytes: 7}"
    case .endedLink: "when: download, fault: 403"
    case .pageForLink: "when: download, fault: html"
    case .strayLink:
      "when: deliveries, fault: link, with: {to: 'https://elsewhere.example/x?signature=s3cret'}"
    case .redirectAway: "when: download, fault: redirect, with: {to: 'http://10.0.0.1/?s3cret'}"
    case .redirectLoop: "when: download, fault: redirect, times: 4"
    case .changedFile: "when: download, fault: changed-tag"
    }
  }
}
