// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Client
import Foundation
import Platform
import Wire

struct SceneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scene", abstract: "Scenes: the low-resolution imagery that jobs look at.",
    subcommands: [Add.self, List.self, Show.self, Remove.self, Synthesize.self],
    defaultSubcommand: List.self)

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Hand a GeoTIFF to the daemon, which keeps a clean copy.")
    @Argument(help: "The GeoTIFF.", completion: .file(extensions: ["tif", "tiff"]))
    var file: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let url = URL(filePath: file)
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
        throw CommandFailure("\(file): there is no such file. Check the path.", .noInput)
      }
      guard !isFolder.boolValue else {
        throw CommandFailure("\(file): this is a folder. Give a GeoTIFF.", .noInput)
      }
      try SceneCommand.show(
        [await connection.connect().addScene(url, name: url.lastPathComponent)], as: output)
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List all scenes.")
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let scenes = try await connection.connect().scenes()
      if output.json {
        try Printing.json(ItemList(items: scenes, next: nil))
      } else {
        try SceneCommand.show(scenes, as: output)
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show one scene.")
    @Argument(help: "Its id.") var id: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let scene = try await connection.connect().scene(id)
      if output.json { return try Printing.json(scene) }
      let box = scene.footprint?.region.boundingBox
      Printing.sheet(
        "\(scene.id): \(scene.name)",
        [
          ("size", "\(scene.columnCount) x \(scene.rowCount) pixels"),
          ("bands", "\(scene.bandCount)"),
          ("pixel", Printing.length(scene.pixelSizeMetres)), ("CRS", scene.crs),
          ("longitude", box.map(Printing.longitudes)), ("latitude", box.map(Printing.latitudes)),
          ("acquired", scene.acquiredAt.map(Printing.time)),
          ("added", Printing.time(scene.addedAt)),
          ("file", "\(scene.byteCount) bytes, SHA-256 \(scene.sha256)"),
        ])
    }
  }

  static func show(_ scenes: [SceneRecord], as output: OutputOptions) throws {
    if output.json, let scene = scenes.first { return try Printing.json(scene) }
    Printing.table(
      ["scene", "name", "pixels", "bands", "pixel size", "CRS"],
      scenes.map { scene in
        [
          scene.id, scene.name, "\(scene.columnCount) x \(scene.rowCount)",
          "\(scene.bandCount)", Printing.length(scene.pixelSizeMetres),
          String(scene.crs.prefix(40)),
        ]
      })
  }
}
