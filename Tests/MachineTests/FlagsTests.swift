// Owns NZCV against arithmetic in more bits than the operands have: exhaustive in 8 bits, edges and random numbers in 32 and 64.
// It does not know how flags are kept between instructions.
import TestSupport
import Testing

@testable import Machine

/// What an addition of `bits`-bit numbers leaves, worked out in 128 bits.
func naiveAdd(_ a: UInt64, _ b: UInt64, carry: UInt64, bits: Int) -> (result: UInt64, nzcv: UInt64) {
  let modulus = (1 as UInt128) << UInt128(bits)
  let x = UInt128(a) % modulus
  let y = UInt128(b) % modulus
  let sum = x + y + UInt128(carry)
  let result = sum % modulus
  func signed(_ value: UInt128) -> Int128 { value >= modulus / 2 ? Int128(value) - Int128(modulus) : Int128(value) }
  let signedSum = signed(x) + signed(y) + Int128(carry)
  var nzcv: UInt64 = 0
  if signed(result) < 0 { nzcv += 8 }
  if result == 0 { nzcv += 4 }
  if sum >= modulus { nzcv += 2 }
  if signed(result) != signedSum { nzcv += 1 }
  return (UInt64(result), nzcv)
}

/// `a - b - 1 + carry`.
func naiveSubtract(_ a: UInt64, _ b: UInt64, carry: UInt64 = 1, bits: Int) -> (result: UInt64, nzcv: UInt64) {
  naiveAdd(a, ~b, carry: carry, bits: bits)
}

/// Numbers at which something changes.
let edgeNumbers: [UInt64] = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_fffe, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_fffe, 0xffff_ffff,
  0x1_0000_0000, 0x7fff_ffff_ffff_fffe, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0x8000_0000_0000_0001, 0xffff_ffff_8000_0000,
  0xffff_ffff_ffff_fffe, 0xffff_ffff_ffff_ffff,
]

/// Pairs of edges, then pairs at random.
func operandPairs(seed: UInt64, count: Int) -> [(UInt64, UInt64)] {
  var random = SeededRandom(seed: seed)
  let edges = edgeNumbers.flatMap { a in edgeNumbers.map { (a, $0) } }
  return edges + (0..<count).map { _ in (random.next() >> (random.next() & 63), random.next() >> (random.next() & 63)) }
}

struct FlagsTests {
  /// 8-bit numbers in the top byte have the flags of 8-bit arithmetic.
  @Test func everyPairOfBytes() {
    for a in 0..<256 as Range<UInt64> {
      for b in 0..<256 as Range<UInt64> {
        #expect(nzcvOfAdd(a << 56, b << 56) == naiveAdd(a, b, carry: 0, bits: 8).nzcv, "\(a) + \(b)")
        // Zeroes below the byte carry the one of the subtraction up.
        #expect(nzcvOfSubtract(a << 56, b << 56) == naiveSubtract(a, b, bits: 8).nzcv, "\(a) - \(b)")
      }
    }
  }

  @Test func sixtyFourBits() {
    for (a, b) in operandPairs(seed: 1, count: 100_000) {
      let sum = naiveAdd(a, b, carry: 0, bits: 64).nzcv
      let difference = naiveSubtract(a, b, bits: 64).nzcv
      if nzcvOfAdd(a, b) != sum || nzcvOfSubtract(a, b) != difference {
        Issue.record("\(a), \(b)")
      }
    }
  }

  @Test(arguments: [32, 64]) func withCarry(bits: Int) {
    for (a, b) in operandPairs(seed: 2, count: 100_000) {
      for carry in [0, 1] as [UInt64] {
        let expected = naiveAdd(a, b, carry: carry, bits: bits)
        let actual = addWithCarry(a, b, carry: carry, bits: UInt64(bits))
        if actual != expected { Issue.record("\(a) + \(b) + \(carry): \(actual), not \(expected)") }
      }
    }
  }
}
