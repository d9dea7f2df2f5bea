// SPDX-License-Identifier: Apache-2.0

/// The projected system in metres that suits a place: its zone of the Universal Transverse Mercator
/// system on WGS 84, or the Universal Polar Stereographic system near a pole.
///
/// Zones are the plain ones, six degrees wide; the wider zones that maps of Norway and Svalbard use
/// are left out, since a metre there is as true in the plain ones.
///
/// ```swift
/// UTMZone(at: Coordinate(longitude: 9, latitude: 48)).crs  // "EPSG:32632"
/// ```
public struct UTMZone: Hashable, Sendable {
  /// The zone, 1 to 60, or nil beyond 84 degrees north or 80 degrees south.
  public let number: Int?
  /// Whether it is the northern half.
  public let isNorth: Bool

  /// The zone of a place; longitudes may also be counted beyond 180 degrees, either way.
  public init(at place: Coordinate) {
    isNorth = place.latitude >= 0
    guard (-80...84).contains(place.latitude) else {
      number = nil
      return
    }
    let fromDateLine = (place.longitude + 180).truncatingRemainder(dividingBy: 360)
    let degrees = fromDateLine < 0 ? fromDateLine + 360 : fromDateLine
    number = min(60, Int(degrees / 6) + 1)
  }

  /// The code of the system in the EPSG registry.
  public var epsgCode: Int {
    guard let number else { return isNorth ? 32_661 : 32_761 }
    return (isNorth ? 32_600 : 32_700) + number
  }

  /// The system as the rest of Fovea names one: `EPSG:32632`.
  public var crs: String { "EPSG:\(epsgCode)" }

  /// The zone in words: `UTM zone 32N`, or `UPS North`.
  public var name: String {
    guard let number else { return isNorth ? "UPS North" : "UPS South" }
    return "UTM zone \(number)\(isNorth ? "N" : "S")"
  }
}
