// Owns the pure functions of the integer instructions against loops over bits and arithmetic in 128 bits.
// It does not know registers.
import Decoding
import TestSupport
import Testing

@testable import Machine

struct IntegersTests {
  /// Bits 0 to `count` - 1 of a number, lowest first.
  private func bits(_ value: UInt64, _ count: UInt64) -> [Bool] { (0..<count).map { value >> $0 & 1 == 1 } }
  private func number(_ bits: [Bool]) -> UInt64 { bits.reversed().reduce(0) { $0 << 1 | ($1 ? 1 : 0) } }

  private func values(seed: UInt64, count: Int = 200) -> [UInt64] {
    var random = SeededRandom(seed: seed)
    return edgeNumbers + (0..<count).map { _ in random.next() }
  }

  @Test(arguments: [32, 64] as [UInt64]) func shifts(width: UInt64) {
    for value in values(seed: 1) {
      let source = bits(value, width)
      for amount in 0..<Int(width) {
        let zeroes = [Bool](repeating: false, count: amount)
        let signs = [Bool](repeating: source.last!, count: amount)
        let rows: [(ShiftType, [Bool])] = [
          (.lsl, Array((zeroes + source).prefix(Int(width)))), (.lsr, Array(source.dropFirst(amount)) + zeroes),
          (.asr, Array(source.dropFirst(amount)) + signs), (.ror, Array(source.dropFirst(amount)) + source.prefix(amount)),
        ]
        for (type, expected) in rows where shift(value, type, by: UInt64(amount), bits: width) != number(expected) {
          Issue.record("\(value) \(type) \(amount) in \(width) bits")
        }
      }
    }
  }

  @Test func extendRegisterTakesItsBits() {
    let rows: [(Extend, UInt64, Bool)] = [
      (.uxtb, 8, false), (.uxth, 16, false), (.uxtw, 32, false), (.uxtx, 64, false), (.sxtb, 8, true), (.sxth, 16, true), (.sxtw, 32, true),
      (.sxtx, 64, true),
    ]
    for value in values(seed: 2) {
      for (type, width, signed) in rows {
        let low = bits(value, width)
        let full = low + [Bool](repeating: signed && low.last!, count: Int(64 - width))
        for amount in 0...4 as ClosedRange<UInt64> {
          #expect(extend(value, type, shift: amount) == number(full) << amount, "\(value) \(type) \(amount)")
        }
      }
    }
  }

  @Test(arguments: [32, 64] as [UInt64]) func reversalsAndCounts(width: UInt64) {
    for value in values(seed: 3) {
      let source = bits(value, width)
      func groups(_ size: Int) -> [Bool] {
        stride(from: 0, to: Int(width), by: size).flatMap { start in
          stride(from: size - 8, through: 0, by: -8).flatMap { source[(start + $0)..<(start + $0 + 8)] }
        }
      }
      #expect(unary(.rbit, value, bits: width) == number(source.reversed()))
      #expect(unary(.rev16, value, bits: width) == number(groups(16)))
      #expect(unary(.rev, value, bits: width) == number(groups(Int(width))))
      if width == 64 { #expect(unary(.rev32, value, bits: width) == number(groups(32))) }
      let leadingZeroes = source.reversed().prefix { !$0 }.count
      let leadingSigns = source.reversed().prefix { $0 == source.last! }.count - 1
      #expect(unary(.clz, value, bits: width) == UInt64(leadingZeroes), "\(value)")
      #expect(unary(.cls, value, bits: width) == UInt64(leadingSigns), "\(value)")
    }
  }

  @Test(arguments: [32, 64]) func divisions(width: Int) {
    let mask = UInt64.max >> UInt64(64 - width)
    func signed(_ value: UInt64) -> Int128 {
      let low = Int128(value & mask)
      return low >= (1 as Int128) << Int128(width - 1) ? low - (1 as Int128) << Int128(width) : low
    }
    for (a, b) in operandPairs(seed: 4, count: 20_000) {
      let unsigned = b & mask == 0 ? 0 : (a & mask) / (b & mask)
      let quotient = b & mask == 0 ? 0 : signed(a) / signed(b)
      if divide(a, b, signed: false, bits: UInt64(width)) != unsigned { Issue.record("\(a) / \(b) unsigned") }
      if divide(a, b, signed: true, bits: UInt64(width)) != UInt64(truncatingIfNeeded: quotient) & mask {
        Issue.record("\(a) / \(b) signed")
      }
    }
  }

  @Test func highHalvesOfProducts() {
    for (a, b) in operandPairs(seed: 5, count: 20_000) {
      // Schoolbook, in halves of 32 bits.
      let (a1, a0, b1, b0) = (a >> 32, a & 0xffff_ffff, b >> 32, b & 0xffff_ffff)
      let middle = a1 * b0 + (a0 * b0) >> 32
      let high = a1 * b1 + middle >> 32 + (a0 * b1 + middle & 0xffff_ffff) >> 32
      if multiplyHigh(a, b, signed: false) != high { Issue.record("UMULH \(a), \(b)") }
      let correction = (a >> 63 == 1 ? b : 0) &+ (b >> 63 == 1 ? a : 0)
      if multiplyHigh(a, b, signed: true) != high &- correction { Issue.record("SMULH \(a), \(b)") }
    }
  }

  /// The check values that catalogues give for the string "123456789", in pieces of every size.
  @Test func checksumsOfTheCatalogues() {
    let text: [UInt8] = Array("123456789".utf8)
    for (castagnoli, expected) in [(false, 0xcbf4_3926), (true, 0xe306_9283)] as [(Bool, UInt32)] {
      for pieces in [[1, 1, 1, 1, 1, 1, 1, 1, 1], [8, 1], [4, 4, 1], [2, 2, 2, 2, 1], [1, 8], [1, 4, 2, 2]] as [[Int]] {
        var crc: UInt32 = ~0
        var at = 0
        for piece in pieces {
          let value = text[at..<(at + piece)].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
          // What stands above the piece must not count.
          let dirty = piece == 8 ? value : value | ~0 << UInt64(8 * piece)
          crc = checksum(crc, dirty, bytes: UInt64(piece), castagnoli: castagnoli)
          at += piece
        }
        #expect(~crc == expected, "\(pieces)")
      }
    }
  }

  /// Every immr and imms, by moving bits one at a time.
  @Test(arguments: [32, 64] as [UInt64]) func bitfields(width: UInt64) {
    var random = SeededRandom(seed: 6)
    for immr in 0..<width {
      for imms in 0..<width {
        for _ in 0..<4 {
          let source = bits(random.next(), width)
          let old = bits(random.next(), width)
          // The field: bits immr to imms at the bottom, or bits 0 to imms at width - immr.
          let from = imms >= immr ? immr : 0
          let to = imms >= immr ? 0 : width - immr
          let length = imms >= immr ? imms - immr + 1 : imms + 1
          var unsigned = [Bool](repeating: false, count: Int(width))
          var inserted = old
          for n in 0..<length {
            unsigned[Int(to + n)] = source[Int(from + n)]
            inserted[Int(to + n)] = source[Int(from + n)]
          }
          var signed = unsigned
          for n in Int(to + length)..<max(Int(to + length), Int(width)) { signed[n] = source[Int(imms)] }
          for (operation, expected) in [(.ubfm, unsigned), (.sbfm, signed), (.bfm, inserted)] as [(Bitfield, [Bool])] {
            let actual = bitfieldMove(operation, destination: number(old), source: number(source), immr: immr, imms: imms, bits: width)
            if actual != number(expected) { Issue.record("\(operation) \(immr) \(imms) in \(width) bits") }
          }
        }
      }
    }
  }

  /// Every operation on every pair of bytes, then on wider numbers.
  @Test func everyAtomicOnEveryPair() {
    func naive(_ operation: AtomicOperation, _ memory: UInt64, _ operand: UInt64, _ width: UInt64) -> UInt64 {
      let modulus = (1 as Int128) << Int128(width)
      func signed(_ value: UInt64) -> Int128 { Int128(value) >= modulus / 2 ? Int128(value) - modulus : Int128(value) }
      return switch operation {
      case .add: UInt64((Int128(memory) + Int128(operand)) % modulus)
      case .clr: number(zip(bits(memory, width), bits(operand, width)).map { $0 && !$1 })
      case .eor: number(zip(bits(memory, width), bits(operand, width)).map { $0 != $1 })
      case .set: number(zip(bits(memory, width), bits(operand, width)).map { $0 || $1 })
      case .smax: signed(memory) >= signed(operand) ? memory : operand
      case .smin: signed(memory) <= signed(operand) ? memory : operand
      case .umax: max(memory, operand)
      case .umin: min(memory, operand)
      case .swap: operand
      }
    }
    let operations: [AtomicOperation] = [.add, .clr, .eor, .set, .smax, .smin, .umax, .umin, .swap]
    for operation in operations {
      for memory in 0..<256 as Range<UInt64> {
        for operand in 0..<256 as Range<UInt64>
        where atomicResult(operation, memory, operand, size: .byte) != naive(operation, memory, operand, 8) {
          Issue.record("\(operation) \(memory) \(operand)")
        }
      }
      for (size, width) in [(.half, 16), (.word, 32), (.double, 64)] as [(AccessSize, UInt64)] {
        let mask = UInt64.max >> (64 - width)
        for (a, b) in operandPairs(seed: 7, count: 500) {
          if atomicResult(operation, a & mask, b & mask, size: size) != naive(operation, a & mask, b & mask, width) {
            Issue.record("\(operation) \(size) \(a) \(b)")
          }
        }
      }
    }
  }
}
