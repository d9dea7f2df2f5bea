// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One of those that are measured beside each other.
enum Contestant: Hashable {
  case ours
  case onnxRuntime
  /// PyTorch, in one of the ways to run it.
  case pyTorch(variant: String)

  /// Those of a pass: each of PyTorch's ways that came out best somewhere.
  static func all(_ pass: Pass) -> [Contestant] {
    switch pass {
    case .inference:
      [.ours, .onnxRuntime, .pyTorch(variant: "frozen"), .pyTorch(variant: "eager")]
    case .training: [.ours, .pyTorch(variant: "eager"), .pyTorch(variant: "channels_last")]
    }
  }

  /// The name as a person reads it.
  var name: String {
    switch self {
    case .ours: "ours"
    case .onnxRuntime: "ONNX Runtime"
    case .pyTorch(let variant): "PyTorch \(variant)"
    }
  }
}

/// How long and with how many threads each of them is measured.
struct Conditions {
  var threads: Int
  var seconds: Double
}

/// The peers' script with the Python that runs it.
struct PeerScript {
  let python: String
  let script: URL
  /// Where the networks' ONNX files are kept while the program runs.
  let folder: URL

  /// The peers, or in words why there are none.
  static func find(
    script: String?, python: String, modules: [String], folder: URL
  ) -> (peers: PeerScript?, problem: String?) {
    guard let script else {
      return (nil, "no peers: give the path of their script with --peers")
    }
    guard FileManager.default.fileExists(atPath: script) else {
      return (nil, "no peers: there is no file \(script)")
    }
    do {
      _ = try ChildProcess.named(python, ["-c", "import \(modules.joined(separator: ", "))"])
        .output()
    } catch {
      return (
        nil,
        "no peers: \(python) cannot import \(modules.joined(separator: ", ")); "
          + "make an environment with `make bench-deps` and give its Python with --python"
      )
    }
    return (PeerScript(python: python, script: URL(filePath: script), folder: folder), nil)
  }

  /// Runs the script.
  func child(_ arguments: [String], threads: Int) -> ChildProcess {
    var child = ChildProcess.named(python, [script.path] + arguments)
    child.environment = ["OMP_NUM_THREADS": "\(threads)", "MKL_NUM_THREADS": "\(threads)"]
    return child
  }

  /// One measurement in a process of its own.
  func measure(
    _ contestant: Contestant, _ net: BenchmarkNetwork, _ pass: Pass, _ conditions: Conditions
  ) throws -> Measurement {
    var arguments = [
      "--child", "--net", net.name, "--batch", "\(net.batchSize)", "--threads",
      "\(conditions.threads)", "--seconds", "\(conditions.seconds)",
    ]
    switch contestant {
    case .ours: preconditionFailure("the peers' script measures peers")
    case .onnxRuntime:
      arguments += ["--infer", "ort", "--variant", "-", "--onnx", try onnxFile(net).path]
    case .pyTorch(let variant):
      arguments +=
        (pass == .training ? ["--train"] : ["--infer", "torch"]) + ["--variant", variant]
    }
    return try child(arguments, threads: conditions.threads).answer()
  }

  /// The network for ONNX Runtime, written by another process: PyTorch stays out of the peak.
  private func onnxFile(_ net: BenchmarkNetwork) throws -> URL {
    let file = folder.appending(path: "\(net.name).onnx")
    if !FileManager.default.fileExists(atPath: file.path) {
      _ = try child(["--child", "--net", net.name, "--write-onnx", file.path], threads: 1).output()
    }
    return file
  }
}
