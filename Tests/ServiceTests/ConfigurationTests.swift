// SPDX-License-Identifier: Apache-2.0

import Foundation
import Service
import TestSupport
import Testing

@Suite struct ConfigurationTests {
  private let folder: TemporaryFolder
  private var file: URL { folder.url.appending(path: "fovead.yaml") }

  init() throws { folder = try TemporaryFolder() }

  private func load(
    _ text: String, environment: [String: String] = [:],
    overrides: Configuration.Overrides = .init()
  ) throws -> Configuration {
    try Data(text.utf8).write(to: file)
    return try Configuration.load(file: file, environment: environment, overrides: overrides)
  }

  private func issues(_ text: String) throws -> [String] {
    do {
      _ = try load(text)
      return []
    } catch let error as ConfigurationError {
      return error.issues.map(\.description)
    }
  }

  @Test func `the file in etc gives the defaults`() throws {
    let shipped = TestPaths.root.appending(path: "etc/fovead.yaml")
    let configuration = try Configuration.load(
      file: shipped, environment: [:], overrides: .init())
    #expect(configuration == Configuration())
    #expect(configuration.socketPath == "/run/fovea/fovead.sock")
  }

  // What a reader switches on by taking the number sign away must be right too.
  @Test func `every key that etc explains is known, with its default`() throws {
    let shipped = try String(
      contentsOf: TestPaths.root.appending(path: "etc/fovead.yaml"), encoding: .utf8)
    let lines = shipped.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let commented = line.firstMatch(of: /^( *)# ([a-z_]+: .*)$/)
      return commented.map { "\($0.output.1)\($0.output.2)" } ?? String(line)
    }
    let configuration = try load(lines.joined(separator: "\n"))
    var expected = Configuration()
    expected.configuredSocket = Configuration.defaultSocket
    expected.configuredIncoming = expected.incomingFolder
    expected.apiAddress = LoopbackAddress("127.0.0.1:8466")
    expected.configuredTokens = URL(
      filePath: "/var/lib/fovea/tokens.json", directoryHint: .notDirectory)
    #expect(configuration == expected)
  }

  @Test func `a vendor is read, its prices from the folder of the file`() throws {
    let configuration = try load(
      """
      vendors:
        - name: demo
          kind: fovea
          url: http://127.0.0.1:8090
          trust: local
          product: hr
          prices: vendors/demo.yaml
      """)
    let vendor = try #require(configuration.vendors.first)
    #expect(vendor.name == "demo")
    #expect(vendor.isLocal)
    #expect(vendor.item == "mosaic")
    #expect(vendor.pricesFile.path == folder.url.appending(path: "vendors/demo.yaml").path)
  }

  @Test func `what a vendor's interface can do is read`() throws {
    let entry = "{name: a, url: https://a.example, product: p, prices: p.yaml"
    let plain = try #require(try load("vendors: [\(entry)}]").vendors.first)
    #expect(plain.hosts == [])
    #expect(plain.interface == VendorInterface())
    let vendor = try #require(
      try load(
        """
        vendors:
          - \(entry), hosts: [.images.example],
            interface: {repeat_safe: none, lookup: by-listing, lookup_lag_seconds: 40, cancel: never}}
        """
      ).vendors.first)
    #expect(vendor.hosts == [".images.example"])
    #expect(vendor.interface.repeatSafe == .none)
    #expect(vendor.interface.lookUp == .byListing)
    #expect(vendor.interface.lookUpLagSeconds == 40)
    #expect(vendor.interface.cancel == .never)
    let found = try issues(
      "vendors: [\(entry), hosts: ['https://x'], interface: {lookup: by_key}}]")
    #expect(found.contains { $0.contains("\"https://x\" is no host") })
    #expect(found.contains { $0.contains("Did you mean by-key?") })
  }

  @Test func `all mistakes are told at once, each with its line`() throws {
    let found = try issues(
      """
      stat: /var/lib/fovea
      jobs:
        concurrent: "many"
        compute_thread: 4
      limits:
        scene: {file_bytes: 0}
      log_level: inof
      """)
    #expect(
      found == [
        "fovead.yaml:1: unknown key \"stat\". Did you mean \"state\"?",
        "fovead.yaml:3: \"jobs.concurrent\" must be a whole number, not \"many\". "
          + "Write a number from 1 to 64.",
        "fovead.yaml:4: unknown key \"jobs.compute_thread\". "
          + "Did you mean \"jobs.compute_threads\"?",
        "fovead.yaml:6: \"limits.scene.file_bytes\" is 0. "
          + "Write a number from 1 to 1099511627776.",
        "fovead.yaml:7: \"inof\" is no value of \"log_level\". Did you mean info? "
          + "Use debug, info, warning, error.",
      ])
  }

  @Test(arguments: [
    ("http://vendor.example", "local", "is not encrypted and not on this machine"),
    ("http://127.0.0.1.evil.example", "local", "is not encrypted and not on this machine"),
    ("http://127.0.0.1:80", "", "is not encrypted"),
    ("https://vendor.example", "local", "is for addresses on this machine"),
    ("ftp://vendor.example", "", "is no address of a vendor"),
    ("https://vendor.example", "everyone", "is no kind of trust"),
  ])
  func `an address that would lay money open is refused`(
    url: String, trust: String, what: String
  ) throws {
    let found = try issues(
      """
      vendors:
        - {name: a, kind: fovea, url: "\(url)", product: p, prices: p.yaml\
      \(trust.isEmpty ? "" : ", trust: \(trust)")}
      """)
    #expect(found.count == 1)
    #expect(found.first?.contains(what) == true)
  }

  @Test(arguments: [
    "0.0.0.0:80", "192.168.1.2:80", "localhost:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536",
    "127.0.0.1:+80", "[::]:80", "::1:80", "127.0.0.2:80",
  ])
  func `the API listens on this machine only`(address: String) throws {
    let found = try issues("api: {listen: \"\(address)\"}")
    #expect(found.count == 1)
    #expect(found.first?.contains("is no address of this machine") == true)
    #expect(try load("api: {listen: \"[::1]:80\"}").apiAddress?.description == "[::1]:80")
  }

  @Test func `a vendor without its keys, or named twice, is refused`() throws {
    let found = try issues(
      """
      vendors:
        - {kind: fovea}
        - {name: a, kind: fovea, url: "https://a.example", product: p, prices: p.yaml}
        - {name: a, kind: fovea, url: "https://b.example", product: p, prices: p.yaml}
      """)
    #expect(found.count == 5)
    #expect(found.contains { $0.contains("fovead.yaml:2: there is no \"vendors[0].url\"") })
    #expect(found.contains { $0.contains("fovead.yaml:4: the vendor \"a\" is named twice") })
  }

  @Test func `YAML that is none, and a missing file, are told with their place`() throws {
    #expect(try issues("a: [1\nb: 2").first?.hasPrefix("fovead.yaml:2: ") == true)
    #expect(try issues("state: /a\nstate: /b").first?.contains("\"state\" stands twice") == true)
    #expect(
      try issues("- a").first == "fovead.yaml:1: the file must hold keys with values. "
        + "Write KEY: VALUE lines.")
    #expect(throws: ConfigurationError.self) {
      try Configuration.load(
        file: folder.url.appending(path: "none.yaml"), environment: [:], overrides: .init())
    }
  }

  @Test func `flags override the environment, which overrides the file`() throws {
    let text = "state: /file\nlog_level: error\n"
    let environment = ["FOVEA_STATE": "/environment", "FOVEA_LOG_LEVEL": "debug"]
    let first = try load(text, environment: environment)
    #expect(first.stateDirectory.path == "/environment")
    #expect(first.logLevel == .debug)
    #expect(first.socketPath == "/environment/fovead.sock")
    let second = try load(
      text, environment: environment, overrides: .init(state: "/flag", socket: "/s"))
    #expect(second.stateDirectory.path == "/flag")
    #expect(second.socketPath == "/s")
    #expect(throws: ConfigurationError.self) {
      try load(text, environment: ["FOVEA_LOG_LEVEL": "loud"])
    }
  }

  // The keys of the file's text, so that one that is added there is tested here.
  @Test func `a variable overrides every key that is not in a list`() throws {
    let shipped = try String(
      contentsOf: TestPaths.root.appending(path: "etc/fovead.yaml"), encoding: .utf8)
    var section: [String] = []
    var variables: [String: String] = [:]
    for line in shipped.split(separator: "\n") {
      guard let key = line.firstMatch(of: /^( *)(?:# )?([a-z_]+):(?: (\S+))?$/)?.output else {
        continue
      }
      section = Array(section.prefix(key.1.count / 2))
      guard let value = key.3, value != "[]" else {
        section.append(String(key.2))
        continue
      }
      let path = (section + [String(key.2)]).joined(separator: "_").uppercased()
      variables["FOVEA_\(path)"] =
        Int(value).map { "\($0 + 1)" }
        ?? ["info": "debug", "required": "if-available"][value]
        ?? (value.contains(":") ? "[::1]:80" : "/other/place")
    }
    #expect(variables.count == 26, "\(variables.keys.sorted())")
    let file = try load("log_level: error\njobs: {concurrent: 7}\n")
    let configuration = try load("jobs: {concurrent: 7}\n", environment: variables)
    for (changed, kept) in zip(
      configuration.summary.split(separator: "\n"), file.summary.split(separator: "\n"))
    {
      #expect(changed != kept)
    }
    #expect(configuration.concurrentJobs == 3)
    #expect(configuration.incomingFolder.path == "/other/place")
    #expect(try load("", environment: ["FOVEA_JOBS_CONCURRENT": ""]) == Configuration())
    let error = #expect(throws: ConfigurationError.self) {
      try load("", environment: ["FOVEA_JOBS_CONCURRENT": "0"])
    }
    #expect(
      error?.issues.map(\.description) == [
        "FOVEA_JOBS_CONCURRENT: \"jobs.concurrent\" is 0. Write a number from 1 to 64."
      ])
  }

  @Test func `the watched folder is the system's for the system's state only`() throws {
    #expect(Configuration().incomingFolder.path == "/var/spool/fovea/incoming")
    #expect(try load("state: /data").incomingFolder.path == "/data/incoming")
  }

  @Test(arguments: ["https://me:key@vendor.example", "https://vendor.example/?key=1"])
  func `a secret in an address is refused and not repeated`(url: String) throws {
    let found = try issues(
      """
      vendors:
        - {name: a, url: "\(url)", product: p, prices: p.yaml, credential: "My Key!"}
      """)
    #expect(found.count == 2)
    #expect(found.allSatisfy { !$0.contains("key@") && !$0.contains("key=1") })
    #expect(found.contains { $0.contains("credential: NAME") })
  }
}
