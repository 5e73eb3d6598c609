// Owns NZCV: how operands determine it, and how a condition reads it.
// It does not know where flags are kept.

/// NZCV in bits 3:0 of `a - b` in 64 bits. Arm ARM: AddWithCarry(a, NOT(b), 1).
@inline(__always)
func nzcvOfSubtract(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let result = a &- b
  let n = result &>> 63
  let z: UInt64 = result == 0 ? 1 : 0
  let carry: UInt64 = a >= b ? 1 : 0
  let v = ((a ^ b) & (a ^ result)) &>> 63
  return n &<< 3 | z &<< 2 | carry &<< 1 | v
}

/// NZCV in bits 3:0 of `a + b` in 64 bits. Arm ARM: AddWithCarry(a, b, 0).
@inline(__always)
func nzcvOfAdd(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let result = a &+ b
  let n = result &>> 63
  let z: UInt64 = result == 0 ? 1 : 0
  let carry: UInt64 = result < a ? 1 : 0
  let v = (~(a ^ b) & (a ^ result)) &>> 63
  return n &<< 3 | z &<< 2 | carry &<< 1 | v
}

/// Result and NZCV of `a + b + carry` in `bits` (32 or 64) bits. Arm ARM: AddWithCarry.
func addWithCarry(_ a: UInt64, _ b: UInt64, carry: UInt64, bits: UInt64) -> (result: UInt64, nzcv: UInt64) {
  let mask = bits == 64 ? ~0 : (1 as UInt64) &<< bits &- 1
  let x = a & mask
  let y = b & mask
  let (partial, overflow1) = x.addingReportingOverflow(y)
  let (sum, overflow2) = partial.addingReportingOverflow(carry)
  let result = sum & mask
  let carryOut: UInt64 = bits == 64 ? (overflow1 || overflow2 ? 1 : 0) : sum &>> 32 & 1
  let top = bits &- 1
  let v = ((x ^ result) & (y ^ result)) &>> top & 1
  let nzcv = (result &>> top & 1) &<< 3 | (result == 0 ? 4 : 0) | carryOut &<< 1 | v
  return (result, nzcv)
}

/// Whether a condition, given as its truth table over NZCV, holds.
@inline(__always)
func holds(_ truthTable: UInt32, _ nzcv: UInt64) -> Bool { truthTable &>> UInt32(truncatingIfNeeded: nzcv) & 1 != 0 }
