// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import TestSupport
import Testing

@Suite struct PlatformTests {
  @Test func `the pool runs blocking work beside the cooperative threads`() async throws {
    let pool = ComputePool(threadCount: 4)
    let sum = try await withThrowingTaskGroup(of: Int.self) { group in
      for index in 0..<100 { group.addTask { try await pool.run { index } } }
      return try await group.reduce(0, +)
    }
    #expect(sum == 4950)
    await #expect(throws: CocoaError.self) {
      try await pool.run { throw CocoaError(.fileNoSuchFile) }
    }
  }

  @Test func `a durable file replaces the old one and leaves nothing else`() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "a.json")
    try DurableFile.write(Data("one".utf8), to: url)
    try DurableFile.write(Data("two".utf8), to: url)
    #expect(try String(contentsOf: url, encoding: .utf8) == "two")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["a.json"])
    let missing = folder.url.appending(path: "none/b")
    let error = #expect(throws: PlatformError.self) {
      try DurableFile.write(Data(), to: missing)
    }
    #expect(error?.description.contains("Check the path") == true)
  }

  // The vectors of FIPS 180-4's examples.
  @Test func `digests are SHA-256`() throws {
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(Digest.sha256(Data("abc".utf8)) == expected)
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "abc")
    try Data("abc".utf8).write(to: url)
    #expect(try Digest.sha256(ofFileAt: url) == expected)
  }

  // First outputs of xoshiro256** from the state that SplitMix64 gives for seed 0, computed with
  // an independent program.
  @Test func `the generator is xoshiro256 starstar`() {
    var generator = SeededGenerator(seed: 0)
    let first = (0..<3).map { _ in generator.next() }
    #expect(
      first == [0x99EC_5F36_CB75_F2B4, 0xBF6E_1F78_4956_452A, 0x1A5F_849D_4933_E6E0])
    for _ in 0..<1000 { #expect((0..<1).contains(generator.uniform())) }
  }

  @Test func `one directory has one owner`() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "fovead.lock")
    func take() throws(PlatformError) { _ = try DirectoryLock(file: file) }
    do {
      let lock = try DirectoryLock(file: file)
      let error = #expect(throws: PlatformError.self) { try take() }
      #expect(error?.description.contains("process \(getpid())") == true)
      _ = consume lock
    }
    try take()
  }

  @Test func `identifiers of version 7 sort by time`() {
    var generator = SeededGenerator(seed: 1)
    let start = Date(timeIntervalSince1970: 1_700_000_000)
    let texts = (0..<50).map { step in
      UUID.version7(at: start.addingTimeInterval(Double(step)), using: &generator).text
    }
    #expect(texts == texts.sorted())
    let parts = texts[0].split(separator: "-")
    #expect(parts[2].hasPrefix("7") && "89ab".contains(parts[3].prefix(1)))
  }

  @Test func `times are RFC 3339 with milliseconds`() throws {
    let date = Date(timeIntervalSince1970: 1_700_000_000.25)
    #expect(Timestamp.text(date) == "2023-11-14T22:13:20.250Z")
    #expect(Timestamp.date("2023-11-14T22:13:20.250Z") == date)
    #expect(Timestamp.date("yesterday") == nil)
  }

  @Test func everyMillisecondKeepsItsText() throws {
    for milliseconds in 0..<2000 {
      let date = Date(timeIntervalSince1970: 1_795_000_000 + Double(milliseconds) / 1000)
      let text = Timestamp.text(date)
      #expect(text.hasSuffix(String(format: ".%03dZ", milliseconds % 1000)))
      #expect(Timestamp.text(try #require(Timestamp.date(text))) == text)
    }
  }

  @Test func `a secret cannot be printed`() {
    let secret = Secret("hunter2")
    var dumped = ""
    dump(secret, to: &dumped)
    #expect(!"\(secret) \(String(reflecting: secret)) \(dumped)".contains("hunter2"))
    #expect(secret.reveal() == "hunter2")
  }
}
