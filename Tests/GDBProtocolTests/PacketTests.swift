// Owns tests of framing: the packets that a reader finds in bytes, and the bytes that a writer writes for contents.
// It does not know what a packet says.
import GDBProtocol
import TestSupport
import Testing

/// Everything that a reader finds in some bytes.
func events(_ bytes: [UInt8], limit: Int = 0x4000, expandsRuns: Bool = false) -> [PacketEvent] {
  var reader = PacketReader(limit: limit, expandsRuns: expandsRuns)
  return bytes.compactMap { reader.take($0) }
}

func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct PacketTests {
  @Test func framesAndChecksums() {
    #expect(PacketWriter.frame(ascii("OK")) == ascii("$OK#9a"))
    #expect(PacketWriter.frame([]) == ascii("$#00"))
    #expect(events(ascii("+$g#67-")) == [.acknowledgement, .packet(ascii("g")), .repetitionWanted])
    #expect(events(ascii("$g#68")) == [.damaged])
    #expect(events(ascii("$g#6x")) == [.damaged])
    #expect(events(ascii("$g#6")) == [])
    #expect(events(ascii("noise$g#67")) == [.packet(ascii("g"))])
  }

  @Test func aPacketInsideAnotherReplacesIt() { #expect(events(ascii("$qSupp$g#67")) == [.packet(ascii("g"))]) }

  @Test func theInterruptByteIsDataInsideAPacket() {
    #expect(events([3]) == [.interrupt])
    #expect(events(ascii("$X") + [3] + ascii("#") + Hexadecimal.bytes([UInt8(ascii: "X") + 3])) == [.packet(ascii("X") + [3])])
  }

  @Test func escapes() {
    let binary: [UInt8] = [0x23, 0x24, 0x7d, 0x2a, 0x00, 0xff]
    let frame = PacketWriter.frame(PacketWriter.escaped(binary))
    #expect(events(frame) == [.packet(binary)])
    // An escape that nothing follows.
    #expect(events(ascii("$}#7d")) == [.damaged])
  }

  @Test func longPackets() {
    let contents = [UInt8](repeating: UInt8(ascii: "m"), count: 100)
    #expect(events(PacketWriter.frame(contents, shortensRuns: false), limit: 100) == [.packet(contents)])
    #expect(events(PacketWriter.frame(contents, shortensRuns: false), limit: 99) == [.tooLong])
  }

  /// Runs of every length come back as they were, and no run length is a byte that means something to the frame.
  @Test func runsOfEveryLength() {
    for count in 0...300 {
      let contents = ascii("x") + [UInt8](repeating: UInt8(ascii: "0"), count: count) + ascii("y")
      let frame = PacketWriter.frame(contents)
      #expect(events(frame, expandsRuns: true) == [.packet(contents)])
      #expect(frame.filter { $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: "$") }.count == 2)
    }
    #expect(PacketWriter.frame(ascii("0000")) == ascii("$0* #7a"))
  }

  @Test func partsThatFit() {
    let bytes: [UInt8] = [1, 0x23, 2, 0x24, 3]
    #expect(PacketWriter.fitting(bytes[...], limit: 7) == bytes[...])
    #expect(PacketWriter.fitting(bytes[...], limit: 6) == bytes[..<4])
    #expect(PacketWriter.fitting(bytes[...], limit: 2) == bytes[..<1])
  }

  @Test func signalNumbersGoBothWays() {
    #expect(SignalNumbers.debugger(linux: 11) == 11 && SignalNumbers.debugger(linux: 7) == 10 && SignalNumbers.debugger(linux: 17) == 20)
    #expect(SignalNumbers.debugger(linux: 10) == 30 && SignalNumbers.debugger(linux: 34) == 46)
    for signal in 1...64 where signal != 16 { #expect(SignalNumbers.linux(debugger: Int(SignalNumbers.debugger(linux: signal))) == signal) }
    #expect(SignalNumbers.linux(debugger: 0) == nil && SignalNumbers.linux(debugger: 143) == nil)
  }
}
