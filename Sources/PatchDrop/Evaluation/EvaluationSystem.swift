// SPDX-License-Identifier: Apache-2.0

/// The ways of buying that an evaluation knows, in the order of the paper's tables: its ten
/// systems, the margin gate and masks from elsewhere.
///
/// ```swift
/// EvaluationSystem.fixedH.title  // "Fixed-H"
/// ```
public enum EvaluationSystem: String, Sendable, Codable, CaseIterable {
  /// Nothing; the LR classifier answers.
  case lrCNN = "lr_cnn"
  /// Nothing; the HR classifier answers from an enlarged LR image.
  case srgan
  /// Nothing; an LR classifier that was taught by the HR classifier answers.
  case kd
  /// Nothing; an LR classifier that shares filters with an HR classifier answers.
  case pcn
  /// Everything; the stand-alone HR classifier answers.
  case hrCNN = "hr_cnn"
  /// The same patches of every chip, middle rows first, as many as PatchDrop.
  case fixedH = "fixed_h"
  /// The same patches of every chip, middle columns first, as many as PatchDrop.
  case fixedV = "fixed_v"
  /// Random patches, those near the middle more often, as many as PatchDrop.
  case stochastic
  /// The patches that a saliency network scores highest, as many as PatchDrop.
  case stn
  /// What the policy keeps.
  case patchDrop = "patchdrop"
  /// Whole chips in the order of the LR classifier's doubt, as many patches as PatchDrop.
  case lrMargin = "lr_margin"
  /// Masks that were given.
  case given

  /// The system of a comparison.
  public init(_ system: ComparisonSystem) {
    switch system {
    case .fixedH: self = .fixedH
    case .fixedV: self = .fixedV
    case .stochastic: self = .stochastic
    }
  }

  /// The name in the paper, or ours where the paper has no such system.
  public var title: String {
    switch self {
    case .lrCNN: "LR-CNN"
    case .srgan: "SRGAN"
    case .kd: "KD"
    case .pcn: "PCN"
    case .hrCNN: "HR-CNN"
    case .fixedH: "Fixed-H"
    case .fixedV: "Fixed-V"
    case .stochastic: "Stochastic"
    case .stn: "STN"
    case .patchDrop: "PatchDrop"
    case .lrMargin: "LR margin"
    case .given: "Given masks"
    }
  }

  /// What it buys and who answers, in a few words.
  public var summary: String {
    switch self {
    case .lrCNN: "buys nothing; the low-resolution classifier answers"
    case .srgan: "buys nothing; answers from an enlarged low-resolution image"
    case .kd: "buys nothing; a low-resolution classifier that a high-resolution one taught"
    case .pcn: "buys nothing; shares filters with a high-resolution classifier"
    case .hrCNN: "buys everything; the high-resolution classifier answers"
    case .fixedH: "the same patches of every chip, middle rows first"
    case .fixedV: "the same patches of every chip, middle columns first"
    case .stochastic: "random patches, more often near the middle"
    case .stn: "the patches that a saliency network scores highest"
    case .patchDrop: "the patches that the policy keeps"
    case .lrMargin: "whole chips, those first that the low-resolution classifier doubts most"
    case .given: "masks from a file"
    }
  }

  /// Whether the system answers the same in every setting: the stand-alone classifiers.
  public var standsAlone: Bool {
    switch self {
    case .lrCNN, .srgan, .kd, .pcn, .hrCNN: true
    case .fixedH, .fixedV, .stochastic, .stn, .patchDrop, .lrMargin, .given: false
    }
  }
}
