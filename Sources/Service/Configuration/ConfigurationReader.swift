// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster
import Yams

/// Reads the configuration file and the environment's `FOVEA_` variables.
///
/// Relative paths in the file start at its own folder, those of variables at the current one.
enum ConfigurationReader {
  static func configuration(
    fromFile url: URL?, environment: [String: String]
  ) throws(ConfigurationError) -> Configuration {
    let root = try url.flatMap { url throws(ConfigurationError) in try contents(of: url) }
    var configuration = Configuration()
    var section = YAMLSection(
      root: root, file: url?.lastPathComponent ?? "", folder: folder(of: url),
      environment: environment)
    read(&section, into: &configuration)
    let issues = section.finish()
    guard issues.isEmpty else { throw ConfigurationError(issues: issues) }
    return configuration
  }

  private static func folder(of file: URL?) -> URL {
    file?.absoluteURL.deletingLastPathComponent() ?? URL.currentDirectory()
  }

  /// The file's content; nil for an empty one, or one of comments only.
  private static func contents(of url: URL) throws(ConfigurationError) -> Node? {
    let text: String
    do {
      text = try String(contentsOf: url, encoding: .utf8)
    } catch {
      let isThere = FileManager.default.fileExists(atPath: url.path)
      throw ConfigurationError(issues: [
        .init(
          place: url.path,
          what: isThere ? "the file cannot be read, or is not UTF-8" : "there is no such file",
          remedy: "Check the path and its owner, or name another file with --config.")
      ])
    }
    do {
      let root = try Yams.compose(yaml: text)
      return root?.null == nil ? root : nil
    } catch {
      throw ConfigurationError(issues: [syntaxIssue(error, file: url.lastPathComponent)])
    }
  }

  private static func read(_ section: inout YAMLSection, into configuration: inout Configuration) {
    if let state = section.path("state") { configuration.stateDirectory = state }
    if let socket = section.path("socket") { configuration.configuredSocket = socket.path }
    if let level = section.choice("log_level", of: Configuration.LogLevel.self) {
      configuration.logLevel = level
    }
    section.section("api") { api in
      if let listen = api.text("listen") {
        configuration.apiAddress = LoopbackAddress(listen)
        if configuration.apiAddress == nil {
          api.refuse(
            "listen", "\"\(listen)\" is no address of this machine",
            "Write 127.0.0.1:PORT or [::1]:PORT; other machines come through ssh or a proxy.")
        }
      }
      if let tokens = api.path("tokens") { configuration.configuredTokens = tokens }
    }
    section.section("jobs") { jobs in
      if let count = jobs.integer("concurrent", in: 1...64) {
        configuration.concurrentJobs = Int(count)
      }
      if let count = jobs.integer("compute_threads", in: 0...1024) {
        configuration.computeThreads = Int(count)
      }
      if let seconds = jobs.integer("stop_seconds", in: 0...3600) {
        configuration.stopSeconds = Int(seconds)
      }
    }
    section.section("limits") { limits in
      if let bytes = limits.integer("body_bytes", in: 1024...(64 << 20)) {
        configuration.largestBodyByteCount = Int(bytes)
      }
      if let bytes = limits.integer("free_bytes", in: 0...(1 << 50)) {
        configuration.keptFreeByteCount = UInt64(bytes)
      }
      limits.section("scene") { read(&$0, into: &configuration.sceneLimits) }
    }
    section.section("decode") { decode in
      if let policy = decode.choice("landlock", of: LandlockPolicy.self) {
        configuration.decodeLandlock = policy
      }
    }
    section.section("incoming") { incoming in
      if let folder = incoming.path("folder") { configuration.configuredIncoming = folder }
      if let seconds = incoming.integer("settle_seconds", in: 1...86_400) {
        configuration.settleSeconds = Int(seconds)
      }
    }
    section.section("models") { models in
      if let folders = models.paths("folders") { configuration.modelFolders = folders }
    }
    section.list("vendors") { entry in
      let vendor = vendor(&entry)
      guard let vendor else { return }
      if configuration.vendors.contains(where: { $0.name == vendor.name }) {
        entry.refuse(
          "name", "the vendor \"\(vendor.name)\" is named twice", "Give each a name of its own.")
      }
      configuration.vendors.append(vendor)
    }
  }

  private static func read(_ section: inout YAMLSection, into limits: inout IngestLimits) {
    for key in SceneLimitKey.all {
      if let value = section.integer(key.name, in: key.range) { key.set(&limits, value) }
    }
  }

  private static func vendor(_ entry: inout YAMLSection) -> VendorEntry? {
    let name = entry.requiredText("name")
    let kind = entry.choice("kind", of: VendorEntry.Kind.self) ?? .fovea
    let url = entry.requiredText("url")
    let trust = entry.text("trust")
    if let trust, trust != "local" {
      entry.refuse(
        "trust", "\"\(trust)\" is no kind of trust", "Write local, or leave the key out.")
    }
    let product = entry.requiredText("product")
    let item = entry.text("item")
    let prices = entry.path("prices")
    if prices == nil { entry.requirePresent("prices") }
    let credential = entry.text("credential")
    if let credential, !isSlug(credential) {
      entry.refuse(
        "credential", "\"\(credential.prefix(8))...\" is no name of a credential",
        "Write the key into a file of the credentials' folder, and the file's name, of lower-case "
          + "letters, digits and hyphens, here.")
    }
    if let name, !isSlug(name) {
      entry.refuse(
        "name", "\"\(name)\" is no vendor's name", "Use lower-case letters, digits and hyphens.")
    }
    if let url, let problem = addressProblem(url, isLocal: trust == "local") {
      entry.refuse("url", problem.what, problem.remedy)
    }
    let hosts = entry.texts("hosts", of: "hosts") ?? []
    if let host = hosts.first(where: { $0.contains("/") || $0.contains(":") || $0.isEmpty }) {
      entry.refuse(
        "hosts", "\"\(host)\" is no host", "Write names alone: images.example or .example.com.")
    }
    var interface = VendorInterface()
    entry.section("interface") { interface = VendorInterface(&$0) }
    guard let name, let url, let product, let prices else { return nil }
    var vendor = VendorEntry(
      name: name, kind: kind, url: url, isLocal: trust == "local", product: product,
      item: item ?? "mosaic", pricesFile: prices, credential: credential)
    (vendor.hosts, vendor.interface) = (hosts, interface)
    return vendor
  }

  private static func isSlug(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64
      && name.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
      }
  }

  /// Why an address is refused: money and images travel in the clear only on this machine.
  private static func addressProblem(
    _ url: String, isLocal: Bool
  ) -> (what: String, remedy: String)? {
    if let components = URLComponents(string: url),
      components.user != nil || components.password != nil || components.query != nil
    {
      return (
        "the address holds more than a place, which may be a secret",
        "Leave user and query out; a key comes by credential: NAME."
      )
    }
    if url.hasPrefix("unix:") || url.hasPrefix("http://") {
      let isHere =
        url.hasPrefix("unix:/")
        || ["http://127.0.0.1", "http://[::1]"].contains { prefix in
          url.hasPrefix(prefix) && [nil, ":", "/"].contains(url.dropFirst(prefix.count).first)
        }
      guard isHere else {
        return (
          "\"\(url)\" is not encrypted and not on this machine",
          "Use https://, or http://127.0.0.1, http://[::1] or unix:/PATH with trust: local."
        )
      }
      guard isLocal else {
        return ("\"\(url)\" is not encrypted", "Use https://, or add trust: local.")
      }
      return nil
    }
    guard url.hasPrefix("https://"), let host = URL(string: url)?.host(), !host.isEmpty else {
      return ("\"\(url)\" is no address of a vendor", "Write https://HOST, or unix:/PATH.")
    }
    guard !isLocal else {
      return ("trust: local is for addresses on this machine", "Leave trust out for https://.")
    }
    return nil
  }

  private static func syntaxIssue(_ error: any Error, file: String) -> ConfigurationError.Issue {
    let remedy = "Correct the YAML; tabs do not indent, and a colon wants a space after it."
    switch error {
    case YamlError.scanner(_, let problem, let mark, _),
      YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      return .init(place: "\(file):\(mark.line)", what: problem, remedy: remedy)
    case YamlError.duplicatedKeysInMapping(let duplicates, _):
      return .init(
        place: file,
        what: "the key \(duplicates.map { "\"\($0)\"" }.joined(separator: ", ")) "
          + "stands twice", remedy: "Keep one of them.")
    default:
      return .init(place: file, what: "\(error)", remedy: remedy)
    }
  }
}
