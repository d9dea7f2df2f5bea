// SPDX-License-Identifier: Apache-2.0

/// Names that a file may have and that programs handle badly.
package enum BadNames {
  /// Names that text can hold, by what is bad about them.
  package static let texts: [String: String] = [
    "a newline": "a\nb.tif", "an escape": "a\u{1B}[2Jb.tif", "a double quote": "a\"b.tif",
    "a single quote": "a'b.tif", "a command": "$(id).tif", "a backslash": "a\\b.tif",
    "composed": "caf\u{E9}.tif", "decomposed": "cafe\u{301}.tif",
    "right to left": "a\u{202E}fit.b.tif", "255 bytes": String(repeating: "a", count: 251) + ".tif",
    "a leading dash": "-o.tif", "only spaces": "   ", "a percent sign": "a%2fb%00.tif",
    "a colon": "GTIFF_DIR:1:a.tif", "a question mark": "a?b#c.tif", "XML": "<VRTDataset>.tif",
  ]

  /// A name that is no UTF-8.
  package static let noText: [UInt8] = Array("a".utf8) + [0xFF, 0xC0, 0x80] + Array("b.tif".utf8)

  /// Texts that GDAL takes for more than a name; none of them is a file.
  package static let connections = [
    "/vsicurl/http://127.0.0.1:9/x.tif", "/vsizip/x.zip", "/vsigzip//etc/passwd", "/vsistdin/",
    "vrt:///etc/passwd", "GTIFF_DIR:2:x.tif", "GTIFF_RAW:x.tif",
    "DERIVED_SUBDATASET:LOGAMPLITUDE:x.tif",
    "<VRTDataset rasterXSize=\"1\" rasterYSize=\"1\"></VRTDataset>", "http://127.0.0.1:9/x.tif",
    "ZARR:\"/vsicurl/http://127.0.0.1:9/x\"", "MEM:::DATAPOINTER=4096,PIXELS=1,LINES=1",
    "/vsimem/in.tif", "/vsimem/place.tif",
  ]
}
