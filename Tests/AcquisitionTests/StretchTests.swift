// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
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
    let range = try #require(StretchRange("1000, 2020"))
    #expect(range.value(number) == value)
  }

  @Test(arguments: [
    "", "0,1 2", "1", "2,1", "1,1", "1,2,3", "a,b", "0,nan", "0,inf", "-1e308,1e308",
  ])
  func `what is no rising pair of numbers is no stretch`(text: String) {
    #expect(Stretch(text) == nil)
  }

  @Test func `its text is read again`() throws {
    let stretch = try #require(Stretch("-0.5,10000"))
    #expect(Stretch(stretch.description) == stretch)
    #expect(stretch.description == "-0.5,10000")
    let three = try #require(Stretch(texts: ["0,10", "5,25", "1,2"]))
    #expect(three.description == "0,10 5,25 1,2")
    #expect(Stretch(three.description) == three)
    #expect(Stretch(texts: []) == nil && Stretch(texts: ["0,1", "1,0"]) == nil)
  }

  @Test func `each band has its own range, or all have one`() throws {
    let each = try #require(Stretch(texts: ["0,255", "0,510", "100,355"]))
    #expect(each.fits(bandCount: 3) && !each.fits(bandCount: 4))
    #expect(each.values([10, 20, 10, 20, 110, 355], bandCount: 3) == [10, 20, 5, 10, 10, 255])
    let one = try #require(Stretch("0,510"))
    #expect(one.fits(bandCount: 7))
    #expect(one.values([10, 20, 30, 40], bandCount: 2) == [5, 10, 15, 20])
  }

  @Test func `in JSON it is one object, or a list`() throws {
    let texts = [
      #"{"maximum":9,"minimum":1}"#, #"[{"maximum":9,"minimum":1},{"maximum":8,"minimum":0}]"#,
    ]
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    for text in texts {
      let stretch = try JSONDecoder().decode(Stretch.self, from: Data(text.utf8))
      #expect(String(decoding: try encoder.encode(stretch), as: UTF8.self) == text)
    }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Stretch.self, from: Data("[]".utf8))
    }
  }
}
