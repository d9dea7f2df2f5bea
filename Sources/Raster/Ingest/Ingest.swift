// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// The only way in for rasters from outside: an untrusted file goes in, a clean one comes out.
///
/// The file is copied and judged by a reader of our own; its place is worked out from its checked
/// tags; its pixels are decoded by a confined process (``RasterDecoder``), held against what the
/// header promised, and written anew without any metadata. Later work reads only the clean copy.
///
/// ```swift
/// let facts = try Ingest.scene(upload, cleanCopy: state.appending(path: "scenes/\(id).tif"))
/// ```
///
/// These calls block: run them on a `ComputePool`. Errors speak of the file as "it"; whoever knows
/// its name for people puts it in front.
public enum Ingest {
  /// Takes in a scene: any coordinate reference system of the Earth, north up, rotated or sheared;
  /// integers of 8 or 16 bits or floating-point numbers.
  ///
  /// - Parameters:
  ///   - source: a regular file of unknown content; it is only read.
  ///   - cleanCopy: the tiled GeoTIFF to make; it appears when it is whole.
  ///   - limits: how large the raster may be.
  ///   - decoder: decodes the pixels.
  /// - Returns: what the scene is.
  /// - Throws: `RasterError`, with the kind, the reason and what to do.
  public static func scene(
    _ source: URL, cleanCopy: URL, limits: IngestLimits = .scene,
    decoder: RasterDecoder = .shared
  ) throws(RasterError) -> SceneFacts {
    var run = IngestRun(source, limits: limits, decoder: decoder)
    run.cleanCopy = cleanCopy
    return try run.take()
  }

  /// Takes in a delivery and verifies that it is what was ordered, to the pixel.
  ///
  /// - Parameters:
  ///   - source: what the vendor sent.
  ///   - cleanCopy: the tiled GeoTIFF to make; it appears when it is whole.
  ///   - expected: what was ordered: size, bands, type, coordinate reference system and place.
  ///   - limits: how large the raster may be.
  ///   - decoder: decodes the pixels.
  /// - Returns: what the delivery is.
  /// - Throws: `RasterError`: `mismatch` where it is something else, `values` where it is empty.
  public static func delivery(
    _ source: URL, cleanCopy: URL, expected: RasterLayout, limits: IngestLimits = .delivery,
    decoder: RasterDecoder = .shared
  ) throws(RasterError) -> SceneFacts {
    var run = IngestRun(source, limits: limits, decoder: decoder)
    run.cleanCopy = cleanCopy
    run.expected = expected
    return try run.take()
  }

  /// Says what a file is and whether ``scene(_:cleanCopy:limits:decoder:)`` would take it.
  ///
  /// - Parameters:
  ///   - source: a regular file of unknown content; it is only read.
  ///   - wantsChecksums: whether bands have their checksums.
  ///   - limits: how large the raster may be.
  ///   - decoder: decodes the pixels.
  /// - Returns: the verdict, and all that was found until it fell.
  public static func inspect(
    _ source: URL, wantsChecksums: Bool = false, limits: IngestLimits = .scene,
    decoder: RasterDecoder = .shared
  ) -> Inspection {
    var run = IngestRun(source, limits: limits, decoder: decoder)
    run.wantsChecksums = wantsChecksums
    do throws(RasterError) {
      _ = try run.take()
    } catch {
      run.found.refusal = error
    }
    return run.found
  }

  /// Cuts a part out of an untrusted GeoTIFF, pixel for pixel.
  ///
  /// The file is checked as a delivery is before it is decoded; what comes of it is still to be
  /// taken in by ``delivery(_:cleanCopy:expected:limits:decoder:)``.
  ///
  /// - Parameters:
  ///   - rect: must lie within the raster.
  ///   - target: the file to make; it appears when it is whole.
  /// - Throws: `RasterError`; `mismatch` where the file is smaller than the part.
  public static func part(
    of source: URL, _ rect: PixelRect, to target: URL, limits: IngestLimits = .delivery,
    decoder: RasterDecoder = .shared
  ) throws(RasterError) {
    var run = IngestRun(source, limits: limits, decoder: decoder)
    run.cleanCopy = target
    run.part = rect
    _ = try run.take()
  }
}
