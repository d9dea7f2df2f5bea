// SPDX-License-Identifier: Apache-2.0

public import Foundation
package import Raster

/// What the daemon is told by its configuration file, its environment and its command line.
///
/// Later sources override earlier ones: the defaults, the file, `FOVEA_STATE`, `FOVEA_SOCKET` and
/// `FOVEA_LOG_LEVEL`, the flags. `etc/fovead.yaml` explains every key.
///
/// ```swift
/// let configuration = try Configuration.load(
///   file: URL(filePath: "/etc/fovea/fovead.yaml"), environment: [:], overrides: .init())
/// ```
public struct Configuration: Sendable, Equatable {
  /// The state directory where none is configured.
  public static let defaultState = URL(
    filePath: "/var/lib/fovea", directoryHint: .notDirectory)
  /// The socket of a daemon whose state directory is ``defaultState``.
  public static let defaultSocket = "/run/fovea/fovead.sock"
  /// The configuration file that is read when none is named.
  public static let defaultFile = URL(filePath: "/etc/fovea/fovead.yaml")

  /// How much is written to the log.
  public enum LogLevel: String, Sendable, CaseIterable {
    /// Everything, for development.
    case debug
    /// What an operator wants to see.
    case info
    /// What may need a person.
    case warning
    /// What went wrong.
    case error
  }

  /// Where everything durable is.
  public var stateDirectory = Configuration.defaultState
  /// The path of the Unix socket; derived from the state directory when not given.
  public var configuredSocket: String?
  /// How much is written to the log.
  public var logLevel = LogLevel.info
  /// The largest number of jobs that run at the same time.
  public var concurrentJobs = 2
  /// Threads that compute; 0 means one for each core.
  public var computeThreads = 0
  /// How large a scene may be that is taken in.
  package var sceneLimits = IngestLimits.scene
  /// Folders that are searched for model bundles after the state directory's own.
  public var modelFolders: [URL] = []
  /// The vendors that jobs may name.
  public var vendors: [VendorEntry] = []

  /// The defaults.
  public init() {}

  /// The path of the Unix socket.
  public var socketPath: String {
    if let configuredSocket { return configuredSocket }
    return stateDirectory.path == Self.defaultState.path
      ? Self.defaultSocket : stateDirectory.appending(path: "fovead.sock").path
  }

  /// What the command line may override.
  public struct Overrides: Sendable, Equatable {
    /// `--state`: the state directory.
    public var state: String?
    /// `--socket`: the path of the Unix socket.
    public var socket: String?
    /// `--models`: folders of model bundles, searched before those of the file.
    public var modelFolders: [String]

    /// Creates overrides.
    public init(state: String? = nil, socket: String? = nil, modelFolders: [String] = []) {
      self.state = state
      self.socket = socket
      self.modelFolders = modelFolders
    }
  }

  /// Reads the configuration file and applies the environment and the flags.
  ///
  /// - Parameters:
  ///   - file: the file that a person named; nil reads ``defaultFile`` if there is one.
  ///   - environment: the process's environment.
  ///   - overrides: the flags.
  /// - Throws: `ConfigurationError` with every mistake, not only the first.
  public static func load(
    file: URL?, environment: [String: String], overrides: Overrides
  ) throws(ConfigurationError) -> Configuration {
    var configuration = Configuration()
    let url = file ?? defaultFile
    if file != nil || FileManager.default.fileExists(atPath: url.path) {
      configuration = try ConfigurationReader.configuration(fromFile: url)
    }
    let here = URL(
      filePath: FileManager.default.currentDirectoryPath, directoryHint: .isDirectory)
    func absolute(_ path: String) -> URL { Self.url(ofPath: path, relativeTo: here) }
    if let state = overrides.state ?? nonEmpty(environment["FOVEA_STATE"]) {
      configuration.stateDirectory = absolute(state)
    }
    if let socket = overrides.socket ?? nonEmpty(environment["FOVEA_SOCKET"]) {
      configuration.configuredSocket = absolute(socket).path
    }
    configuration.modelFolders =
      overrides.modelFolders.map(absolute) + configuration.modelFolders
    if let level = nonEmpty(environment["FOVEA_LOG_LEVEL"]) {
      guard let logLevel = LogLevel(rawValue: level) else {
        throw ConfigurationError(issues: [
          .init(
            place: "FOVEA_LOG_LEVEL", what: "\"\(level)\" is no log level",
            remedy: "Use \(LogLevel.allCases.map(\.rawValue).joined(separator: ", ")).")
        ])
      }
      configuration.logLevel = logLevel
    }
    return configuration
  }

  /// An absolute, tidy path; always without a slash at its end, so that equal paths are equal.
  static func url(ofPath path: String, relativeTo folder: URL) -> URL {
    let url = URL(filePath: path, relativeTo: folder).absoluteURL.standardizedFileURL
    return URL(filePath: url.path, directoryHint: .notDirectory)
  }

  private static func nonEmpty(_ text: String?) -> String? {
    text.flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// One entry of `vendors:`.
public struct VendorEntry: Sendable, Equatable {
  /// The protocols that the daemon speaks.
  public enum Kind: String, Sendable, CaseIterable {
    /// The protocol of `fovea-vendor`.
    case fovea
  }

  /// The name by which jobs choose it.
  public var name: String
  /// The protocol it speaks.
  public var kind: Kind
  /// Where it is: `https://HOST`, or with ``isLocal`` `http://127.0.0.1:PORT` or `unix:PATH`.
  public var url: String
  /// Whether plain HTTP on this machine is allowed for this entry (`trust: local`).
  public var isLocal: Bool
  /// The product that is bought.
  public var product: String
  /// The acquisition, or `mosaic` where the vendor sells one seamless layer.
  public var item: String
  /// The file with its price rules.
  public var pricesFile: URL

  /// Creates an entry.
  public init(
    name: String, kind: Kind, url: String, isLocal: Bool, product: String, item: String,
    pricesFile: URL
  ) {
    self.name = name
    self.kind = kind
    self.url = url
    self.isLocal = isLocal
    self.product = product
    self.item = item
    self.pricesFile = pricesFile
  }
}
