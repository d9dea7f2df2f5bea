// SPDX-License-Identifier: Apache-2.0

public import Platform

/// Why the database of jobs refused something.
public enum StoreError: Error, Equatable, CustomStringConvertible {
  /// The file is another program's.
  case foreignDatabase(path: String)
  /// The file was written by a newer version of this program.
  case newerDatabase(path: String, version: Int, known: Int)
  /// A setting that safety depends on could not be made.
  case settingRefused(path: String, setting: String, value: String)
  /// SQLite's own error.
  case database(path: String, reason: String)
  /// There is no such job.
  case noSuchJob(String)
  /// There is no such scene.
  case noSuchScene(String)
  /// Several scenes have an id that begins like this.
  case ambiguousScene(String, [String])
  /// Jobs that have not ended look at the scene.
  case sceneInUse(String, jobs: [String])
  /// The idempotency key was used for another request.
  case keyReused(key: String, firstUsed: String)
  /// A request with this key has begun and has no recorded answer.
  case keyBusy(key: String, since: String)

  /// The exit code of a program that ends on this error.
  public var exitCode: ExitCode {
    switch self {
    case .foreignDatabase, .newerDatabase, .settingRefused: .configuration
    case .database: .inputOutput
    case .keyBusy: .tryLater
    default: .badData
    }
  }

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .foreignDatabase(let path):
      "\(path) is not a database of fovead. Move it away, or give another --state directory."
    case .newerDatabase(let path, let version, let known):
      "\(path) has version \(version), and this program knows \(known). "
        + "Install the newer program again."
    case .settingRefused(let path, let setting, let value):
      "\(path): the setting \(setting) is \(value) and cannot be changed. "
        + "Keep the state directory on a local file system."
    case .database(let path, let reason):
      "\(path): \(reason). Check the disk and the owner of the file."
    case .noSuchJob(let id):
      "there is no job \(id). `fovea jobs` lists them."
    case .noSuchScene(let id):
      "there is no scene \"\(id.prefix(64))\". `fovea scene list` lists them."
    case .ambiguousScene(let id, let ids):
      "\(id) may be \(ids.joined(separator: " or ")). Give more digits."
    case .sceneInUse(let id, let jobs):
      "the scene \(id) is used by \(jobs.joined(separator: ", ")). Wait for the end of what uses "
        + "it, or cancel it: fovea job cancel."
    case .keyReused(let key, let firstUsed):
      "the key \(key) was used at \(firstUsed) for another request. Make a new key."
    case .keyBusy(let key, let since):
      "the request with the key \(key) began at \(since) and has no recorded answer. Look whether "
        + "it was done, and make a new key if it was not."
    }
  }
}
