// SPDX-License-Identifier: Apache-2.0

import CGDAL
import Synchronization

/// The library behind this module: registered once, silent, with every option in one place.
enum GDAL {
  /// Whether this process only ever decodes what comes from outside.
  private static let isForDecoding = Atomic<Bool>(false)

  /// Registers the one driver that reads what comes from outside, and nothing else.
  ///
  /// Must come before anything else of GDAL's.
  static func prepareForDecoding() {
    isForDecoding.store(true, ordering: .relaxed)
    precondition(isReady)
  }

  /// Registers the few drivers that are used and sets the options; the first use does it, once.
  static let isReady: Bool = {
    let options = [
      // Nothing beside a file is looked at: no .aux.xml, .ovr, .msk, .tfw.
      "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
      "GDAL_PAM_ENABLED": "NO",
      "GDAL_DRIVER_PATH": "disable",
      "GDAL_VRT_ENABLE_PYTHON": "NO",
      "PROJ_NETWORK": "OFF",
      // A file that shrinks under a mapping ends the process; a read just fails.
      "GTIFF_USE_MMAP": "NO",
      "GTIFF_VIRTUAL_MEM_IO": "NO",
      "GDAL_TIFF_INTERNAL_MASK": "YES",
      // The block cache, in MB: a row of blocks of a million square chips of three bands, so that
      // none is decoded for each row of chips. Threads are the compute pool's business.
      "GDAL_CACHEMAX": "48",
      "GDAL_NUM_THREADS": "1",
    ]
    for (key, value) in options { CPLSetConfigOption(key, value) }
    CPLSetErrorHandler { _, _, _ in }
    GDALRegister_GTiff()
    if isForDecoding.load(ordering: .relaxed) { return true }
    GDALRegister_MEM()
    GDALRegister_PNG()
    GDALRegister_JPEG()
    // These two only ever write: nothing is opened with a driver that the caller does not name.
    GDALRegister_COG()
    RegisterOGRGeoPackage()
    return true
  }()

  /// What GDAL said while a call ran.
  struct Messages {
    /// At most 16, each of at most 200 characters, control characters escaped.
    var texts: [String] = []
    /// Whether one of them was a failure; pixels that came with one are not to be trusted.
    var hasFailure = false

    /// The messages as the end of a sentence, or `fallback` when GDAL said nothing.
    func text(else fallback: String = "GDAL gave no reason") -> String {
      texts.isEmpty ? fallback : texts.joined(separator: "; ")
    }

    /// The messages without the path of a file that people know by another name.
    func text(about path: String, as name: String?) -> String {
      var clean = self
      if let name { clean.texts = texts.map { $0.replacing(path, with: name) } }
      return clean.text()
    }
  }

  /// Runs `call` and returns its value with what GDAL said; nothing is printed.
  ///
  /// GDAL keeps its errors for each thread, so the call and its messages stay in one synchronous
  /// scope.
  static func listen<Value>(_ call: () -> Value) -> (value: Value, messages: Messages) {
    precondition(isReady)
    let listener = Listener()
    return withExtendedLifetime(listener) {
      CPLPushErrorHandlerEx(
        { severity, _, text in
          guard let listener = CPLGetErrorHandlerUserData(), let text else { return }
          Unmanaged<Listener>.fromOpaque(listener).takeUnretainedValue().hear(severity, text)
        }, Unmanaged.passUnretained(listener).toOpaque())
      defer { CPLPopErrorHandler() }
      let value = call()
      return (value, listener.messages)
    }
  }

  private final class Listener {
    var messages = Messages()

    func hear(_ severity: CPLErr, _ text: UnsafePointer<CChar>) {
      guard severity.rawValue >= CE_Warning.rawValue else { return }
      if severity.rawValue >= CE_Failure.rawValue { messages.hasFailure = true }
      guard messages.texts.count < 16 else { return }
      let printable = String(cString: text).unicodeScalars.prefix(200).map { scalar in
        scalar.properties.generalCategory == .control
          ? scalar.escaped(asASCII: true) : String(scalar)
      }
      // Our sentences bring their own full stop.
      let isEnded = printable.last == "."
      let plain = printable.dropLast(isEnded ? 1 : 0).joined()
      if !messages.texts.contains(plain) { messages.texts.append(plain) }
    }
  }

  /// A list of strings as GDAL takes options, freed with the value.
  struct StringList: ~Copyable {
    private(set) var pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

    init(_ strings: [String]) {
      for string in strings { pointer = CSLAddString(pointer, string) }
    }

    /// The same list, seen as constant.
    var constant: UnsafePointer<UnsafePointer<CChar>?>? {
      UnsafeRawPointer(pointer)?.assumingMemoryBound(to: UnsafePointer<CChar>?.self)
    }

    deinit { CSLDestroy(pointer) }
  }

  /// Opens a raster of one of `drivers`, without looking at any file beside it.
  ///
  /// - Returns: the handle, and why there is none.
  static func open(
    _ path: String, drivers: [String], options: [String] = []
  ) -> (handle: GDALDatasetH?, messages: Messages) {
    let drivers = StringList(drivers)
    let options = StringList(options)
    // An empty list of siblings: GDAL then believes that the file stands alone.
    var noSiblings: UnsafePointer<CChar>?
    let (handle, messages) = listen {
      GDALOpenEx(
        path, UInt32(GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR),
        drivers.constant, options.constant, &noSiblings)
    }
    return (handle, messages)
  }
}
