// SPDX-License-Identifier: Apache-2.0

public import Foundation
package import Platform

/// The folder with our keys at the vendors: one file a key, which holds nothing else.
///
/// systemd makes one for the service (`LoadCredential=`, `$CREDENTIALS_DIRECTORY`), in memory that
/// only the service may read. Without systemd a person names a folder, which nobody else may enter.
public struct CredentialFolder: Sendable, Equatable {
  /// The largest key.
  private static let largestByteCount = 4096

  /// Where it is.
  public let url: URL
  /// Whether the service manager made it, and so vouches for its access rights.
  public let isManaged: Bool

  /// Names a folder; nothing is read yet.
  public init(url: URL, isManaged: Bool) {
    self.url = url
    self.isManaged = isManaged
  }

  /// The key in the file `name`, or, as systemd names the files of a whole folder that was loaded
  /// as `vendor`, in `vendor_NAME`.
  ///
  /// - Throws: `CredentialError`, which never holds the key.
  package func secret(_ name: String) throws(CredentialError) -> Secret {
    if !isManaged { try checkIsPrivate() }
    let candidates = [name, "vendor_\(name)"].map { url.appending(path: $0) }
    guard let file = candidates.first(where: { FileManager.default.fileExists(atPath: $0.path) })
    else { throw .missing(name: name, folder: url.path, isManaged: isManaged) }
    let bytes: Data
    do {
      let handle = try FileHandle(forReadingFrom: file)
      defer { try? handle.close() }
      bytes = try handle.read(upToCount: Self.largestByteCount + 1) ?? Data()
    } catch {
      throw .unreadable(path: file.path)
    }
    var key = bytes[...]
    // Editors and echo end a file with a new line.
    while let last = key.last, last == 0x0A || last == 0x0D { key.removeLast() }
    // What may stand in a header, and no more.
    guard !key.isEmpty, bytes.count <= Self.largestByteCount,
      key.allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw .malformed(path: file.path) }
    return Secret(String(decoding: key, as: UTF8.self))
  }

  /// The folder is ours or root's, and closed to everyone else.
  private func checkIsPrivate() throws(CredentialError) {
    var status = stat()
    guard lstat(url.path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw .noFolder(path: url.path)
    }
    guard status.st_uid == geteuid() || status.st_uid == 0, status.st_mode & 0o077 == 0 else {
      throw .open(path: url.path)
    }
  }
}

/// Why a credential cannot be used.
package enum CredentialError: Error, Equatable, CustomStringConvertible {
  /// No folder is known.
  case noneGiven(name: String)
  /// What was given is no folder.
  case noFolder(path: String)
  /// Others may look into the folder.
  case open(path: String)
  /// The folder has no such file.
  case missing(name: String, folder: String, isManaged: Bool)
  /// The file cannot be read.
  case unreadable(path: String)
  /// The file holds something else than a key.
  case malformed(path: String)

  /// What is wrong, and what to do.
  package var description: String {
    switch self {
    case .noneGiven(let name):
      "there is no folder of credentials to take \"\(name)\" from. Start fovead by systemd with "
        + "LoadCredential=, or give --credentials DIR."
    case .noFolder(let path):
      "\(path) is no folder. Give --credentials a folder with one file a key."
    case .open(let path):
      "others may look into \(path). Close it: chmod 700, and let fovead's user own it."
    case .missing(let name, let folder, let isManaged):
      isManaged
        ? "the service has no credential \"\(name)\". Put the key into /etc/fovea/credentials/\(name)"
          + ", readable by root only, and restart fovead."
        : "there is no file \(name) in \(folder). Put the key into it."
    case .unreadable(let path):
      "\(path) cannot be read. Let fovead's user own it."
    case .malformed(let path):
      "\(path) holds no key. Write the key alone into it: up to 4096 letters, digits and signs "
        + "without spaces."
    }
  }
}
