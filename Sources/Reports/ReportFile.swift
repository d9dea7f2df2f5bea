// SPDX-License-Identifier: Apache-2.0

/// A file of a job's folder, as ``ReportWriter`` makes it; in the order in which they are made.
public enum ReportFile: String, Hashable, Sendable, CaseIterable {
  /// Row, column, mask, class and probability of each chip.
  case predictions = "predictions.tsv"
  /// Chips and ordered rectangles, with masks, probabilities and prices.
  case plan = "plan.geojson"
  /// One pixel a chip, with colours.
  case classMap = "classes.tif"
  /// The names of the classes, where GDAL and QGIS look for them.
  case classNames = "classes.tif.aux.xml"
  /// One polygon a chip, in longitude and latitude.
  case classFeatures = "classes.geojson"
  /// One polygon a chip in the grid's system, with a style for QGIS.
  case classPackage = "classes.gpkg"
  /// The HR patches that the job used, masked elsewhere.
  case mosaic = "mosaic.tif"
  /// A line for each order, and their total.
  case orders = "report.csv"
  /// A line for each movement of money, in FOCUS columns.
  case costs = "costs.csv"
  /// The page.
  case page = "report.html"
  /// The STAC item that lists the others.
  case item = "item.json"
  /// ``JobReport``; where it is, the others are whole.
  case report = "report.json"

  /// What the file is called among others.
  var title: String {
    switch self {
    case .predictions: "Class of each chip, as a table"
    case .plan: "Chips, what was wanted and bought of each, and the ordered rectangles"
    case .classMap: "Map of classes, one pixel a chip"
    case .classNames: "Names of the classes, for GDAL and QGIS"
    case .classFeatures: "Class of each chip, in longitude and latitude"
    case .classPackage: "Class of each chip, with a style for QGIS"
    case .mosaic: "Fine imagery that was bought, masked elsewhere"
    case .orders: "Orders and their total"
    case .costs: "Movements of money, in FOCUS columns"
    case .page: "Report to read"
    case .item: "STAC item"
    case .report: "Report for programs"
    }
  }

  /// The file's media type.
  public var mediaType: String {
    switch self {
    case .classMap, .mosaic: "image/tiff; application=geotiff; profile=cloud-optimized"
    case .predictions: "text/tab-separated-values; charset=utf-8"
    case .plan, .classFeatures: "application/geo+json"
    case .classNames: "application/xml"
    case .classPackage: "application/geopackage+sqlite3"
    case .orders, .costs: "text/csv; charset=utf-8"
    case .page: "text/html; charset=utf-8"
    case .item, .report: "application/json"
    }
  }

  /// What the file is for, in the words of STAC.
  var roles: [String] {
    switch self {
    case .mosaic, .classMap, .classFeatures, .classPackage, .predictions: ["data"]
    case .page: ["overview", "metadata"]
    case .plan, .classNames, .orders, .costs, .item, .report: ["metadata"]
    }
  }
}
