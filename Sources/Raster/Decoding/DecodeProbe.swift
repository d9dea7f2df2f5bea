// SPDX-License-Identifier: Apache-2.0

#if FOVEA_TEST_HOOKS
  import CConfinement
  import Foundation

  /// What a test has a decoder do instead of its work; an installed program has none of it.
  package enum DecodeProbe: UInt32, Sendable, CaseIterable {
    // What a confined process must not do.
    case open = 1
    case openat2, socket, fork, execute, makeCode, kill, takeMemory, spin, writeElsewhere, sleep
    case crash
    // Lies about a file.
    case wrongSize = 101
    case tooManyBytes, tooFewBytes, scaleIsNoNumber, notDone, wrongMagic, strayValidity
    case infiniteSample
    // What a kernel or a program may lack.
    case withoutLandlock = 201
    case withoutEnvironment

    /// The probe that `FOVEA_DECODE_PROBE` asks for.
    static var fromEnvironment: DecodeProbe? {
      ProcessInfo.processInfo.environment["FOVEA_DECODE_PROBE"].flatMap(UInt32.init)
        .flatMap(DecodeProbe.init)
    }

    /// Tries what it stands for, and says how that went.
    func attempt() throws(RasterError) {
      guard rawValue < DecodeProbe.wrongSize.rawValue else { return }
      let error = cc_attempt(Int32(rawValue))
      throw .decodeFailed(reason: error == 0 ? "allowed" : "refused with error \(error)")
    }

    /// A frame as a lying process sends it; nil where it sends none.
    func distort(_ kind: DecodeProtocol.FrameKind, _ payload: [UInt8]) -> [UInt8]? {
      var payload = payload
      switch (self, kind) {
      case (.wrongMagic, .header): payload[0] ^= 1
      case (.wrongSize, .header): payload[4] ^= 1
      case (.scaleIsNoNumber, .band):
        payload.replaceSubrange(32..<40, with: [0, 0, 0, 0, 0, 0, 0xf8, 0x7f])
      case (.tooManyBytes, .tile): payload.append(0)
      case (.tooFewBytes, .tile): payload.removeLast()
      case (.strayValidity, .tile): payload[payload.count - 1] = 7
      case (.infiniteSample, .tile):
        payload.replaceSubrange(16..<20, with: [0, 0, 0x80, 0x7f])
      case (.notDone, .done): return nil
      default: break
      }
      return payload
    }
  }
#endif
