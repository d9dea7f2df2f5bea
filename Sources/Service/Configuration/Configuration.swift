// SPDX-License-Identifier: Apache-2.0

public import Foundation
package import Raster

/// What the daemon is told by its configuration file, its environment and its command line.
///
/// Later sources override earlier ones: the defaults, the file, the environment, where a key such as
/// `jobs.concurrent` is the variable `FOVEA_JOBS_CONCURRENT`, and the flags. `etc/fovead.yaml`
/// explains every key.
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
  /// The watched folder of a daemon whose state directory is ``defaultState``.
  public static let defaultIncoming = "/var/spool/fovea/incoming"
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
  /// The address of this machine where the API also listens; nil for the socket only.
  public var apiAddress: LoopbackAddress?
  /// The file of the tokens for ``apiAddress``; within the state directory when not given.
  public var configuredTokens: URL?
  /// How much is written to the log.
  public var logLevel = LogLevel.info
  /// The largest number of jobs that run at the same time.
  public var concurrentJobs = 2
  /// Threads that compute; 0 means one for each core.
  public var computeThreads = 0
  /// How long a stop waits for the steps that run, in seconds.
  public var stopSeconds = 20
  /// How large a scene may be that is taken in.
  package var sceneLimits = IngestLimits.scene
  /// What is done where the kernel has no Landlock to confine decoding.
  package var decodeLandlock = LandlockPolicy.required
  /// The most bytes of a request's body; scenes have a limit of their own.
  public var largestBodyByteCount = 1 << 20
  /// The bytes of the state directory's disk that scenes must leave free for purchases.
  public var keptFreeByteCount: UInt64 = 256 << 20
  /// The folder whose files become scenes; derived from the state directory when not given.
  public var configuredIncoming: URL?
  /// How long a file of the watched folder must stay as it is to count as complete, in seconds.
  public var settleSeconds = 5
  /// Folders that are searched for model bundles after the state directory's own.
  public var modelFolders: [URL] = []
  /// The vendors that jobs may name.
  public var vendors: [VendorEntry] = []
  /// Where our keys at the vendors are; never in the file.
  public var credentials: CredentialFolder?

  /// The defaults.
  public init() {}

  /// The path of the Unix socket.
  public var socketPath: String {
    if let configuredSocket { return configuredSocket }
    return stateDirectory.path == Self.defaultState.path
      ? Self.defaultSocket : stateDirectory.appending(path: "fovead.sock").path
  }

  /// The file of the tokens for ``apiAddress``.
  public var tokensFile: URL {
    configuredTokens ?? stateDirectory.appending(path: "tokens.json")
  }

  /// The folder whose files become scenes.
  public var incomingFolder: URL {
    if let configuredIncoming { return configuredIncoming }
    return stateDirectory.path == Self.defaultState.path
      ? URL(filePath: Self.defaultIncoming, directoryHint: .notDirectory)
      : stateDirectory.appending(path: "incoming", directoryHint: .notDirectory)
  }

  /// What the command line may override.
  public struct Overrides: Sendable, Equatable {
    /// `--state`: the state directory.
    public var state: String?
    /// `--socket`: the path of the Unix socket.
    public var socket: String?
    /// `--models`: folders of model bundles, searched before those of the file.
    public var modelFolders: [String]
    /// `--credentials`: a folder with our keys at the vendors, instead of systemd's.
    public var credentials: String?

    /// Creates overrides.
    public init(
      state: String? = nil, socket: String? = nil, modelFolders: [String] = [],
      credentials: String? = nil
    ) {
      self.state = state
      self.socket = socket
      self.modelFolders = modelFolders
      self.credentials = credentials
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
    let isThere = FileManager.default.fileExists(atPath: defaultFile.path)
    var configuration = try ConfigurationReader.configuration(
      fromFile: file ?? (isThere ? defaultFile : nil), environment: environment)
    let here = URL.currentDirectory()
    func absolute(_ path: String) -> URL { Self.url(ofPath: path, relativeTo: here) }
    if let state = overrides.state { configuration.stateDirectory = absolute(state) }
    if let socket = overrides.socket { configuration.configuredSocket = absolute(socket).path }
    configuration.modelFolders =
      overrides.modelFolders.map(absolute) + configuration.modelFolders
    if let folder = overrides.credentials {
      configuration.credentials = CredentialFolder(url: absolute(folder), isManaged: false)
    } else if let folder = environment["CREDENTIALS_DIRECTORY"], !folder.isEmpty {
      configuration.credentials = CredentialFolder(url: absolute(folder), isManaged: true)
    }
    return configuration
  }

  /// An absolute, tidy path; always without a slash at its end, so that equal paths are equal.
  static func url(ofPath path: String, relativeTo folder: URL) -> URL {
    let url = URL(filePath: path, relativeTo: folder).absoluteURL.standardizedFileURL
    return URL(filePath: url.path, directoryHint: .notDirectory)
  }
}
