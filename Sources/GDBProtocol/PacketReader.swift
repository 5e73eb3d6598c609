// Owns how packets are found in the bytes that the other side sends: framing, checksums, escapes, run lengths, acknowledgements and the
// interrupt byte. It does not know what a packet asks. GDB manual, E.1 Overview of the remote protocol.

/// One unit in a stream of bytes.
public enum PacketEvent: Equatable, Sendable {
  /// A packet with a correct checksum: its contents without escapes.
  case packet([UInt8])
  /// A packet with a wrong checksum, or with an escape that nothing follows.
  case damaged
  /// A packet with a correct checksum and more bytes than are allowed. Its contents are lost.
  case tooLong
  /// `+`: the last packet has arrived.
  case acknowledgement
  /// `-`: the last packet must be sent again.
  case repetitionWanted
  /// The byte 0x03 between packets: whatever runs is to stop.
  case interrupt
}

/// A reader of packets, which is given one byte after another.
public struct PacketReader: Sendable {
  private enum State {
    case between, inside
    case firstDigit
    case secondDigit(UInt8?)
  }
  private var state = State.between
  private var contents: [UInt8] = []
  private var checksum: UInt8 = 0
  private var isEscaped = false
  /// Whether the next byte is the length of a run.
  private var isRunLength = false
  private var isTooLong = false
  private var isBroken = false
  private let limit: Int
  private let expandsRuns: Bool

  /// `limit` is the number of bytes of contents that a packet may have. Only answers use run lengths, so only a debugger expands them.
  public init(limit: Int, expandsRuns: Bool = false) {
    self.limit = limit
    self.expandsRuns = expandsRuns
  }

  /// Takes the next byte, and returns what it completes.
  public mutating func take(_ byte: UInt8) -> PacketEvent? {
    switch state {
    case .between: return takeBetween(byte)
    case .inside:
      takeInside(byte)
      return nil
    case .firstDigit:
      state = .secondDigit(Hexadecimal.digit(byte))
      return nil
    case .secondDigit(let first):
      state = .between
      guard let first, let second = Hexadecimal.digit(byte), first << 4 | second == checksum, !isBroken else { return .damaged }
      return isTooLong ? .tooLong : .packet(contents)
    }
  }

  private mutating func takeBetween(_ byte: UInt8) -> PacketEvent? {
    switch byte {
    case UInt8(ascii: "$"): begin()
    case UInt8(ascii: "+"): return .acknowledgement
    case UInt8(ascii: "-"): return .repetitionWanted
    case 3: return .interrupt
    // Other bytes between packets have no meaning.
    default: break
    }
    return nil
  }

  private mutating func begin() {
    state = .inside
    contents = []
    (checksum, isEscaped, isRunLength, isTooLong, isBroken) = (0, false, false, false, false)
  }

  private mutating func takeInside(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "#"):
      state = .firstDigit
      if isEscaped || isRunLength { isBroken = true }
      return
    // A packet that begins inside another means that the end of the first was lost.
    case UInt8(ascii: "$"): return begin()
    default: checksum &+= byte
    }
    if isRunLength {
      isRunLength = false
      guard let last = contents.last, byte >= 29 + 3, byte <= 126 else {
        isBroken = true
        return
      }
      for _ in 0..<byte - 29 { append(last) }
    } else if isEscaped {
      isEscaped = false
      append(byte ^ 0x20)
    } else if byte == UInt8(ascii: "}") {
      isEscaped = true
    } else if byte == UInt8(ascii: "*") && expandsRuns {
      isRunLength = true
    } else {
      append(byte)
    }
  }

  private mutating func append(_ byte: UInt8) {
    if contents.count == limit { isTooLong = true } else { contents.append(byte) }
  }
}
