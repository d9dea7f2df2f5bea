// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster
import TestSupport
import Testing

/// The kernel as a witness: whatever a file names, nothing is opened for it, and no network is
/// asked.
///
/// The files go through ``Ingest`` in a second run of these tests under `strace`.
@Suite struct RasterWitnessTests {
  private static let folderName = "FOVEA_WITNESS_FOLDER"
  private static let witnessed = ProcessInfo.processInfo.environment[folderName]

  /// Network calls and whatever opens, and what shuts a process in.
  private static let traced =
    "trace=network,open,openat,openat2,creat,execve,seccomp,prctl,landlock_restrict_self"

  @Test(
    .timeLimit(.minutes(10)),
    .enabled(if: witnessed == nil && SystemCallLog.isPossible, "no strace, or it may not trace"))
  func `no other file is opened and no byte goes to the network`() throws {
    let scratch = try ScratchFolder()
    let bait = try scratch.file("bait", Array("not for you".utf8)).path
    let count = try writeFiles(into: scratch.file("in"), naming: bait)
    let log = scratch.file("calls.txt")
    let output = try trace(folder: scratch.url, log: log)
    #expect(output.contains("witnessed \(count) files"), "\(output)")
    let calls = try SystemCallLog(log).calls
    #expect(calls.contains { $0.path?.hasSuffix("overview file.tif") == true })
    let wrong = calls.filter { call in
      call.arguments.contains(bait) || call.arguments.contains("127.0.0.1")
        || Self.isNetwork(call) || Self.opensForeign(call, scratch.url)
    }
    let shown = wrong.prefix(20).map { "\($0.name)(\($0.arguments.prefix(200)) = \($0.result)" }
    #expect(shown.isEmpty, "\(wrong.count) calls, such as \(shown)")
    let confined = Set(calls.filter(\.isConfined).map(\.process)).count
    RasterFuzzRun.say(
      "witness: \(count) files, \(calls.count) calls seen, \(confined) confined children with calls "
        + "of theirs, nothing foreign opened, no socket")
  }

  /// What the second run does.
  @Test(.enabled(if: witnessed != nil, "the run under strace does it"))
  func `the files of a folder are taken in`() throws {
    let folder = URL(filePath: try #require(Self.witnessed))
    let names = try FileManager.default.contentsOfDirectory(
      atPath: folder.appending(path: "in").path)
    var taken = 0
    for name in names {
      // The refusals are other tests' business.
      let facts = try? Ingest.scene(
        folder.appending(path: "in/\(name)"), cleanCopy: folder.appending(path: "clean.tif"))
      if facts != nil { taken += 1 }
    }
    RasterFuzzRun.say("witnessed \(names.count) files, \(taken) taken")
    #expect(taken > 20)
  }

  @Test(.enabled(if: !SystemCallLog.isPossible, "strace is here"))
  func `without a tracer there is no witness`() {
    RasterFuzzRun.say("SKIPPED: no witness: /usr/bin/strace is missing, or may not trace here")
  }

  private func writeFiles(into folder: URL, naming bait: String) throws -> Int {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var files: [String: [UInt8]] = PointingRaster.files(naming: bait)
    let link = "/vsicurl/http://127.0.0.1:9/x.tif"
    for (name, bytes) in PointingRaster.files(naming: link) { files["\(name) of a link"] = bytes }
    let hostile = try HostileRaster(folders: [RasterFixtures.folder])
    for seed in 0..<200 as Range<UInt64> { files["seed \(seed)"] = hostile.sample(seed).bytes }
    for (name, bytes) in files {
      try Data(bytes).write(to: folder.appending(path: "\(name).tif"))
    }
    return files.count
  }

  private func trace(folder: URL, log: URL) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/strace")
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    process.arguments = [
      "-f", "-qq", "-s", "4096", "-o", log.path, "-e", Self.traced, own, "--testing-library",
      "swift-testing", "--filter", "RasterWitnessTests.*taken in",
    ]
    process.environment = ProcessInfo.processInfo.environment.merging(
      [Self.folderName: folder.path]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }

  private static func isNetwork(_ call: SystemCallLog.Call) -> Bool {
    if call.name == "socket" { return true }
    return ["connect", "bind", "listen", "sendto"].contains(call.name) && !call.isConfined
      && call.arguments.contains("AF_INET")
  }

  /// Whether a call opens what is neither the program's own nor what the test gave it; a confined
  /// process opens nothing at all.
  private static func opensForeign(_ call: SystemCallLog.Call, _ scratch: URL) -> Bool {
    guard ["open", "openat", "openat2", "creat"].contains(call.name) else { return false }
    guard !call.isConfined else { return !call.result.hasPrefix("-1") }
    let path = call.path ?? ""
    let name = path.split(separator: "/").last ?? ""
    // PROJ looks for the grids of its own table here and there.
    let isGrid = path == name || path.contains("/proj/")
    let grids = [".gsb", ".tif", ".gtx", ".los", ".las"]
    let places = [
      scratch.path, "/usr/", "/proc/self/", "/proc/sys/vm/", "/sys/devices/system/",
      "/dev/urandom", "/dev/null", "/etc/localtime",
    ]
    // The configuration of GDAL and PROJ, and what Foundation asks of the process itself.
    if ["gdalrc", "proj.ini", "proj.db"].contains(name) { return false }
    if path.wholeMatch(of: /\/proc\/\d+\/stat/) != nil { return false }
    return !name.contains(".so") && !(isGrid && grids.contains { name.lowercased().hasSuffix($0) })
      && !places.contains { path.hasPrefix($0) }
  }
}
