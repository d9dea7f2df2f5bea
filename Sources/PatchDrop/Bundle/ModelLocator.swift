// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// Where models are looked up: a name with a `/` is a path, any other the name of a file
/// `NAME.safetensors` in one of some folders.
public struct ModelLocator: Sendable {
  /// The folders, looked through in order.
  public let folders: [URL]

  /// Creates a locator.
  public init(folders: [URL]) { self.folders = folders }

  /// The folders of a program: those given, the installation's `share/fovea/models` and the source
  /// tree's `etc/models`, as seen from the program and from the working folder.
  public static func standard(_ first: [URL] = []) -> ModelLocator {
    let program = URL(filePath: CommandLine.arguments.first ?? "fovea")
      .resolvingSymlinksInPath().deletingLastPathComponent()
    return ModelLocator(
      folders: first + [
        program.deletingLastPathComponent().appending(path: "share/fovea/models"),
        URL(filePath: "etc/models"),
      ])
  }

  /// The file of a model.
  ///
  /// - Throws: `ModelError.notFound` where no folder has it.
  public func url(_ name: String) throws(ModelError) -> URL {
    if name.contains("/") {
      guard FileManager.default.fileExists(atPath: name) else {
        throw .notFound(name: name, folders: ["that place"])
      }
      return URL(filePath: name)
    }
    for folder in folders {
      let url = folder.appending(path: name + ".safetensors")
      if FileManager.default.fileExists(atPath: url.path) { return url }
    }
    throw .notFound(name: name, folders: folders.map(\.path))
  }

  /// The names of all models, sorted; of two with one name the first folder's is used.
  public func names() -> [String] {
    let files = folders.flatMap { folder in
      // A folder that is not there has no models.
      (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    }
    let ending = ".safetensors"
    return Set(files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) })
      .sorted()
  }
}
