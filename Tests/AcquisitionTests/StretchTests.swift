// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Testing

@Suite struct StretchTests {
  @Test(
    arguments: [
      (-1e9, 0), (0, 0), (999, 0), (1000, 0), (1001.9, 0), (1002.1, 1), (1510, 128), (2020, 255),
      (2021, 255), (Float.infinity, 255), (Float.nan, 0),
    ] as [(Float, UInt8)])
  func `a number becomes the nearest of 256 values, and the ends are kept`(
    number: Float, value: UInt8
  ) throws {
    let stretch = try #require(Stretch("1000, 2020"))
    #expect(stretch.value(number) == value)
  }

  @Test(arguments: ["", "1", "2,1", "1,1", "1,2,3", "a,b", "0,nan", "0,inf", "-1e308,1e308"])
  func `what is no rising pair of numbers is no stretch`(text: String) {
    #expect(Stretch(text) == nil)
  }

  @Test func `its text is read again`() throws {
    let stretch = try #require(Stretch("-0.5,10000"))
    #expect(Stretch(stretch.description) == stretch)
  }
}
