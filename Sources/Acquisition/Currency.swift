// SPDX-License-Identifier: Apache-2.0

/// A currency of ISO 4217, with the number of decimals of its minor unit.
///
/// ```swift
/// let euro = try Currency(code: "EUR")  // minorDigits 2: 1250 is 12.50 EUR
/// ```
public struct Currency: Hashable, Sendable, CustomStringConvertible {
  /// The three letters.
  public let code: String
  /// The decimals of the minor unit, 0 to 4.
  public let minorDigits: Int

  /// Looks a code up.
  ///
  /// - Throws: `MoneyError.unknownCurrency`.
  public init(code: String) throws(MoneyError) {
    guard let digits = Self.minorDigits(of: code) else { throw .unknownCurrency(code) }
    self.code = code
    minorDigits = digits
  }

  /// How many minor units one major unit has: 100 for EUR, 1 for JPY.
  public var minorUnitsPerMajorUnit: Int64 {
    (0..<minorDigits).reduce(1) { scale, _ in scale * 10 }
  }

  /// The code.
  public var description: String { code }

  private static func minorDigits(of code: String) -> Int? {
    if withoutDecimals.contains(code) { return 0 }
    if withThreeDecimals.contains(code) { return 3 }
    return withTwoDecimals.contains(code) ? 2 : nil
  }

  // ISO 4217, list one, by the digits of the minor unit. Funds codes, metals and CLF are left out:
  // nobody sells imagery in them.
  private static let withoutDecimals = codes(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF")
  private static let withThreeDecimals = codes("BHD IQD JOD KWD LYD OMR TND")
  private static let withTwoDecimals = codes(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD \
    CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD \
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD \
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP \
    PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS \
    TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
    """)

  private static func codes(_ list: String) -> Set<String> {
    Set(list.split(separator: " ").map(String.init))
  }
}
