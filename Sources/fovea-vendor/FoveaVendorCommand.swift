// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Platform
import VendorServer

/// `fovea-vendor`: a vendor of imagery on this machine, for demonstrations and tests.
@main
struct FoveaVendorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fovea-vendor",
    abstract: "Sell windows of a GeoTIFF over HTTP.",
    discussion: """
      It keeps its own books in the state folder: GET /books shows what was sold. One line is \
      printed when it listens; SIGTERM stops it. Exit codes: 65 nothing to sell, 73 no address, \
      75 another vendor has the state folder or the socket.

      --fault PHASE:FAULT:TIMES lets the first TIMES calls of a phase go wrong; --faults FILE is a \
      script with more: a YAML or JSON list of {when, fault, times, order, item, attempt, chance, \
      with}. GET /faults shows what has happened. A fault is a status from 400 to 599, or one of \
      \(Fault.allCases.map(\.rawValue).joined(separator: ", ")). The phases are \
      \(FaultRule.Phase.allCases.map(\.rawValue).joined(separator: ", ")).
      """)

  @Option(name: .customLong("hr"), help: "The GeoTIFF to sell.", completion: .file())
  var image: String
  @Option(help: "The price list.", completion: .file())
  var prices: String
  @Option(help: "The product's name in the price list; needless where it has only one.")
  var product: String?
  @Option(
    help: "unix:PATH, or 127.0.0.1:PORT; port 0 takes a free one.",
    transform: { text in
      guard let address = ListenAddress(text) else {
        throw ValidationError("Give unix:PATH (107 bytes at most) or 127.0.0.1:PORT.")
      }
      return address
    })
  var listen: ListenAddress
  @Option(help: "The folder of the books and of what was cut.", completion: .directory)
  var state: String
  @OptionGroup(title: "What the interface can do")
  var terms: TermOptions
  @Option(
    help: "A file with the key that clients must show as a bearer token.", completion: .file())
  var keyFile: String?
  @Option(
    help: "A script of what shall go wrong; a --fault comes after its rules.", completion: .file())
  var faults: String?
  @Option(
    help: "Something that shall go wrong, as submit:lost-answer:1; may be repeated.",
    transform: { text in
      guard let rule = FaultRule(text) else {
        throw ValidationError("Give PHASE:FAULT:TIMES, as in submit:lost-answer:1; see --help.")
      }
      return rule
    })
  var fault: [FaultRule] = []

  func run() async throws {
    do {
      let script = try faults.map { try FaultScript(contentsOf: URL(filePath: $0)) } ?? []
      let server = try await VendorServer(
        VendorServerConfiguration(
          imageFile: URL(filePath: image), pricesFile: URL(filePath: prices), product: product,
          address: listen, stateFolder: URL(filePath: state), terms: terms.terms, key: try key(),
          faults: script.adding(fault)))
      try await server.run(stopsOnSignals: true) { address in
        FileHandle.standardOutput.write(Data("listening on \(address)\n".utf8))
      }
    } catch let error as VendorServerError {
      FileHandle.standardError.write(Data("fovea-vendor: \(error)\n".utf8))
      throw ExitCode(Platform.ExitCode.badData.rawValue)
    } catch let error as PlatformError {
      FileHandle.standardError.write(Data("fovea-vendor: \(error)\n".utf8))
      let code: Platform.ExitCode = if case .locked = error { .tryLater } else { .cannotCreate }
      throw ExitCode(code.rawValue)
    } catch {
      FileHandle.standardError.write(
        Data("fovea-vendor: could not listen on \(listen): \(error). Give another --listen.\n".utf8)
      )
      throw ExitCode(Platform.ExitCode.cannotCreate.rawValue)
    }
  }
  private func key() throws -> Secret? {
    guard let keyFile else { return nil }
    let text: String
    do {
      text = try String(contentsOfFile: keyFile, encoding: .utf8)
        .trimmingCharacters(in: .whitespacesAndNewlines)
    } catch {
      throw ValidationError("The key file \(keyFile) cannot be read. Check its path and owner.")
    }
    guard !text.isEmpty else { throw ValidationError("The key file \(keyFile) is empty.") }
    return Secret(text)
  }
}
