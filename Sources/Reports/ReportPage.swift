// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Mustache
import Raster

/// `report.html`: one file that shows a report to a person, without script or anything loaded.
///
/// The fields are text as the template names them; Mustache escapes all of it but the pictures and
/// the style sheet, which are ours.
struct ReportPage {
  let title: String
  let subtitle: String
  let stateNote: String?
  let figures: [Figure]
  let spentShare: String?
  let spentShareText: String
  let pictures: ReportPictures
  let ground: String
  let hasBought: Bool
  let hasOwned: Bool
  let mosaicNote: String
  let classRows: [ClassRow]
  let hasMissing: Bool
  let hasOrders: Bool
  let orders: [OrderRow]
  let orderTotal: OrderRow
  let hasNotSurveyed: Bool
  let notSurveyed: [LeftOut]
  let facts: [ReportFact]
  let attributions: [String]
  let boughtColour = ReportPictures.boughtColour.html
  let ownedColour = ReportPictures.ownedColour.html
  let missingColour = ReportPictures.missing.html
  let style = ReportPage.styleSheet

  /// A headline figure.
  struct Figure {
    let label: String
    let value: String
    let unit: String?
    let note: String
  }

  /// A class in the table that is also the map's legend.
  struct ClassRow {
    let colour: String
    let name: String
    let isEmpty: Bool
    let chips: String
    let area: String
    let share: String
    let shareWidth: String
    let probability: String
  }

  /// An order in the table, or the sum of all.
  struct OrderRow {
    let key: String
    let shortKey: String
    let vendorOrder: String?
    let state: String
    let items: String
    let patches: String
    let area: String
    let price: String
    let charged: String
  }

  /// Chips that have no answer for one reason.
  struct LeftOut {
    let count: String
    let reason: String
    let places: String
  }

  /// The page.
  var html: String { Self.template.render(self) }

  private static let template: MustacheTemplate = {
    do {
      return try MustacheTemplate(string: source)
    } catch {
      preconditionFailure("the page's template is malformed: \(error)")
    }
  }()
}

extension ReportPage {
  init(_ report: JobReport, pictures: ReportPictures, classes: ClassTable, frame: ChipFrame) {
    title = report.job.tag ?? "Job \(report.job.id.prefix(8))"
    subtitle =
      "\(report.scene.name) · \(report.model.name) · "
      + "finished \(Figures.time(report.job.finishedAt))"
    stateNote = report.job.state == .done ? nil : Self.words(report.job.state.rawValue)
    figures = Self.figures(of: report)
    spentShare = report.money.costShare.map { Figures.plain(100 * min(1, max(0, $0)), digits: 2) }
    spentShareText =
      report.money.costShare.map { "\(Figures.percent($0)) of the price of everything" } ?? ""
    self.pictures = pictures
    let extent = frame.ground
    let pixelSize = frame.grid.groundSampleDistanceMetres
    ground =
      "\(Figures.length(metres: extent.east - extent.west)) × "
      + "\(Figures.length(metres: extent.north - extent.south)), north is up"
    hasBought = report.patches.bought > 0
    hasOwned = report.patches.owned > 0
    mosaicNote =
      report.patches.bought + report.patches.owned == 0
      ? "Nothing was bought: all answers come from the scene itself."
      : "The pixels that were paid for, at \(Figures.length(metres: pixelSize)) a pixel, over the "
        + "faded scene."
    let largestShare = report.classes.map(\.share).max() ?? 0
    classRows = zip(report.classes, classes.colours).map {
      ClassRow($0, colour: $1.html, largestShare: largestShare)
    }
    hasMissing = report.chips.classified < report.chips.total
    hasOrders = !report.orders.isEmpty
    orders = report.orders.map(OrderRow.init)
    orderTotal = OrderRow(totalOf: report)
    hasNotSurveyed = !report.chips.notSurveyed.isEmpty
    notSurveyed = Self.leftOut(report.chips.notSurveyed)
    facts = Self.facts(of: report)
    attributions = report.attributions
  }

  private static func figures(of report: JobReport) -> [Figure] {
    let (money, patches) = (report.money, report.patches)
    var figures = [
      Figure(
        label: "Spent", value: amount(money.spent), unit: money.spent.currency.code,
        note: "of \(Figures.money(money.granted)) granted to \(money.budget)")
    ]
    if let saved = money.saved, let everything = money.priceOfEverything {
      let share = money.costShare.map { "\(Figures.percent(1 - $0)) of " } ?? "of "
      figures.append(
        Figure(
          label: "Saved", value: amount(saved), unit: saved.currency.code,
          note: "\(share)\(Figures.money(everything)) for everything"))
    }
    let owned = patches.owned > 0 ? "; \(Figures.count(patches.owned)) more were owned" : ""
    figures.append(
      Figure(
        label: "Patches bought", value: Figures.count(patches.bought),
        unit: "of \(Figures.count(patches.total))",
        note: "\(Figures.decimal(patches.usedPerChip, digits: 2)) of "
          + "\(report.grid.patchesPerChip) used a chip\(owned)"))
    if let estimated = report.accuracy.estimated {
      let alone = report.accuracy.estimatedFromLowResolution.map {
        "; from the scene alone \(Figures.percent($0))"
      }
      figures.append(
        Figure(
          label: "Estimated accuracy", value: Figures.plain(100 * estimated, digits: 1), unit: "%",
          note: "mean calibrated probability, not measured\(alone ?? "")"))
    }
    return figures
  }

  private static func amount(_ money: Money) -> String {
    let text = Figures.money(money)
    return String(text.dropLast(money.currency.code.count + 1))
  }

  private static func leftOut(_ chips: [JobReport.NotSurveyed]) -> [LeftOut] {
    Dictionary(grouping: chips, by: \.reason).sorted { $0.key < $1.key }.map { reason, chips in
      let places = chips.prefix(12).map { "r\($0.row)c\($0.column)" }
      let rest = chips.count > 12 ? " and \(Figures.count(chips.count - 12)) more" : ""
      return LeftOut(
        count: Figures.counted(chips.count, "chip"), reason: words(reason),
        places: places.joined(separator: ", ") + rest)
    }
  }

  private static func facts(of report: JobReport) -> [ReportFact] {
    let seconds = report.job.finishedAt.timeIntervalSince(report.job.submittedAt)
    let grid = report.grid
    return [
      ReportFact("Job", report.job.id),
      ReportFact(
        "Submitted",
        "\(Figures.time(report.job.submittedAt)), took \(Figures.duration(seconds: seconds))"),
      ReportFact(
        "Chips",
        "\(Figures.counted(report.chips.total, "chip")) of "
          + "\(Figures.length(metres: grid.chipSideM)), \(grid.patchesPerChip) patches each, "
          + "\(grid.crs)"),
      ReportFact(
        "Scene",
        "\(report.scene.name), \(Figures.length(metres: report.scene.pixelSizeM)) a pixel, "
          + "SHA-256 \(report.scene.digest.prefix(16))"),
      ReportFact("Model", "\(report.model.name), SHA-256 \(report.model.digest.prefix(16))"),
      ReportFact(
        "Money",
        "held \(Figures.money(report.money.heldInAll)) in all, "
          + "captured \(Figures.money(report.money.captured)), "
          + "released \(Figures.money(report.money.released)), by the ledger's entries"),
    ]
      + (report.product.map { [ReportFact("Product", $0.description)] } ?? []) + report.facts
  }

  /// A state of a file, such as `in_doubt`, as words.
  static func words(_ name: String) -> String { name.replacing("_", with: " ") }
}

extension ReportPage.ClassRow {
  init(_ area: JobReport.ClassArea, colour: String, largestShare: Double) {
    self.colour = colour
    name = area.name
    isEmpty = area.chips == 0
    chips = Figures.count(area.chips)
    self.area = Figures.squareKilometres(area.areaKm2)
    share = Figures.percent(area.share)
    shareWidth = Figures.plain(100 * area.share / max(largestShare, 1e-9), digits: 1)
    probability = area.meanProbability.map { Figures.percent($0) } ?? "–"
  }
}

extension ReportPage.OrderRow {
  init(_ order: JobReport.Order) {
    key = order.key
    // The end of a time-ordered id tells two orders of one second apart; its beginning does not.
    shortKey = order.key.count > 12 ? "…\(order.key.suffix(12))" : order.key
    vendorOrder = order.vendorOrder
    state = ReportPage.words(order.state.rawValue)
    items = Self.part(order.itemsBought, of: order.items)
    patches = Self.part(order.patchesBought, of: order.patches)
    area = Figures.squareKilometres(order.areaM2 / 1e6)
    price = order.price.map(Figures.money) ?? "–"
    charged = Figures.money(order.charged)
  }

  init(totalOf report: JobReport) {
    let orders = report.orders
    key = "All orders"
    shortKey = key
    vendorOrder = nil
    state = ""
    items = Self.part(
      orders.reduce(0) { $0 + $1.itemsBought }, of: orders.reduce(0) { $0 + $1.items })
    patches = Self.part(
      orders.reduce(0) { $0 + $1.patchesBought }, of: orders.reduce(0) { $0 + $1.patches })
    area = Figures.squareKilometres(orders.reduce(0) { $0 + $1.areaM2 } / 1e6)
    price = ""
    charged = Figures.money(report.money.spent)
  }

  private static func part(_ bought: Int, of all: Int) -> String {
    bought == all ? Figures.count(all) : "\(Figures.count(bought)) of \(Figures.count(all))"
  }
}
