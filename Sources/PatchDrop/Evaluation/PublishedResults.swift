// SPDX-License-Identifier: Apache-2.0

/// The data sets of the paper's tables.
public enum PublishedDataSet: String, Sendable, Codable, CaseIterable {
  /// CIFAR-10.
  case cifar10
  /// CIFAR-100.
  case cifar100
  /// ImageNet.
  case imageNet = "imagenet"
  /// Functional Map of the World: satellite images, 62 classes.
  case fmow

  /// The name in the paper.
  public var title: String {
    switch self {
    case .cifar10: "CIFAR10"
    case .cifar100: "CIFAR100"
    case .imageNet: "ImageNet"
    case .fmow: "fMoW"
    }
  }

  /// The data set whose figures say most beside measurements on images of some classes: CIFAR-10
  /// for its own classes, else the satellite images.
  public static func closest(toClasses classes: [String]) -> PublishedDataSet {
    let names: Set = [
      "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ]
    return Set(classes.map { $0.lowercased() }).isSubset(of: names) ? .cifar10 : .fmow
  }
}

/// What the paper's tables say of one system, on one data set, in one setting.
public struct PublishedResult: Sendable, Equatable, Codable {
  /// The share of right answers.
  public let accuracy: Double
  /// S, the mean number of patches bought of a chip, of 16.
  public let patches: Double

  fileprivate init(percent: Double, patches: Double) {
    // The nearest number to the printed one, which division by 100 would miss.
    accuracy = (percent * 10).rounded() / 1000
    self.patches = patches
  }
}

extension EvaluationSystem {
  /// The paper's figures; nil where it has none.
  ///
  /// Source: Uzkent and Ermon, CVPR 2020, the tables of results.
  ///
  /// - Parameter stage: the setting; any where the system stands alone.
  public func published(on data: PublishedDataSet, stage: AgentVariant?) -> PublishedResult? {
    guard let row = Self.published[data]?[self] else { return nil }
    let place = standsAlone ? 0 : stage.flatMap { AgentVariant.allCases.firstIndex(of: $0) }
    return place.map { PublishedResult(percent: row[$0].0, patches: row[$0].1) }
  }

  /// The figures of all data sets that have some, by the data set's name.
  public func published(stage: AgentVariant?) -> [String: PublishedResult] {
    var results: [String: PublishedResult] = [:]
    for data in PublishedDataSet.allCases {
      results[data.rawValue] = published(on: data, stage: stage)
    }
    return results
  }

  /// Accuracy in percent and S, in Pt, Ft-1 and Ft-2, or once for what stands alone.
  private typealias Row = [(Double, Double)]

  private static let published: [PublishedDataSet: [EvaluationSystem: Row]] = [
    .cifar10: [
      .lrCNN: [(75.8, 0)], .srgan: [(78.8, 0)], .kd: [(81.8, 0)], .pcn: [(83.3, 0)],
      .hrCNN: [(92.3, 16)],
      .fixedH: [(71.2, 9), (83.8, 8), (85.2, 7)],
      .fixedV: [(64.7, 9), (83.4, 8), (85.1, 7)],
      .stochastic: [(40.6, 9), (82.1, 8), (83.7, 7)],
      .stn: [(66.9, 9), (85.2, 8), (87.1, 7)],
      .patchDrop: [(80.6, 8.5), (91.9, 7.9), (91.5, 6.9)],
    ],
    .cifar100: [
      .lrCNN: [(55.1, 0)], .srgan: [(56.1, 0)], .kd: [(61.1, 0)], .pcn: [(62.6, 0)],
      .hrCNN: [(69.3, 16)],
      .fixedH: [(48.5, 9), (65.8, 10), (67.0, 10)],
      .fixedV: [(46.2, 9), (65.5, 10), (67.2, 10)],
      .stochastic: [(27.6, 9), (63.2, 10), (64.8, 10)],
      .stn: [(41.1, 9), (64.3, 10), (66.4, 10)],
      .patchDrop: [(57.3, 9), (69.3, 9.9), (70.4, 9.1)],
    ],
    .imageNet: [
      .lrCNN: [(58.1, 0)], .srgan: [(63.1, 0)], .kd: [(62.4, 0)], .pcn: [(63.9, 0)],
      .hrCNN: [(76.5, 16)],
      .fixedH: [(48.8, 10), (68.6, 9), (70.4, 8)],
      .fixedV: [(48.4, 10), (68.4, 9), (70.8, 8)],
      .stochastic: [(38.6, 10), (66.2, 9), (68.4, 8)],
      .stn: [(58.6, 10), (69.4, 9), (71.4, 8)],
      .patchDrop: [(60.2, 10.1), (74.9, 9.1), (76.0, 7.9)],
    ],
    .fmow: [
      .lrCNN: [(61.4, 0)], .srgan: [(62.3, 0)], .kd: [(63.1, 0)], .pcn: [(63.5, 0)],
      .hrCNN: [(67.3, 16)],
      .fixedH: [(47.7, 7), (63.3, 6), (64.9, 6)],
      .fixedV: [(48.3, 7), (63.2, 6), (64.7, 6)],
      .stochastic: [(29.1, 7), (57.1, 6), (63.6, 6)],
      .stn: [(46.5, 7), (61.8, 6), (64.8, 6)],
      .patchDrop: [(53.4, 7), (67.1, 5.9), (68.3, 5.2)],
    ],
  ]
}
