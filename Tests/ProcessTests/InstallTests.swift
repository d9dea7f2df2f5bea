// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `make install` and `make uninstall`, into a root of their own.
@Suite(.timeLimit(.minutes(5))) struct InstallTests {
  private let folder: TemporaryFolder
  private var root: URL { folder.url.appending(path: "root") }

  init() throws { folder = try TemporaryFolder() }

  private func make(_ target: String) async throws -> String {
    let log = folder.url.appending(path: "make.log")
    try Data().write(to: log)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/make")
    process.arguments = [
      "--no-print-directory", "-C", TestPaths.root.path, target, "DESTDIR=\(root.path)",
      "PREFIX=/usr", "PROGRAMS=\(Bundle.main.bundleURL.path)",
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: log)
    process.standardError = process.standardOutput
    try process.run()
    try await waitUntil("make \(target)", seconds: 240) { !process.isRunning }
    let text = try String(contentsOf: log, encoding: .utf8)
    try #require(process.terminationStatus == 0, "\(text)")
    return text
  }

  /// The files below the root, with their access rights.
  private func files() throws -> Set<String> {
    let names = try FileManager.default.subpathsOfDirectory(atPath: root.path)
    return Set(
      try names.compactMap { name in
        let path = root.appending(path: name).path
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        guard attributes[.type] as? FileAttributeType == .typeRegular else { return nil }
        return "\(name) \(String(attributes[.posixPermissions] as? Int ?? 0, radix: 8))"
      })
  }

  @Test func `install puts what uninstall removes, and what a person edited stays`() async throws {
    _ = try await make("install")
    let models = try FileManager.default.contentsOfDirectory(
      atPath: TestPaths.root.appending(path: "etc/models").path
    ).filter { $0.hasSuffix(".safetensors") }.map { "usr/share/fovea/models/\($0) 644" }
    let vendors = try FileManager.default.contentsOfDirectory(
      atPath: TestPaths.root.appending(path: "etc/vendors").path
    ).map { "etc/fovea/vendors/\($0) 644" }
    let others: Set = [
      "usr/bin/fovea 755", "usr/bin/fovead 755", "usr/bin/fovea-vendor 755",
      "usr/libexec/fovea/fovea-decode 755",
      "usr/share/bash-completion/completions/fovea 644", "usr/share/zsh/site-functions/_fovea 644",
      "usr/share/fish/vendor_completions.d/fovea.fish 644",
      "usr/lib/systemd/system/fovead.service 644", "usr/lib/sysusers.d/fovea.conf 644",
      "usr/lib/tmpfiles.d/fovea.conf 644", "etc/fovea/fovead.yaml 644",
    ]
    #expect(try files() == others.union(models).union(vendors))
    let credentials = try FileManager.default.attributesOfItem(
      atPath: root.appending(path: "etc/fovea/credentials").path)
    #expect(credentials[.posixPermissions] as? Int == 0o700)

    // A second installation keeps a person's configuration.
    let configuration = root.appending(path: "etc/fovea/fovead.yaml")
    try Data("log_level: debug\n".utf8).write(to: configuration)
    #expect(try await make("install").contains("kept your"))
    #expect(try String(contentsOf: configuration, encoding: .utf8) == "log_level: debug\n")
    #expect(try files().contains("etc/fovea/fovead.yaml.new 644"))
    // What is not ours is not touched.
    let key = root.appending(path: "etc/fovea/credentials/demo")
    try Data("key".utf8).write(to: key)
    _ = try await make("uninstall")
    let left = Set(try files().compactMap { $0.split(separator: " ").first })
    #expect(left == ["etc/fovea/fovead.yaml", "etc/fovea/credentials/demo"])
    try FileManager.default.removeItem(at: key)
    try FileManager.default.removeItem(at: configuration)
    _ = try await make("uninstall")
    #expect(!FileManager.default.fileExists(atPath: root.appending(path: "etc/fovea").path))
    for folder in ["usr/share/fovea", "usr/libexec/fovea"] {
      #expect(!FileManager.default.fileExists(atPath: root.appending(path: folder).path))
    }
  }

  @Test func `the completions are those of the shells`() async throws {
    _ = try await make("install")
    for (name, sign) in [
      ("usr/share/bash-completion/completions/fovea", "complete -o filenames -F _fovea fovea"),
      ("usr/share/zsh/site-functions/_fovea", "#compdef fovea"),
      ("usr/share/fish/vendor_completions.d/fovea.fish", "complete -c 'fovea'"),
    ] {
      let text = try String(contentsOf: root.appending(path: name), encoding: .utf8)
      #expect(text.contains(sign), "\(name): \(text.suffix(300))")
      #expect(text.contains("submit"), "\(name)")
    }
  }
}
