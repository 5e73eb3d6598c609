// Owns the operands of vectors: lanes of the instruction's size, half of them special values.
// It does not know what the instruction does with them.

extension RandomOperands {
  /// Both halves of a register with integer lanes of `size` bits.
  mutating func integers(lane size: Int) -> (low: UInt64, high: UInt64) { (integerLanes(size), integerLanes(size)) }

  private mutating func integerLanes(_ size: Int) -> UInt64 {
    let all: UInt64 = size == 64 ? .max : 1 << UInt64(size) - 1
    let sign: UInt64 = 1 << UInt64(size - 1)
    return stride(from: 0, to: 64, by: size).reduce(0) { lanes, low in
      let lane: UInt64
      switch below(4) {
      case 0: lane = choice([0, 1, all, sign, sign - 1, sign + 1, all - 1])
      case 1: lane = UInt64(below(64)) &- 32
      default: lane = bits()
      }
      return lanes | (lane & all) << UInt64(low)
    }
  }

  /// Both halves of a register: mostly lanes of the given size, sometimes of another.
  mutating func vector(mostly size: Int, areIntegers: Bool) -> (low: UInt64, high: UInt64) {
    let lane = chance(7, in: 8) ? size : choice([8, 16, 32, 64])
    return areIntegers ? integers(lane: lane) : vector(lane: lane)
  }
}

/// The sizes of an instruction's lanes, found in its text.
enum LaneSizes {
  /// The bits of a lane of the destination and of each source, in order, for registers only.
  static func of(_ text: String) -> [Int] {
    text.drop { $0 != " " }.split(whereSeparator: { " ,{}[]".contains($0) }).compactMap { operand in
      guard let first = operand.first, "vbhsdq".contains(first), operand.dropFirst().first?.isNumber == true else { return nil }
      let letter = first == "v" ? operand.split(separator: ".").last?.last : first
      return letter.flatMap { ["b": 8, "h": 16, "s": 32, "d": 64, "q": 64][$0] }
    }
  }
}
