// Owns a client in memory: a server on a small program, and the lines that go in and come out. It does not know any test.
import DebugShell
import Dispatch
import JSONDocuments
import Laboratory
import LinuxKernel
import Synchronization
import TestSupport

@testable import Serving

/// Gives all lines at once, then the end, and leaves when all is answered.
final class MemoryChannel: ServedChannel {
  private let input: Mutex<[UInt8]>
  private let output = Mutex<[UInt8]>([])
  init(_ text: String) { input = Mutex(Array(text.utf8)) }

  func read() -> [UInt8] {
    input.withLock { bytes in
      defer { bytes = [] }
      return bytes
    }
  }
  func write(_ bytes: [UInt8]) -> Bool {
    output.withLock { $0 += bytes }
    return true
  }
  private let left = DispatchSemaphore(value: 0)
  func waitForLoss() { left.wait() }
  /// Lets the reading thread end.
  func leave() { left.signal() }

  var lines: [String] { output.withLock { String(decoding: $0, as: UTF8.self) }.split(separator: "\n").map(String.init) }
}

private struct NoProgram: Error, CustomStringConvertible {
  let description: String
}

/// Programs of a few words.
enum ServedPrograms {
  /// Reads one byte, writes it and exits with 5.
  static let echo: [UInt32] = [
    0xd280_0000, 0x9100_03e1, 0xd280_0022, 0xd280_07e8, 0xd400_0001,  // read(0, sp, 1)
    0xd280_0020, 0xd280_0808, 0xd400_0001,  // write(1, sp, 1)
    0xd280_00a0, 0xd280_0bc8, 0xd400_0001,  // exit_group(5)
  ]
  /// A branch to itself.
  static let loop: [UInt32] = [0x1400_0000]
  /// A store through 0.
  static let crash: [UInt32] = [0xd280_0001, 0xf900_0020]

  static let all = ["echo": echo, "loop": loop, "crash": crash]
}

/// What a server answers to lines, and its exit status.
func serve(_ text: String) -> (lines: [String], status: Int32) {
  let streams = ServedStreams()
  let shell = Shell { name, _ in
    guard let words = ServedPrograms.all[name] else { throw NoProgram(description: "there is no program '\(name)'") }
    return { arguments throws(SessionError) in
      var configuration = SessionConfiguration()
      configuration.memorySize = 64 << 20
      let session = try Session(configuration, host: streams)
      try session.load(bytes: TinyELF(words).bytes, path: name, arguments: arguments)
      return session
    }
  }
  let channel = MemoryChannel(text)
  let status = Server(shell, streams, channel, version: "test").serve()
  channel.leave()
  return (channel.lines, status)
}

/// Calls with ids from 1, each a method and its parameters.
func serve(_ calls: [(String, JSONValue)]) throws -> [JSONValue] {
  let lines = try calls.enumerated().map { index, call in
    try JSONText.line(["jsonrpc": "2.0", "id": .integer(Int64(index + 1)), "method": .string(call.0), "params": call.1] as JSONValue)
  }
  return try serve(lines.joined(separator: "\n") + "\n").lines.map(JSONValue.parse)
}
