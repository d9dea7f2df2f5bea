// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Platform
import Service

struct TokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Tokens for programs that use the API over TCP (api.listen in the configuration).",
    discussion: """
      Only a token's SHA-256 is kept, in the file of api.tokens. A running daemon heeds every change \
      from the next request on.
      """,
    subcommands: [Create.self, List.self, Revoke.self])

  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a token and print it, once: it cannot be shown again.")
    @Option(
      help: "read, submit, spend or admin.",
      transform: { text in
        guard let role = AccessRole(rawValue: text) else {
          throw ValidationError("--role is read, submit, spend or admin, not \"\(text)\".")
        }
        return role
      }) var role: AccessRole
    @Option(help: "A budget that it may use, for submit and spend; may be repeated.")
    var budget: [String] = []
    @Option(
      help: "The last day on which it is taken (UTC), 2027-06-30, or a time with Z.",
      transform: { text in
        guard let date = TokenCommand.end(text) else {
          throw ValidationError("--until is a day like 2027-06-30, not \"\(text)\".")
        }
        return date
      }) var until: Date
    @OptionGroup var options: ConfigurationOptions

    func validate() throws {
      guard role.isBoundToBudgets == !budget.isEmpty else {
        throw ValidationError(
          role.isBoundToBudgets
            ? "A token of the role \(role.rawValue) names its budgets: --budget NAME."
            : "A token of the role \(role.rawValue) is not bound to budgets: leave --budget out.")
      }
      guard until > Date() else { throw ValidationError("--until is in the past.") }
    }

    func run() throws {
      let (token, secret) = try TokenCommand.file(options).add(
        role: role, budgets: budget, until: until, at: Date())
      FileHandle.standardError.write(
        Data("fovead: token \(token.id), \(token.role.rawValue), until ".utf8)
          + Data("\(Timestamp.text(token.until)). It is shown only now:\n".utf8))
      print(secret.reveal())
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the tokens: id, role, end, budgets.")
    @OptionGroup var options: ConfigurationOptions

    func run() throws {
      for token in try TokenCommand.file(options).tokens() {
        let end = Timestamp.text(token.until) + (token.until <= Date() ? " (ended)" : "")
        let line = [token.id, token.role.rawValue, end, token.budgets.joined(separator: ",")]
        print(line.filter { !$0.isEmpty }.joined(separator: "  "))
      }
    }
  }

  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make a token worthless.")
    @Argument(help: "Its id, as token list shows it.") var id: String
    @OptionGroup var options: ConfigurationOptions

    func run() throws { try TokenCommand.file(options).revoke(id) }
  }

  private static func file(_ options: ConfigurationOptions) throws -> TokenFile {
    let configuration = try options.load(ProcessInfo.processInfo.environment)
    return TokenFile(url: configuration.tokensFile)
  }

  /// The end of a day, or a point in time.
  private static func end(_ text: String) -> Date? {
    if let day = Timestamp.date("\(text)T00:00:00.000Z") { return day.addingTimeInterval(86_400) }
    // Both forms failing means the same: no date.
    return try? Date(text, strategy: .iso8601)
  }
}
