// SPDX-License-Identifier: Apache-2.0

/// Why a data set of labelled images cannot be used.
public enum DataSetError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A file or folder cannot be read.
  case cannotRead(path: String, reason: String)
  /// What is there has none of the layouts that are known.
  case unknownLayout(path: String)
  /// A line of a table cannot be used.
  case malformedTable(path: String, line: Int, reason: String)
  /// A file of a layout is not there.
  case missingFile(path: String, name: String, purpose: String)
  /// A file of a layout is not what it should be.
  case damagedFile(path: String, reason: String)
  /// An image lies beside the folders of the classes.
  case unsorted(path: String, image: String, folder: String)
  /// There is nothing to tell apart.
  case tooFewClasses(path: String, classes: [String])
  /// A class has no image that can be used.
  case emptyClass(path: String, name: String, reason: String)
  /// No image is in the wanted splits.
  case empty(path: String, splits: [String])
  /// An image is not square, or does not divide into LR pixels.
  case wrongSize(path: String, width: Int, height: Int, zoom: Int)
  /// The side that was asked for does not divide into LR pixels.
  case wrongSide(side: Int, zoom: Int)
  /// More than a tenth of the images have another size than the first.
  case mixedSizes(path: String, count: Int, total: Int, expected: String, examples: [String])
  /// More than a tenth of the images cannot be read.
  case mostlyUnreadable(path: String, count: Int, total: Int, examples: [String])

  /// What is wrong, and what to do.
  public var description: String { "\(reason). \(remedy)" }

  /// What is wrong; a sentence's body without its end.
  public var reason: String {
    switch self {
    case .cannotRead(let path, let reason): "could not read \(path): \(reason)"
    case .unknownLayout(let path):
      "\(path) has neither a labels.tsv, nor folders CLASS/NAME of images, nor CIFAR's binary "
        + "files, nor a train.csv with the columns label and location"
    case .malformedTable(let path, let line, let reason): "\(path), line \(line): \(reason)"
    case .missingFile(let path, let name, let purpose): "\(path) has no \(name), which \(purpose)"
    case .damagedFile(let path, let reason): "\(path) is damaged: \(reason)"
    case .unsorted(let path, let image, let folder):
      "\(image) of \(path) lies in no class's folder of \(folder)"
    case .tooFewClasses(let path, let classes):
      classes.isEmpty
        ? "\(path) has no images" : "\(path) has 1 class, \(classes.joined(separator: ", "))"
    case .emptyClass(let path, let name, let reason): "the class \(name) of \(path) \(reason)"
    case .empty(let path, let splits):
      "\(path) has no images of the split \(splits.joined(separator: ", "))"
    case .wrongSize(let path, let width, let height, let zoom):
      "\(path) has \(width) x \(height) pixels, which are no square of whole blocks of \(zoom)"
    case .wrongSide(let side, let zoom): "a side of \(side) pixels has no whole blocks of \(zoom)"
    case .mixedSizes(let path, let count, let total, let expected, let examples):
      "\(path) has images of mixed sizes: \(count) of \(total) are not \(expected) pixels like the "
        + "first (\(examples.joined(separator: "; ")))"
    case .mostlyUnreadable(let path, let count, let total, let examples):
      "\(count) of the \(total) images of \(path) cannot be used: "
        + examples.joined(separator: "; ")
    }
  }

  /// What to do; a sentence.
  public var remedy: String {
    switch self {
    case .cannotRead: "Check the path and its permissions."
    case .unknownLayout: "Lay the images out as CLASS/NAME.png, in a folder or a .tar."
    case .malformedTable:
      "Correct the line: labels.tsv has a head line and the tab-separated columns path, class and, "
        + "if you like, split (train, tune or val); a csv has label and location."
    case .missingFile: "Put it there, or take a fresh copy of the data set."
    case .damagedFile: "Take a fresh copy of the data set."
    case .unsorted: "Sort the images into folders by class, or name their classes in a labels.tsv."
    case .tooFewClasses: "Give images of two classes or more."
    case .emptyClass: "Give it images, or take the class out."
    case .empty: "Give a split that the data set has, or check its labels.tsv."
    case .wrongSize:
      "Give a side to which all images are resized (side_px), cut them, or choose another zoom."
    case .wrongSide: "Give a side that is a multiple of the zoom."
    case .mixedSizes: "Give a side to which all images are resized (side_px)."
    case .mostlyUnreadable:
      "At most a tenth may be left out: mend or remove them, or take a fresh copy."
    }
  }
}
