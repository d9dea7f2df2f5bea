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
  let hasGeodesicAreas: Bool
  let hasMissing: Bool
  let accuracyNote: String?
  let hasOrders: Bool
  let orders: [OrderRow]
  let orderTotal: OrderRow
  let ordersNote: String?
  let hasReasons: Bool
  let choices: [Choice]
  let leftOut: [LeftOut]
  let facts: [ReportFact]
  let hasStages: Bool
  let stages: [ReportFact]
  let hasDuties: Bool
  let hasLicence: Bool
  let duties: [ReportFact]
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
    /// The area on the ellipsoid, where some class's differs enough to show.
    let geodesicArea: String?
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
    let needed: String
    let billed: String
    let price: String
    let charged: String
    /// A dispute, or why a person must decide.
    let note: String?
  }

  /// How many chips got what they got for one reason.
  struct Choice {
    let count: String
    let reason: String
  }

  /// Chips that have no answer for one reason.
  struct LeftOut {
    let count: String
    let reason: String
    let places: String
  }

  /// The page.
  var html: String { Self.template.render(self) }

  /// Orders that the table shows; all are in `report.csv`.
  private static let mostOrders = 100
  /// The difference of a lattice's area from the ellipsoid's above which both are shown.
  private static let shownDifference = 0.001

  private static let template: MustacheTemplate = {
    do {
      return try MustacheTemplate(string: source)
    } catch {
      preconditionFailure("the page's template is malformed: \(error)")
    }
  }()

  init(
    _ report: JobReport, pictures: ReportPictures, classes: ClassTable, frame: ChipFrame
  ) throws(MoneyError) {
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
    ground =
      "\(Figures.length(metres: extent.east - extent.west)) × "
      + "\(Figures.length(metres: extent.north - extent.south)), north is up"
    hasBought = report.patches.bought > 0
    hasOwned = report.patches.owned > 0
    mosaicNote = Self.mosaicNote(
      report, pixelSizeMetres: frame.grid.groundSampleDistanceMetres)
    let isDifferent = report.classes.contains {
      abs($0.geodesicAreaM2 - $0.areaM2) > Self.shownDifference * $0.areaM2
    }
    hasGeodesicAreas = isDifferent
    let largestShare = report.classes.map(\.share).max() ?? 0
    classRows = zip(report.classes, classes.colours).map {
      ClassRow($0, colour: $1.html, largestShare: largestShare, showsGeodesic: isDifferent)
    }
    hasMissing = report.chips.classified < report.chips.total
    accuracyNote = Self.accuracyNote(report.accuracy)
    hasOrders = !report.orders.isEmpty
    orders = report.orders.prefix(Self.mostOrders).map(OrderRow.init)
    orderTotal = try OrderRow(totalOf: report)
    ordersNote =
      report.orders.count > Self.mostOrders
      ? "The first \(Self.mostOrders) of \(Figures.count(report.orders.count)) orders; "
        + "report.csv has them all."
      : nil
    choices = report.choices.map {
      Choice(count: Figures.counted($0.chips, "chip"), reason: Self.words($0.reason))
    }
    leftOut = Self.leftOut(report.chips.notSurveyed)
    hasReasons = !choices.isEmpty || !leftOut.isEmpty
    facts = Self.facts(of: report)
    stages = report.stages.map {
      ReportFact($0.name, Figures.duration(seconds: $0.durationS))
    }
    hasStages = !stages.isEmpty
    duties = Self.duties(of: report)
    attributions = report.attributions
    hasLicence = !duties.isEmpty
    hasDuties = hasLicence || !attributions.isEmpty
  }
}

extension ReportPage.ClassRow {
  init(
    _ area: JobReport.ClassArea, colour: String, largestShare: Double, showsGeodesic: Bool
  ) {
    self.colour = colour
    name = area.name
    isEmpty = area.chips == 0
    chips = Figures.count(area.chips)
    self.area = Figures.squareKilometres(area.areaKm2)
    geodesicArea =
      showsGeodesic ? Figures.squareKilometres(area.geodesicAreaM2 / 1e6) : nil
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
    needed = Figures.squareKilometres(order.neededAreaM2 / 1e6)
    billed = order.billedAreaM2.map { Figures.squareKilometres($0 / 1e6) } ?? "–"
    price = order.price.map(Figures.money) ?? "–"
    charged = Figures.money(order.charged)
    note = order.note
  }

  init(totalOf report: JobReport) throws(MoneyError) {
    let total = try OrderTotals(report)
    key = "All orders"
    shortKey = key
    vendorOrder = nil
    state = ""
    items = Self.part(total.itemsBought, of: total.items)
    patches = Self.part(total.patchesBought, of: total.patches)
    needed = Figures.squareKilometres(total.neededAreaM2 / 1e6)
    billed = total.billedAreaM2.map { Figures.squareKilometres($0 / 1e6) } ?? "–"
    price = Figures.money(total.quoted)
    charged = Figures.money(report.money.spent)
    note = nil
  }

  private static func part(_ bought: Int, of all: Int) -> String {
    bought == all ? Figures.count(all) : "\(Figures.count(bought)) of \(Figures.count(all))"
  }
}
