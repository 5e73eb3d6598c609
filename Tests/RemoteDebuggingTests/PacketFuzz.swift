// Owns changed packets: those that a real gdb sent, with bytes of them altered, for a server with a program. Each gets an answer or none,
// and the server goes on. It does not know which answer is right.
import GDBProtocol
import Laboratory
import Synchronization
import TestSupport
import Testing

@testable import RemoteDebugging

/// A connection on which nothing arrives, and on which what is written is checked and dropped.
private final class SilentChannel: RemoteChannel {
  private let flag = Atomic(true)
  /// Whether everything that was written is a packet or an acknowledgement.
  var isWellFormed: Bool { flag.load(ordering: .relaxed) }
  func read() -> [UInt8] { [] }
  func write(_ bytes: [UInt8]) -> Bool {
    var reader = PacketReader(limit: RemoteServer.packetSize, expandsRuns: true)
    let events = bytes.compactMap { reader.take($0) }
    let isPacket =
      events.count == 1
      && events.first.map { if case .packet = $0 { true } else { [.acknowledgement, .repetitionWanted].contains($0) } } ?? false
    if !isPacket { flag.store(false, ordering: .relaxed) }
    return true
  }
}

@Suite struct PacketFuzz {
  /// The packets of recorded sessions, one a line, in hexadecimal digits.
  private static let corpus: [[UInt8]] = {
    let text = (try? fixture("fuzz/gdb/packets.txt")) ?? ""
    return text.split(separator: "\n").compactMap { Hexadecimal.decoded(Array($0.utf8)) }
  }()

  private static let numbers = [
    "0", "1", "-1", "7fffffff", "80000000", "ffffffff", "7fffffffffffffff", "ffffffffffffffff", "10000000000000000",
  ]

  private static func changed(_ random: inout SeededRandom) -> [UInt8] {
    func pick() -> [UInt8] { corpus[Int(random.below(UInt64(corpus.count)))] }
    var packet = pick()
    for _ in 0..<random.below(4) {
      let place = Int(random.below(UInt64(packet.count + 1)))
      switch random.below(7) {
      case 0 where place < packet.count: packet[place] = UInt8(truncatingIfNeeded: random.next())
      case 1 where place < packet.count: packet[place] ^= 1 << UInt8(random.below(8))
      case 2: packet.insert(contentsOf: numbers[Int(random.below(UInt64(numbers.count)))].utf8, at: place)
      case 3: packet.removeSubrange(place..<min(packet.count, place + Int(random.below(8))))
      case 4: packet = Array(packet[..<place]) + pick().suffix(Int(random.below(32)))
      case 5: packet.insert(Array(";:,.=-".utf8)[Int(random.below(6))], at: place)
      default: packet += [UInt8](repeating: UInt8(ascii: "a"), count: Int(random.below(64)))
      }
    }
    return packet
  }

  /// A program of a few instructions, so that each run ends soon: it stores, calls and exits.
  private static func target() throws -> ProgramTarget {
    let bytes = TinyELF([0xd280_0ba8, 0xf900_03e0, 0xd280_0000, 0xd400_0001]).bytes
    return try ProgramTarget(path: "/tiny", arguments: []) { arguments, _ throws(SessionError) in
      var configuration = SessionConfiguration()
      configuration.memorySize = 2 << 20
      let session = try Session(configuration, host: MemoryIO())
      try session.load(bytes: bytes, path: "/tiny", arguments: arguments)
      return session
    }
  }

  /// The connection has ended, so each run is stopped at its beginning: no packet can make the program run without end.
  @Test func gdb() throws {
    try #require(Self.corpus.count > 100, "Tests/Fixtures/fuzz/gdb/packets.txt holds the corpus")
    try FuzzRun("gdb", slice: 8_192, inputsPerCase: 128).run { random in
      let channel = SilentChannel()
      let server = RemoteServer(try Self.target(), channel)
      for _ in 0..<128 {
        let contents = Self.changed(&random)
        // The frame may be damaged too.
        var frame = PacketWriter.frame(PacketWriter.escaped(contents), shortensRuns: false)
        if random.chance(1, in: 8) { frame[Int(random.below(UInt64(frame.count)))] = UInt8(truncatingIfNeeded: random.next()) }
        var reader = PacketReader(limit: RemoteServer.packetSize)
        for byte in frame { if let event = reader.take(byte) { server.take(event) } }
      }
      try #require(channel.isWellFormed, "an answer is one packet or an acknowledgement")
    }
  }
}
