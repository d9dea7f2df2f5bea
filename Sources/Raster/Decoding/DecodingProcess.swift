// SPDX-License-Identifier: Apache-2.0

import CConfinement
import Foundation

/// The process that decodes one file: it confines itself before it looks at a byte of it, answers
/// and ends, and whatever it became on the way ends with it.
enum DecodingProcess {
  /// Does all of that; `parent` is the process that forked this one.
  static func run(
    _ request: DecodeRequest, input: Int32, answer: Int32, parent: pid_t
  ) -> Never {
    guard cc_keep_only(input, answer) == 0 else { _exit(DecodeProtocol.confinementCode) }
    let frames = FrameWriter(descriptor: Int32(CC_ANSWER), probe: request.probe)
    // The C library asks by path, even here, which the filter refuses later.
    var status = stat()
    let isRegular = fstat(Int32(CC_INPUT), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    if let trouble = confine(request, parent: parent) {
      refuse(.confinement, trouble, to: frames)
      _exit(DecodeProtocol.confinementCode)
    }
    // libdeflate leaves bytes as they were where a block holds more than its size.
    cc_hand_out_empty_memory()
    // Bytes from outside are read below this line only.
    do throws(RasterError) {
      try decode(request, byteCount: isRegular ? Int(status.st_size) : 0, frames)
      _exit(0)
    } catch {
      refuse(RefusalKind(error), error.reason, to: frames)
      _exit(DecodeProtocol.refusalCode)
    }
  }

  private typealias RefusalKind = DecodeProtocol.RefusalKind

  private static func refuse(_ kind: RefusalKind, _ reason: String, to frames: FrameWriter) {
    var fields = FieldWriter()
    fields.add(kind.rawValue)
    frames.write(
      .refusal, fields.bytes + Array(DecodeProtocol.plain(reason).utf8))
  }

  // MARK: Confinement

  /// Gives up every right that decoding does not need; returns what could not be given up.
  private static func confine(_ request: DecodeRequest, parent: pid_t) -> String? {
    var limits = cc_limits(
      address_space_bytes: request.memoryBytes, cpu_seconds: UInt32(request.cpuSeconds))
    func failed(_ what: String) -> String { "\(what): \(String(cString: strerror(errno)))" }
    guard cc_limit(&limits) == 0 else { return failed("limits cannot be set") }
    guard cc_give_up_privileges(parent) == 0 else { return failed("privileges stay") }
    if cc_restrict_by_landlock() != 0 && request.needsLandlock {
      return failed("Landlock does not hold")
    }
    guard cc_load_filter() == 0 else { return failed("the filter of system calls does not hold") }
    return nil
  }

  // MARK: Pixels

  private static func decode(
    _ request: DecodeRequest, byteCount: Int, _ frames: FrameWriter
  ) throws(RasterError) {
    #if FOVEA_TEST_HOOKS
      try DecodeProbe(rawValue: request.probe)?.attempt()
    #endif
    guard byteCount > 0 else { throw .malformed(reason: "it is empty, or no regular file") }
    guard
      let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE, Int32(CC_INPUT), 0),
      memory != MAP_FAILED
    else { throw .decodeFailed(reason: "it does not fit into the memory that decoding may use") }
    let bytes = UnsafeMutableRawBufferPointer(start: memory, count: byteCount)
    let source = try DecodedSource(bytes, expecting: request.expectation)
    try send(source, request, frames)
  }

  private static func send(
    _ source: borrowing DecodedSource, _ request: DecodeRequest, _ frames: FrameWriter
  ) throws(RasterError) {
    let (expectation, facts) = (request.expectation, source.facts)
    var header = FieldWriter()
    header.add(DecodeProtocol.magic)
    for number in [
      expectation.width, expectation.height, facts.bandCount, facts.fileBandCount,
      facts.pixelType == .uint8 ? 0 : 1, request.tileWidth, request.tileHeight,
    ] { header.add(UInt32(number)) }
    frames.write(.header, header.bytes)
    for number in 1...facts.fileBandCount {
      let band = try source.band(number, wantsChecksum: request.wantsChecksums)
      frames.write(.band, band.bytes)
    }
    for tile in request.tiles {
      switch facts.pixelType {
      case .uint8: try send(tile, of: source, request, frames, as: UInt8.self)
      case .float32: try send(tile, of: source, request, frames, as: Float.self)
      }
    }
    frames.write(.done, [])
  }

  private static func send<Sample: RasterSample>(
    _ tile: PixelRect, of source: borrowing DecodedSource, _ request: DecodeRequest,
    _ frames: FrameWriter, as: Sample.Type
  ) throws(RasterError) {
    let window: Window<Sample> = try source.read(tile)
    var fields = FieldWriter()
    for number in [tile.column, tile.row, tile.width, tile.height] { fields.add(UInt32(number)) }
    var payload = fields.bytes
    payload.reserveCapacity(
      payload.count + window.samples.count * MemoryLayout<Sample>.stride + window.validity.count)
    window.samples.withUnsafeBytes { payload.append(contentsOf: $0) }
    // A Bool is a byte, 0 or 1.
    window.validity.withUnsafeBytes { payload.append(contentsOf: $0) }
    frames.write(.tile, payload)
  }
}
