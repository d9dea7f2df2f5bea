// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Service
import TestSupport
import Testing

@Suite struct CredentialTests {
  private let folder: TemporaryFolder
  private var url: URL { folder.url.appending(path: "keys") }

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: url.appending(path: name))
  }

  @Test func `a key is a file's one line, also under the name that systemd gives it`() throws {
    try write("s3cret-1\n", to: "demo-key")
    try write("s3cret-2", to: "vendor_other")
    let own = CredentialFolder(url: url, isManaged: false)
    #expect(try own.secret("demo-key").reveal() == "s3cret-1")
    let managed = CredentialFolder(url: url, isManaged: true)
    #expect(try managed.secret("other").reveal() == "s3cret-2")
  }

  @Test func `a folder that others may enter is refused, unless systemd made it`() throws {
    try write("s3cret", to: "demo")
    try FileManager.default.setAttributes([.posixPermissions: 0o750], ofItemAtPath: url.path)
    #expect(throws: CredentialError.open(path: url.path)) {
      try CredentialFolder(url: url, isManaged: false).secret("demo")
    }
    #expect(try CredentialFolder(url: url, isManaged: true).secret("demo").reveal() == "s3cret")
    let none = url.appending(path: "none")
    #expect(throws: CredentialError.noFolder(path: none.path)) {
      try CredentialFolder(url: none, isManaged: false).secret("demo")
    }
  }

  @Test(arguments: [
    "", "\n", "two words", "a\nb", "tab\t", "h\u{E4}", String(repeating: "k", count: 4097),
  ])
  func `what is no key is refused, and not shown`(text: String) throws {
    try write(text, to: "demo")
    let error = #expect(throws: CredentialError.self) {
      try CredentialFolder(url: url, isManaged: false).secret("demo")
    }
    let description = error?.description ?? ""
    #expect(description.hasPrefix("\(url.path)/demo holds no key. Write the key alone"))
  }

  @Test func `a missing key is told with the place to put it`() throws {
    let error = #expect(throws: CredentialError.self) {
      try CredentialFolder(url: url, isManaged: true).secret("demo")
    }
    #expect(error?.description.contains("/etc/fovea/credentials/demo") == true)
  }
}
