// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Client
import Foundation
import Platform
import Service
import TestSupport
import Testing
import Transfer
import Wire

/// What is owned and what may be named, through the API.
@Suite(.timeLimit(.minutes(10))) struct CatalogueTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A daemon with a vendor that need not run, and the models of this repository.
  private func start() async throws -> RunningDaemon {
    let file = folder.url.appending(path: "fovead.yaml")
    let prices = TestPaths.root.appending(path: "etc/vendors/fovea-vendor.yaml").path
    let models = TestPaths.root.appending(path: "etc/models").path
    try Data(
      """
      models: {folders: ["\(models)"]}
      vendors:
        - {name: demo, url: "unix:/nowhere.sock", trust: local, product: hr, prices: "\(prices)"}
      """.utf8
    ).write(to: file)
    return try await RunningDaemon(folder, configuration: file)
  }

  private func page(_ daemon: RunningDaemon, _ path: String) async throws -> ItemList<PatchRecord> {
    let answer = try await daemon.send(.get, path)
    try #require(answer.status == 200, "\(path): \(answer.problem?.description ?? "")")
    return try JSON.decoder().decode(ItemList<PatchRecord>.self, from: answer.body)
  }

  @Test func `owned patches have a place, a price and a file`() async throws {
    let order = try SampleHoldings.write(to: folder.url)
    let daemon = try await start()
    let all = try await page(daemon, "/v1/patches")
    #expect(
      all.items.map { [$0.column, $0.row] } == [
        [3125, -33000], [3126, -33000], [3126, -32990], [3126, -32989], [3127, -33000],
      ])
    #expect(all.next == nil)
    // The shares of an item's patches add up to its price, to the cent.
    #expect(all.items.filter { $0.item == 0 }.map(\.price.minorUnits) == [3, 3, 4])
    #expect(all.items.filter { $0.item == 1 }.map(\.price.minorUnits) == [2, 3])
    let first = try #require(all.items.first)
    #expect(first.order == order.uuidString.lowercased())
    #expect(first.crs == "EPSG:32632")
    #expect(
      first.bounds
        == ProjectedRectangle(west: 500_000, south: 5_279_840, east: 500_160, north: 5_280_000))
    #expect(first.file.name == "deliveries/0.tif")
    #expect(try await daemon.client.patches() == all.items)
    try await daemon.stop()
  }

  @Test func `patches are asked for by vendor, product, place and page`() async throws {
    _ = try SampleHoldings.write(to: folder.url)
    let daemon = try await start()
    // 500,000 m east in zone 32 is 9 degrees; the first row of patches ends at 47.6756 north.
    let counts: [(query: String, count: Int)] = [
      ("vendor=demo", 5), ("vendor=other", 0), ("product=hr", 5), ("product=lr", 0),
      ("bbox=8.9,47.6,9.1,47.7", 5), ("bbox=-10,10,-9,11", 0), ("bbox=8.9,47.6,9.001,47.7", 1),
      ("window=3125,-33000,1,1", 1), ("window=3126,-33000,1,20", 3), ("window=0,0,9,9", 0),
    ]
    for (query, count) in counts {
      #expect(try await page(daemon, "/v1/patches?\(query)").items.count == count, "\(query)")
    }
    var seen: [PatchRecord] = []
    var next: String?
    repeat {
      let list = try await page(
        daemon, "/v1/patches?limit=2" + (next.map { "&after=\($0)" } ?? ""))
      #expect(list.items.count <= 2)
      seen += list.items
      next = list.next
    } while next != nil
    #expect(seen == (try await page(daemon, "/v1/patches").items))
    for query in [
      "bbox=1,2,3", "bbox=9,47,8,48", "bbox=0,0,181,1", "window=1,2,0,1", "after=x",
      "bbox=1,1,2,2&window=1,1,1,1", "limit=x",
    ] {
      let answer = try await daemon.send(.get, "/v1/patches?\(query)")
      #expect(answer.status == 400, "\(query)")
      #expect(answer.problem?.name == "query-malformed", "\(query)")
    }
    try await daemon.stop()
  }

  @Test func `vendors show their prices and their state, and models what was measured`()
    async throws
  {
    let daemon = try await start()
    let vendor = try #require(try await daemon.client.vendors().first)
    #expect(vendor.state == .ok)
    #expect(vendor.currency == "EUR" && vendor.prices.per == "km2")
    #expect(vendor.prices.tiers.first?.from == "0")
    let models = try await daemon.client.models()
    #expect(models.map(\.name).contains("eurosat-s2-10m"))
    for model in models {
      let row = try #require(
        model.measured.first { $0.system == "patchdrop" && $0.stage == model.variant })
      #expect(row.accuracy > 0.5 && row.costShare < 1)
    }
    for path in ["/v1/vendors", "/v1/models"] {
      #expect(try await daemon.send(.get, path).status == 200)
    }
    let page = try await daemon.send(.get, "/v1/models?limit=1")
    let list = try JSON.decoder().decode(ItemList<ModelRecord>.self, from: page.body)
    #expect(list.items.count == 1 && list.next == list.items.first?.name)
    try await daemon.stop()
  }
}
