// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Rules of the house that a machine can check.
@Suite struct TidyTests {
  @Test func `the top level holds nothing else`() throws {
    let allowed: Set<String> = [
      "Package.swift", "Makefile", "README.md", "LICENSE", ".ci", ".gitignore", ".swift-format",
      ".editorconfig", "Sources", "Tests", "etc", "systemd",
    ]
    // What git, the package manager and a person's machine put there is not part of the project.
    let ignored: Set<String> = [".git", "Package.resolved", ".swiftpm", ".venv"]
    let found = try FileManager.default.contentsOfDirectory(atPath: TestPaths.root.path)
      .filter { !ignored.contains($0) && !$0.hasPrefix(".build") }
    #expect(Set(found).subtracting(allowed).sorted() == [])
    #expect(allowed.subtracting(found).sorted() == [])
  }

  // The table of the architecture: who may know whom. A target imports only what stands in its
  // row; the parsing, HTTP and database libraries have owners too.
  private static let imports: [String: Set<String>] = [
    "Acquisition": [],
    "Client": ["Acquisition", "Platform", "Transfer", "Wire"],
    "Fovea": ["Acquisition", "PatchDrop", "Planning", "Raster"],
    "Ledger": ["Acquisition", "CSQLite", "GRDB", "Platform"],
    "Neural": ["CKernels", "COpenBLAS", "Platform"],
    "PatchDrop": ["Acquisition", "Neural", "Platform", "Raster"],
    "Planning": ["Acquisition", "Platform", "Yams"],
    "Platform": ["Crypto"],
    "Purchasing": ["Acquisition", "Ledger", "Planning", "Platform", "Vendors"],
    "Raster": ["Acquisition", "CConfinement", "CGDAL", "Platform"],
    "Reports": ["Acquisition", "Ledger", "Mustache", "Planning", "Platform", "Raster"],
    "Service": [
      "Acquisition", "GRDB", "HTTPTypes", "Hummingbird", "HummingbirdCore", "Ledger", "Logging",
      "NIOCore", "NIOHTTP1", "NIOHTTPTypes", "NIOHTTPTypesHTTP1", "NIOPosix", "PatchDrop",
      "Planning", "Platform", "Purchasing", "Raster",
      "Reports", "ServiceLifecycle", "Transfer", "UnixSignals", "Vendors", "Wire", "Yams",
    ],
    "Transfer": ["CCurl", "Platform"],
    "VendorServer": [
      "Acquisition", "GRDB", "HTTPTypes", "Hummingbird", "HummingbirdCore", "Logging", "NIOCore",
      "NIOPosix", "Planning", "Platform", "Raster", "ServiceLifecycle", "UnixSignals",
      "Yams",
    ],
    "Vendors": ["Acquisition", "Planning", "Platform", "Transfer"],
    "Wire": ["Acquisition", "Platform"],
    "fovea": [
      "Acquisition", "ArgumentParser", "Client", "Ledger", "PatchDrop", "Platform", "Raster",
      "Reports", "Wire", "Yams",
    ],
    "fovea-bench": [
      "Acquisition", "ArgumentParser", "Ledger", "Neural", "PatchDrop", "Planning", "Platform",
      "Purchasing", "Raster", "Reports", "Vendors",
    ],
    "fovea-decode": ["Raster"],
    "fovea-vendor": ["ArgumentParser", "Platform", "VendorServer"],
    "fovead": ["ArgumentParser", "Platform", "Service"],
  ]
  private static let systemModules: Set<String> = [
    "Foundation", "Dispatch", "Synchronization", "Glibc",
  ]

  @Test func `targets import only what their row allows`() throws {
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: TestPaths.root.appending(path: "Sources").path)
    // C shims have no Swift.
    let swiftTargets = folders.filter { Self.imports[$0] != nil || !isCTarget($0) }
    #expect(Set(swiftTargets).subtracting(Self.imports.keys).sorted() == [])
    for file in try SourceFile.all(under: "Sources") {
      let allowed = Self.imports[file.target] ?? []
      let modules = Set(file.imports).subtracting(Self.systemModules)
      #expect(modules.subtracting(allowed).sorted() == [], "\(file.path)")
    }
  }

  @Test func `files and functions are short`() throws {
    for file in try SourceFile.all(under: "Sources") + SourceFile.all(under: "Tests") {
      #expect(file.lines.count <= 500, "\(file.path) does two jobs?")
      for function in file.functions {
        #expect(function.lineCount <= 70, "\(file.path):\(function.line) \(function.name)")
      }
    }
  }

  @Test func `every source file names its licence`() throws {
    for file in try SourceFile.all(under: "Sources") + SourceFile.all(under: "Tests") {
      #expect(file.lines.first == "// SPDX-License-Identifier: Apache-2.0", "\(file.path)")
    }
  }

  @Test func `nothing is left behind or switched off`() throws {
    // Written in two parts, so that this file does not find itself.
    let banned = [
      "TO" + "DO", "FIX" + "ME", "X" + "XX", "fatal" + "Error(", "HA" + "CK", ".disabled" + "(",
      "Task" + ".sleep(for: .seconds(60",
    ]
    for file in try SourceFile.all(under: "Sources") + SourceFile.all(under: "Tests") {
      for word in banned {
        #expect(!file.text.contains(word), "\(file.path) has \(word)")
      }
    }
  }

  @Test func `no type is a Manager, Helper or Util`() throws {
    let pattern = /(?:class|struct|enum|actor|protocol) \w*(?:Manager|Helper|Utils?|Impl)\b/
    for file in try SourceFile.all(under: "Sources") {
      #expect(file.text.firstMatch(of: pattern) == nil, "\(file.path)")
    }
  }

  // Each of these has a comment beside it that names the lock or the thread. A new one is a
  // decision: raise the figure with it.
  @Test func `unchecked concurrency is counted`() throws {
    var count = 0
    for file in try SourceFile.all(under: "Sources") {
      count +=
        file.text.split(separator: "@unchecked Sendable", omittingEmptySubsequences: false)
        .count - 1
      count +=
        file.text.split(separator: "nonisolated(unsafe)", omittingEmptySubsequences: false).count
        - 1
    }
    #expect(count <= 12, "\(count) places switch the compiler's checks off")
  }

  @Test func `links of the manual and the README lead somewhere`() throws {
    let pattern = /\]\((?!https?:|mailto:|#|doc:)([^)#]+)/
    var pages = try SourceFile.paths(under: "Sources", ending: ".md")
    pages.append("README.md")
    for page in pages {
      let url = TestPaths.root.appending(path: page)
      let text = try String(contentsOf: url, encoding: .utf8)
      for match in text.matches(of: pattern) {
        let folder = url.deletingLastPathComponent()
        // A catalogue's pictures are named without folder and ending.
        let targets = ["", "Resources/"].flatMap { place in
          ["", ".svg", ".png"].map { place + match.output.1 + $0 }
        }
        #expect(
          targets.contains {
            FileManager.default.fileExists(atPath: folder.appending(path: $0).path)
          }, "\(page): \(match.output.1)")
      }
    }
  }

  private func isCTarget(_ name: String) -> Bool {
    let folder = TestPaths.root.appending(path: "Sources/\(name)")
    return ["module.modulemap", "include"].contains {
      FileManager.default.fileExists(atPath: folder.appending(path: $0).path)
    }
  }
}
