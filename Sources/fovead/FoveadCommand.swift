// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Platform
import Service

@main
struct FoveadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fovead",
    abstract: "The daemon: queue, survey, choice, purchase, classification, books.",
    discussion: """
      It serves a Unix socket, which fovea and other programs of the group talk to, until SIGTERM.
      Exit codes: 0 stopped in order, 64 usage, 65 the ledger check failed, 73 or 74 files, \
      75 another daemon has the state directory, 78 configuration.
      """,
    subcommands: [Run.self, CheckConfiguration.self, TokenCommand.self],
    defaultSubcommand: Run.self)

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      end(error)
    }
  }

  private static func end(_ error: any Error) -> Never {
    // What ArgumentParser threw for itself (help, usage) it reports itself.
    guard let code = Daemon.exitCode(of: error) else { exit(withError: error) }
    let lines = "\(error)".split(separator: "\n").map { "fovead: \($0)\n" }
    FileHandle.standardError.write(Data(lines.joined().utf8))
    Foundation.exit(code.rawValue)
  }

  struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the daemon (the default).")
    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
      let environment = ProcessInfo.processInfo.environment
      // Until the daemon listens for it, a request to read the configuration anew is early.
      signal(SIGHUP, SIG_IGN)
      let configuration = try options.load(environment)
      let threshold = LogThreshold(configuration.logLevel)
      let logger = Daemon.logger(threshold, environment: environment)
      let daemon = Daemon(
        configuration, logger: logger, threshold: threshold, environment: environment,
        rereading: { [options] in try options.load(environment) })
      try await daemon.run()
    }
  }

  struct CheckConfiguration: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check-config",
      abstract: "Check the configuration, and print what would be used.",
      discussion: """
        Price lists, credentials, folders and models are read, too; the state directory is not \
        touched. Ends with 78 where the daemon, or a job, would meet a mistake.
        """)
    @OptionGroup var options: ConfigurationOptions

    func run() throws {
      let configuration = try options.load(ProcessInfo.processInfo.environment)
      let models = try Daemon.check(configuration)
      print(([configuration.summary] + models).joined(separator: "\n"))
    }
  }
}

struct ConfigurationOptions: ParsableArguments {
  @Option(help: "The configuration file; /etc/fovea/fovead.yaml where there is one.")
  var config: String?
  @Option(help: "The state directory, instead of the configured one.")
  var state: String?
  @Option(help: "The Unix socket's path, instead of the configured one.")
  var socket: String?
  @Option(help: "A folder of model bundles, searched before the configured ones; may be repeated.")
  var models: [String] = []
  @Option(help: "The folder with our keys at the vendors, where systemd does not give them.")
  var credentials: String?

  func load(_ environment: [String: String]) throws(ConfigurationError) -> Configuration {
    try Configuration.load(
      file: config.map { URL(filePath: $0) }, environment: environment,
      overrides: .init(
        state: state, socket: socket, modelFolders: models, credentials: credentials))
  }
}
