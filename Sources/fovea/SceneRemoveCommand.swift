// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import Wire

extension SceneCommand {
  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove a scene that no job looks at any more.",
      discussion: "What was bought and reported for it stays.")
    @Argument(help: "Its id.") var id: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let scene = try await connection.connect().removeScene(id)
      if output.json { return try Printing.json(scene) }
      print("removed \(scene.id), \(scene.name)")
    }
  }
}
