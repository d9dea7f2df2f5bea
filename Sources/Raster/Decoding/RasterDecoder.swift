// SPDX-License-Identifier: Apache-2.0

import CConfinement
import Dispatch
public import Foundation
import Platform
import Synchronization

/// Decodes rasters from outside in processes that can do nothing else.
///
/// A few processes of the program `fovea-decode` wait for work; each forks one for every file,
/// which gives up all its rights before it reads a byte, decodes, answers and ends. Nothing of the
/// answer is believed: sizes, lengths and numbers must be those that the file's header promised to
/// our own reader.
///
/// ```swift
/// let decoder = RasterDecoder(landlock: .required) { print($0.end.words, $0.reason) }
/// let facts = try decoder.decode(copy, expecting: expectation, seconds: 30) { rect, pixels, _ in
///   // ...
/// }
/// ```
///
/// Its calls block: run them on a `ComputePool`.
public final class RasterDecoder: Sendable {
  /// For programs that have just one: started at its first use, Landlock required.
  public static let shared = RasterDecoder()

  /// What a decoder may need of memory, its libraries among it.
  static let memoryBytes: UInt64 = 1536 << 20
  /// How much longer than a file's deadline its end may take to be heard of.
  static let patience = Duration.seconds(10)

  let program: URL?
  let landlock: LandlockPolicy
  private let report: @Sendable (DecodeIncident) -> Void
  let slots: DispatchSemaphore
  let idle = Mutex<[DecoderProcess]>([])

  /// A decoder; its processes are started when they are needed.
  ///
  /// - Parameters:
  ///   - program: `fovea-decode`; without it the one beside the running program or in
  ///     `../libexec/fovea` is taken.
  ///   - landlock: what to do on a kernel without Landlock.
  ///   - processCount: how many files are decoded at the same time; others wait.
  ///   - report: is told of every file that was not decoded, on the caller's thread.
  public init(
    program: URL? = nil, landlock: LandlockPolicy = .required, processCount: Int = 2,
    reporting report: @escaping @Sendable (DecodeIncident) -> Void = { _ in }
  ) {
    precondition(processCount > 0, "files are decoded by at least one process")
    self.program = program
    self.landlock = landlock
    self.report = report
    slots = DispatchSemaphore(value: processCount)
  }

  #if FOVEA_TEST_HOOKS
    /// What tests want of the processes.
    let probe = Mutex<DecodeProbe?>(DecodeProbe.fromEnvironment)

    /// Has the processes misbehave from now on.
    package func misbehave(_ probe: DecodeProbe?) { self.probe.withLock { $0 = probe } }

    /// The processes that wait for work.
    package var idleProcesses: [Int32] { idle.withLock { $0.map(\.identifier) } }
  #endif

  /// Decodes a file, window by window: row by row of windows, all of one size but the last ones.
  ///
  /// - Parameters:
  ///   - file: a regular file that nobody else can change any more.
  ///   - expected: what our own reader found in its header.
  ///   - part: the pixels that are wanted; all where it is nil.
  ///   - wantsChecksums: whether the facts have a checksum for each band.
  ///   - seconds: the deadline, what `body` takes included.
  ///   - body: is given each window, with its place in the raster and the facts.
  /// - Returns: what the file says of its bands.
  /// - Throws: `RasterError`: `malformed`, `unsupported` or `decodeFailed` about the file,
  ///   `decodeMismatch` where the answer is not to be believed, `decoderUnavailable` where nothing
  ///   can be decoded here; and what `body` throws.
  @discardableResult
  public func decode(
    _ file: URL, expecting expected: DecodeExpectation, part: PixelRect? = nil,
    wantsChecksums: Bool = false, seconds: Int,
    _ body: (PixelRect, DecodedPixels, DecodedFacts) throws(RasterError) -> Void
  ) throws(RasterError) -> DecodedFacts {
    let input = try ReadOnlyFile(path: file.path, followsLinks: false)
    let request = request(
      expected, part: part, wantsChecksums: wantsChecksums, seconds: seconds)
    do throws(Failure) {
      return try decode(input.descriptor, request, body)
    } catch {
      if let end = error.end {
        let digest = try? Digest.sha256(ofFileAt: file)
        report(DecodeIncident(end: end, reason: error.error.reason, inputDigest: digest))
      }
      throw error.error
    }
  }

  /// Decodes a small image of our own, so that whatever is missing is known before it is needed.
  ///
  /// - Returns: how decoding is confined here.
  /// - Throws: `RasterError.decoderUnavailable` where nothing can be decoded.
  public func check() throws(RasterError) -> DecoderState {
    let image = SelfCheckImage.file
    let input = cc_memory_file(image, image.count)
    guard input >= 0 else {
      throw .decoderUnavailable(
        reason: "no file can be made in memory: \(String(cString: strerror(errno)))",
        remedy: "Let this process call memfd_create.")
    }
    defer { close(input) }
    var samples: [UInt8] = []
    let request = request(
      SelfCheckImage.expectation, part: nil, wantsChecksums: false,
      seconds: IngestLimits.scene.seconds)
    do throws(Failure) {
      _ = try decode(input, request) { _, pixels, _ throws(RasterError) in
        if case .uint8(let window) = pixels { samples += window.samples }
      }
    } catch {
      if case .decoderUnavailable = error.error { throw error.error }
      throw .decoderUnavailable(
        reason: "it cannot decode an image of four pixels: \(error.error.reason)",
        remedy: "Install fovea-decode again, from the same version as this program.")
    }
    guard samples == SelfCheckImage.samples else {
      throw .decoderUnavailable(
        reason: "it decodes an image of four pixels into \(samples)",
        remedy: "Install fovea-decode and GDAL again.")
    }
    let version = idle.withLock { $0.first?.landlockVersion }
    return DecoderState(program: try Self.find(program), landlockVersion: pretended(version))
  }
}
