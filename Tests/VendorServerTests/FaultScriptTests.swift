// SPDX-License-Identifier: Apache-2.0

import Testing
import VendorServer

/// What a fault script may say.
@Suite struct FaultScriptTests {
  @Test(arguments: [
    "submit:lost-answer:1", "download:cut:1", "status:503:2", "quote:refuse:3",
    "fulfil:stuck:1", "deliveries:twice:4",
  ])
  func `the short form is read`(text: String) {
    #expect(FaultRule(text)?.description == text)
  }

  @Test(arguments: [
    "submit:corrupt:1", "submit:lost-answer", "pay:refuse:1", "status:200:1", "quote:x:1",
    "status:503:0", "fulfil:503:1", "quote:refuse:always",
  ])
  func `nothing else is`(text: String) { #expect(FaultRule(text) == nil) }

  @Test func `a script is a list, or a mapping with a seed`() throws {
    let list = try FaultScript(
      yaml: """
        - {when: submit, fault: lost-answer, with: {at: head}}
        - {when: status, fault: 429, times: always, chance: 20, with: {retry_after: "2"}}
        - {when: download, fault: corrupt, order: 2, item: 0, attempt: 1}
        """)
    var chance = FaultRule(
      .status, .status, times: nil, settings: ["code": "429", "retry_after": "2"])
    chance.chancePercent = 20
    var corrupt = FaultRule(.download, .corrupt)
    (corrupt.order, corrupt.item, corrupt.attempt) = (2, 0, 1)
    #expect(
      list.rules
        == [FaultRule(.submit, .lostAnswer, settings: ["at": "head"]), chance, corrupt])
    #expect(list.seed == 0)
    let json = try FaultScript(
      yaml: #"{"seed": 7, "faults": [{"when": "quote", "fault": "html", "times": 2}]}"#)
    #expect(json == FaultScript([FaultRule(.quote, .html, times: 2)], seed: 7))
  }

  @Test(arguments: [
    ("when: quote", "neither a list of rules"), ("- 5", "rule 1 is not a mapping"),
    ("- {when: pay, fault: html}", "rule 1: when is one of"),
    ("- {when: quote, fault: html, order: one}", "order is not a whole number"),
    ("- {when: quote, fault: gone}", "there is no fault \"gone\""),
    ("- {when: quote, fault: html, often: 2}", "often is not known"),
    ("- {when: quote, fault: corrupt}", "corrupt does not happen at quote. Use it at download."),
    ("- {when: quote, fault: html, with: {x: 1}}", "html has no setting x. It takes none."),
    ("- {when: quote, fault: stall, with: {seconds: soon}}", "Give a whole number from 0 to"),
    ("- {when: quote, fault: status}", "status needs a code"),
    ("- {when: quote, fault: html, times: 0}", "begin with 1"),
    ("{seed: x, faults: []}", "seed is not"), ("- {", "not YAML"),
  ])
  func `a mistake is named`(text: String, words: String) throws {
    let error = try #require(throws: VendorServerError.self) { _ = try FaultScript(yaml: text) }
    #expect("\(error)".contains(words), "\(error)")
  }
}
