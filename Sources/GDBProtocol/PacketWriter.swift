// Owns how a packet is written: its frame, its checksum, escapes for binary contents, and run lengths. It does not know what the packet
// says. GDB manual, E.1 Overview of the remote protocol.

public enum PacketWriter {
  /// The contents in a frame: `$`, the contents with runs shortened, `#` and the checksum. Bytes that mean something to the frame must be
  /// escaped in the contents.
  public static func frame(_ contents: [UInt8], shortensRuns: Bool = true) -> [UInt8] {
    let body = shortensRuns ? withShortRuns(contents) : contents
    let checksum = body.reduce(0 as UInt8) { $0 &+ $1 }
    return [UInt8(ascii: "$")] + body + [UInt8(ascii: "#")] + Hexadecimal.bytes([checksum])
  }

  /// Binary contents with an escape before each byte that means something to the frame.
  public static func escaped(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    for byte in bytes {
      if needsEscape(byte) { result += [UInt8(ascii: "}"), byte ^ 0x20] } else { result.append(byte) }
    }
    return result
  }

  /// As many of the bytes, from the first on, as fit into `limit` bytes with their escapes.
  public static func fitting(_ bytes: ArraySlice<UInt8>, limit: Int) -> ArraySlice<UInt8> {
    var left = limit
    let end = bytes.firstIndex { byte in
      left -= needsEscape(byte) ? 2 : 1
      return left < 0
    }
    return bytes[..<(end ?? bytes.endIndex)]
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "}"), UInt8(ascii: "*"): true
    default: false
    }
  }

  /// The most repetitions that one run length can tell: its byte is the number plus 29, and at most 126.
  private static let longestRun = 97

  /// A run is its byte, `*`, and the number of further repetitions plus 29. Neither `#` nor `$` may stand for a number.
  private static func withShortRuns(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      var repetitions = 0
      while repetitions < longestRun && index + repetitions + 1 < bytes.count && bytes[index + repetitions + 1] == byte { repetitions += 1 }
      if repetitions == 6 || repetitions == 7 { repetitions = 5 }
      result.append(byte)
      if repetitions >= 3 {
        result += [UInt8(ascii: "*"), UInt8(repetitions + 29)]
        index += repetitions
      }
      index += 1
    }
    return result
  }
}
