// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import Platform

/// The file of the tokens that programs use over TCP: who may do what, and no token itself.
///
/// ```swift
/// let file = TokenFile(url: configuration.tokensFile)
/// let (token, secret) = try file.add(role: .read, budgets: [], until: date, at: now)
/// ```
public struct TokenFile: Sendable {
  private struct Document: Codable {
    var tokens: [AccessToken]
  }

  /// Where it is.
  public let url: URL

  /// Names a file, which need not be there.
  public init(url: URL) { self.url = url }

  /// The tokens, in the order in which they were made; none where there is no file.
  ///
  /// - Throws: `TokenError` when others may read or change the file, or it is none of ours.
  public func tokens() throws(TokenError) -> [AccessToken] {
    var status = stat()
    guard stat(url.path, &status) == 0 else {
      guard errno == ENOENT else { throw .unreadable(url.path, String(cString: strerror(errno))) }
      return []
    }
    // The group may read: systemd hands credentials over like that.
    guard status.st_mode & 0o027 == 0 else { throw .exposed(url.path) }
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw .unreadable(url.path, error.localizedDescription)
    }
    do {
      return try JSON.decoder().decode(Document.self, from: data).tokens
    } catch {
      throw .malformed(url.path)
    }
  }

  /// Makes a token and keeps what is kept of it.
  ///
  /// - Throws: `TokenError`.
  public func add(
    role: AccessRole, budgets: [String], until: Date, at date: Date
  ) throws(TokenError) -> (token: AccessToken, secret: Secret) {
    let made = AccessToken.make(role: role, budgets: budgets, until: until, at: date)
    try write(try tokens() + [made.token])
    return made
  }

  /// Removes a token: from now on it is unknown.
  ///
  /// - Throws: `TokenError.unknown` when there is none of that id.
  public func revoke(_ id: String) throws(TokenError) {
    let tokens = try tokens()
    guard tokens.contains(where: { $0.id == id }) else {
      throw .unknown(id, known: tokens.map(\.id))
    }
    try write(tokens.filter { $0.id != id })
  }

  private func write(_ tokens: [AccessToken]) throws(TokenError) {
    let temporary = DurableFile.temporaryURL(for: url)
    do {
      let data = try JSON.encoder(pretty: true).encode(Document(tokens: tokens))
      let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw TokenError.notWritten(url.path, Self.systemReason) }
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try giveToOwner(of: descriptor)
      try file.write(contentsOf: data)
      try file.close()
      try DurableFile.publish(temporary, as: url)
    } catch {
      unlink(temporary.path)
      throw error as? TokenError ?? .notWritten(url.path, "\(error)")
    }
  }

  /// What root writes belongs to the owner of the folder, who is the daemon's user.
  private func giveToOwner(of descriptor: Int32) throws {
    guard geteuid() == 0 else { return }
    var status = stat()
    guard stat(url.deletingLastPathComponent().path, &status) == 0,
      fchown(descriptor, status.st_uid, status.st_gid) == 0
    else { throw TokenError.notWritten(url.path, Self.systemReason) }
  }

  private static var systemReason: String { String(cString: strerror(errno)) }
}

/// Why the file of tokens was refused.
public enum TokenError: Error, Equatable, CustomStringConvertible {
  /// Others than its owner may read it, or the group may change it.
  case exposed(String)
  /// It cannot be read.
  case unreadable(String, String)
  /// It is no file of tokens.
  case malformed(String)
  /// It cannot be written.
  case notWritten(String, String)
  /// No token has this id.
  case unknown(String, known: [String])

  /// The exit code of a program that ends on this error.
  public var exitCode: ExitCode {
    switch self {
    case .exposed, .malformed: .configuration
    case .unreadable: .inputOutput
    case .notWritten: .cannotCreate
    case .unknown: .badData
    }
  }

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .exposed(let path): "\(path) is open to others. Close it: chmod 600 \(path)."
    case .unreadable(let path, let reason):
      "\(path) cannot be read: \(reason). Check the path and its owner."
    case .malformed(let path):
      "\(path) is no file of tokens. Move it away, and make new tokens: fovead token create."
    case .notWritten(let path, let reason):
      "\(path) cannot be written: \(reason). Check the path, its owner and the space left."
    case .unknown(let id, let known):
      "there is no token \(id). "
        + (known.isEmpty ? "There is none at all." : "Known: \(known.joined(separator: ", ")).")
    }
  }
}
