// SPDX-License-Identifier: Apache-2.0

import CGDAL

/// How pixels become those of another size or grid.
public enum Resampling: String, Hashable, Sendable, Codable, CaseIterable {
  /// The mean of the area below a pixel: for making images coarser.
  case average
  /// Between the four nearest pixels: for making images finer or moving them.
  case bilinear
  /// The pixel at the middle: for numbers that are names, such as classes.
  case nearest

  var ofRead: GDALRIOResampleAlg {
    switch self {
    case .average: GRIORA_Average
    case .bilinear: GRIORA_Bilinear
    case .nearest: GRIORA_NearestNeighbour
    }
  }

  var ofWarp: GDALResampleAlg {
    switch self {
    case .average: GRA_Average
    case .bilinear: GRA_Bilinear
    case .nearest: GRA_NearestNeighbour
    }
  }
}
