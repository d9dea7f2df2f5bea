// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `fovea evaluate`: what it prints and writes.
@Suite(
  .serialized, .tags(.slow), .enabled(if: runsProcesses, "set FOVEA_FULL=1 to start programs"),
  .timeLimit(.minutes(5)))
struct EvaluationPageTests {
  private let world: World
  private let scene: [String]

  init() throws {
    world = try World()
    let demo = World.demo
    scene = [
      "evaluate", "--model", World.models.appending(path: "eurosat-s2-10m.safetensors").path,
      "--lr", demo.appending(path: "eurosat_lr.tif").path,
      "--truth", demo.appending(path: "eurosat_truth.tif").path,
    ]
  }

  @Test func `the page stands alone, and shows names as they are written`() async throws {
    let name = #"a<b>&"c".tif"#
    let high = world.path(name)
    try FileManager.default.copyItem(
      atPath: World.demo.appending(path: "eurosat_hr.tif").path, toPath: high)
    let page = world.path("page.html")
    let run = try await world.run(program: "fovea", scene + ["--hr", high, "--html", page])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.text.contains("PatchDrop") && run.text.contains("fMoW %"))
    let html = try String(contentsOfFile: page, encoding: .utf8)
    #expect(html.contains("a&lt;b&gt;&amp;&quot;c&quot;.tif") && !html.contains("<b>&"))
    // Nothing is loaded and nothing runs.
    #expect(!html.contains("<script") && !html.contains("http"))
    #expect(!html.replacing("url(#plot)", with: "").contains("url("))
    let pictures = html.components(separatedBy: "src=\"").dropFirst()
    #expect(pictures.count > 20)
    #expect(pictures.allSatisfy { $0.hasPrefix("data:image/png;base64,") })
    #expect(unclosed(html) == [])
  }

  /// The elements that are not closed, or closed without having been opened.
  private func unclosed(_ html: String) -> [String] {
    let empty: Set = ["!doctype", "meta", "img", "wbr"]
    var open: [String] = []
    for tag in html.matches(of: /<(\/?)([a-z0-9!]+)("[^"]*"|[^">])*>/) {
      let (name, isEnd) = (String(tag.2), !tag.1.isEmpty)
      if empty.contains(name) || tag.0.hasSuffix("/>") { continue }
      if !isEnd {
        open.append(name)
      } else if open.popLast() != name {
        return open + ["/" + name]
      }
    }
    return open
  }

  @Test func `a threshold decides what is bought, in rows and in predictions`() async throws {
    let high = World.demo.appending(path: "eurosat_hr.tif").path
    let predictions = world.path("predictions.jsonl")
    var bought: [Double] = []
    for threshold in ["0", "1"] {
      let run = try await world.run(
        program: "fovea",
        scene + [
          "--hr", high, "--threshold", threshold, "--json", "--predictions", predictions,
        ])
      #expect(run.status == 0, "\(run.errors)")
      let rows = try #require(try run.object()["rows"] as? [[String: Any]])
      let row = try #require(
        rows.first { $0["system"] as? String == "patchdrop" && $0["stage"] as? String == "ft2" })
      bought.append(try #require(row["patches"] as? Double))
      let mask = threshold == "0" ? "ffff" : "0000"
      let lines = try String(contentsOfFile: predictions, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 144)
      #expect(lines.allSatisfy { $0.contains("\"mask\":\"\(mask)\"") })
      #expect(row["collapse"] as? String == (threshold == "0" ? "everything" : "nothing"))
    }
    #expect(bought == [16, 0])
    let wrong = try await world.run(
      program: "fovea", scene + ["--hr", high, "--published", "mnist"])
    #expect(wrong.status == 64 && wrong.errors.contains("cifar10"), "\(wrong.errors)")
  }
}
