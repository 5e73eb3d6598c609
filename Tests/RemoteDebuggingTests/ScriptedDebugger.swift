// Owns a debugger for tests: it speaks the protocol by a socket with a server on another thread. It does not know a target.
import ELFFormat
import Foundation
import GDBProtocol
import Laboratory
import RemoteDebugging
import TestSupport
import Testing

final class ScriptedDebugger {
  private let channel: DescriptorChannel
  private var reader = PacketReader(limit: 1 << 20, expandsRuns: true)
  private var events: [PacketEvent] = []
  private let ending = Ending()

  private final class Ending: @unchecked Sendable {
    let semaphore = DispatchSemaphore(value: 0)
    var value: ConversationEnd?
  }
  private struct Server: @unchecked Sendable {
    let server: RemoteServer
  }

  convenience init(_ program: DebuggedProgram) throws { try self.init(program.target) }

  init(_ target: any RemoteTarget) throws {
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    channel = DescriptorChannel(input: ends[0], output: ends[0])
    let server = Server(server: RemoteServer(target, DescriptorChannel(input: ends[1], output: ends[1])))
    let ending = ending
    Thread.detachNewThread {
      ending.value = server.server.serve()
      ending.semaphore.signal()
    }
  }

  /// How the conversation ended; waits for that.
  func end() -> ConversationEnd? {
    ending.semaphore.wait()
    return ending.value
  }

  func send(_ packet: String) { _ = channel.write(PacketWriter.frame(Array(packet.utf8), shortensRuns: false)) }
  func send(bytes: [UInt8]) { _ = channel.write(bytes) }

  /// The next packet; acknowledgements are passed over.
  func receive() throws -> String {
    while true {
      while !events.isEmpty {
        if case .packet(let contents) = events.removeFirst() { return String(decoding: contents, as: UTF8.self) }
      }
      let bytes = channel.read()
      try #require(!bytes.isEmpty, "the server has left")
      events += bytes.compactMap { reader.take($0) }
    }
  }

  /// The answer to a packet. What the server writes to the console before is dropped.
  func ask(_ packet: String) throws -> String {
    send(packet)
    while true {
      let answer = try receive()
      if answer.first != "O" || answer == "OK" { return answer }
    }
  }

  /// The answer in hexadecimal digits as a little-endian word.
  func word(_ packet: String) throws -> UInt64 {
    let bytes = try #require(Hexadecimal.decoded(Array(try ask(packet).utf8)))
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The features that Debian's gdb has.
  static let features = "qSupported:multiprocess+;swbreak+;hwbreak+;fork-events+;vfork-events+;exec-events+;vContSupported+;QThreadEvents+"
}

/// The guest program that is made to be debugged, as a target, and its streams.
struct DebuggedProgram {
  let target: ProgramTarget
  let io: MemoryIO
  var session: Session { target.session }
  var outputText: String { io.outputText }
  var registerFeatures: [RegisterFeature] { target.registerFeatures }
}

func debugged(_ arguments: String...) throws -> DebuggedProgram {
  let bytes = try firmware("tests/debugged")
  let io = MemoryIO(input: Array("input".utf8))
  let target = try ProgramTarget(path: "/debugged", arguments: arguments) { arguments, _ throws(SessionError) in
    var configuration = SessionConfiguration()
    configuration.memorySize = 64 << 20
    let session = try Session(configuration, host: io)
    try session.load(bytes: bytes, path: "/debugged", arguments: arguments)
    return session
  }
  return DebuggedProgram(target: target, io: io)
}

/// The address of a function or variable of that program.
func address(_ name: String) throws -> UInt64 { try #require(SymbolTable(try firmware("tests/debugged")).address(of: name)) }
func hexadecimal(_ value: UInt64) -> String { String(value, radix: 16) }
