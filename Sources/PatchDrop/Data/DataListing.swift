// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster

/// The images of a data set before any is decoded: their classes, splits and places.
struct DataListing: Sendable {
  /// An image as its layout names it.
  struct Image: Sendable {
    let path: String
    let className: String
    /// Nil where the layout leaves it open.
    let split: DataSplit?
    let place: Place
  }

  /// Where the pixels are.
  enum Place: Sendable, Equatable {
    case file(String)
    /// 32 x 32 pixels of red, then green, then blue, from a byte on.
    case planes(file: String, offset: Int)
    /// The layout names it, but nothing is there.
    case nowhere(reason: String)
  }

  let images: [Image]
  /// Sorted: by number where all are whole numbers, otherwise by name.
  let classes: [String]
  /// The class of each image, an index into `classes`.
  let labels: [Int]
  let splits: [DataSplit]
  /// Images beside the folders of the classes.
  let strays: [String]

  /// Lists a data set of any known layout.
  ///
  /// - Throws: `DataSetError`, `RasterError`.
  init(_ files: DataFiles) throws {
    if files.names.contains(LabelTable.name) {
      let table = try LabelTable(files.text(LabelTable.name), path: files.path)
      try self.init(table.images(in: files), path: files.path)
    } else if let images = try CIFARLayout(files)?.images() ?? CSVLayout(files)?.images()
      ?? SplitFolderLayout(files)?.images()
    {
      try self.init(images, path: files.path)
    } else if let layout = ClassFolderLayout(files) {
      try self.init(layout.images(), strays: layout.strays, path: files.path)
    } else {
      throw DataSetError.unknownLayout(path: files.path)
    }
  }

  /// Numbers the classes and completes the splits.
  private init(
    _ images: [Image], strays: [String] = [], path: String
  ) throws(DataSetError) {
    let names = Set(images.map(\.className))
    let classes =
      names.allSatisfy { Int($0) != nil }
      ? names.sorted { (Int($0) ?? 0, $0) < (Int($1) ?? 0, $1) } : names.sorted()
    guard classes.count > 1 else { throw .tooFewClasses(path: path, classes: classes) }
    let places = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    let labels = images.map { places[$0.className] ?? 0 }
    self.images = images
    self.classes = classes
    self.labels = labels
    self.strays = strays
    splits = DataSplit.completed(images.map(\.split), paths: images.map(\.path), labels: labels)
    try checkTraining(path: path)
  }

  /// A class that others can be trained beside must have training images too.
  private func checkTraining(path: String) throws(DataSetError) {
    var counts = [Int](repeating: 0, count: classes.count)
    for index in images.indices where splits[index] == .train { counts[labels[index]] += 1 }
    guard let empty = counts.firstIndex(of: 0), counts.contains(where: { $0 > 0 }) else { return }
    throw .emptyClass(path: path, name: classes[empty], reason: "has no image to train on")
  }
}
