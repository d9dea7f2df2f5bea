// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `fovea model` and `fovea predict`, which need no daemon.
@Suite(
  .serialized, .tags(.slow), .enabled(if: runsProcesses, "set FOVEA_FULL=1 to start programs"),
  .timeLimit(.minutes(5)))
struct ModelCommandTests {
  private let world: World
  private let models: String

  /// A folder with the shipped bundle, and one that was cut off.
  init() throws {
    world = try World()
    models = world.path("bundles")
    try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
    let shipped = World.models.appending(path: "eurosat-s2-10m.safetensors")
    try FileManager.default.copyItem(atPath: shipped.path, toPath: models + "/good.safetensors")
    try Data(contentsOf: shipped).prefix(5000).write(to: URL(filePath: models + "/cut.safetensors"))
  }

  private func run(_ arguments: String...) async throws -> World.Output {
    try await world.run(program: "fovea", arguments)
  }

  @Test func `a list names bundles, and files that are none`() async throws {
    let list = try await run("model", "list", "--models", models)
    #expect(list.status == 0, "\(list.errors)")
    #expect(list.text.contains("good") && list.text.contains("64 px"))
    #expect(list.text.contains("cut cannot be used: "))
    let json = try await run("model", "list", "--models", models, "--json").object()
    let items = try #require(json["items"] as? [[String: Any]])
    let good = try #require(items.first { $0["name"] as? String == "good" })
    #expect(good["zoom"] as? Int == 8 && good["class_count"] as? Int == 10)
    #expect((good["accuracy"] as? Double ?? 0) > 0.9)
    let problems = try #require(json["problems"] as? [[String: Any]])
    #expect(problems.map { $0["name"] as? String } == ["cut"])
  }

  @Test func `a bundle is shown and checked, a broken one refused`() async throws {
    let shown = try await run("model", "show", "good", "--models", models)
    #expect(shown.status == 0, "\(shown.errors)")
    for words in ["SeaLake", "zoom 8", "ft2.policy", "threshold", "attribution", "Measured on val"]
    {
      #expect(shown.text.contains(words), "\(words)")
    }
    let record = try await run("model", "show", "good", "--models", models, "--json").object()
    let card = try #require(record["card"] as? [String: Any])
    #expect((card["classes"] as? [String])?.count == 10)
    #expect((record["sha256"] as? String)?.hasPrefix(record["id"] as? String ?? "-") == true)

    let checked = try await run("model", "verify", models + "/good.safetensors")
    #expect(checked.status == 0, "\(checked.errors)")
    #expect(checked.text.split(separator: "\n").allSatisfy { $0.hasPrefix("ok  ") })
    let broken = try await run("model", "verify", models + "/cut.safetensors")
    #expect(broken.status == 65 && broken.text.isEmpty)
    #expect(broken.errors.contains("is no model bundle"), "\(broken.errors)")
    let unknown = try await run("model", "show", "absent")
    #expect(unknown.status == 65)
    #expect(unknown.errors.contains("no model absent"), "\(unknown.errors)")
  }

  @Test func `a chip is looked at, another image refused`() async throws {
    let (chip, wide) = (world.path("chip.tif"), world.path("wide.tif"))
    try picture(width: 64, height: 64).write(to: URL(filePath: chip))
    try picture(width: 80, height: 64).write(to: URL(filePath: wide))
    let model = models + "/good.safetensors"
    let drawn = world.path("chip.png")
    let look = try await run("predict", "--model", model, chip, "--picture", drawn)
    #expect(look.status == 0, "\(look.errors)")
    #expect(look.text.contains("of 16 patches") && look.text.contains("everything"))
    #expect(look.text.filter { "\u{25A0}\u{25A1}".contains($0) }.count == 16)
    #expect(try Data(contentsOf: URL(filePath: drawn)).starts(with: [0x89, 0x50, 0x4E, 0x47]))

    let json = try await run("predict", "--model", model, chip, "--threshold", "0", "--json")
      .object()
    let item = try #require((json["items"] as? [[String: Any]])?.first)
    #expect(item["mask"] as? String == "ffff" && item["patches"] as? Int == 16)
    #expect((item["keep_probabilities"] as? [[Double]])?.map(\.count) == [4, 4, 4, 4])
    for answer in ["nothing", "bought", "everything"] {
      let classes = try #require(item[answer] as? [[String: Any]])
      let probabilities = classes.compactMap { $0["probability"] as? Double }
      #expect(probabilities.count == 3 && probabilities == probabilities.sorted(by: >))
    }

    let refused = try await run("predict", "--model", model, chip, wide)
    #expect(refused.status == 65 && refused.text.isEmpty)
    #expect(
      refused.errors.contains("80 x 64 pixels") && refused.errors.contains("gdal_translate"),
      "\(refused.errors)")
    let variant = try await run("predict", "--model", model, chip, "--variant", "best")
    #expect(variant.status == 65 && variant.errors.contains("no variant best"))
  }

  /// An uncompressed TIFF of three bands, brighter towards the south-east.
  private func picture(width: Int, height: Int) -> Data {
    let pixels = (0..<width * height).flatMap { place -> [UInt8] in
      let level = UInt8(40 + 2 * (place % width) % 100 + place / width)
      return [level, level &+ 20, level &+ 30]
    }
    // Tag, type (3 for 16 bits, 4 for 32), count, value.
    let fields: [(UInt16, UInt16, UInt32)] = [
      (256, 4, UInt32(width)), (257, 4, UInt32(height)), (258, 3, 8), (259, 3, 1), (262, 3, 2),
      (273, 4, 8), (277, 3, 3), (278, 4, UInt32(height)), (279, 4, UInt32(pixels.count)),
    ]
    var data = Data([0x49, 0x49, 42, 0])
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
    }
    append(UInt32(8 + pixels.count))
    data.append(contentsOf: pixels)
    append(UInt16(fields.count))
    for (tag, type, value) in fields {
      append(tag)
      append(type)
      append(UInt32(1))
      append(value)
    }
    append(UInt32(0))
    return data
  }
}
