// Owns the parts that all handlers share: reading and writing registers, and passing flags on. It does not know any instruction.

@inline(__always) func x(_ c: Raw, _ n: UInt8) -> UInt64 { c.load(fromByteOffset: Int(n) &* 8, as: UInt64.self) }
@inline(__always) func w(_ c: Raw, _ n: UInt8) -> UInt32 { c.load(fromByteOffset: Int(n) &* 8, as: UInt32.self) }
@inline(__always) func setX(_ c: Raw, _ d: UInt8, _ value: UInt64) { c.storeBytes(of: value, toByteOffset: Int(d) &* 8, as: UInt64.self) }
@inline(__always) func setW(_ c: Raw, _ d: UInt8, _ value: UInt32) { setX(c, d, UInt64(value)) }
@inline(__always) func setFlagKind(_ c: Raw, _ kind: UInt64) { Context(c)[Slot.flagKind] = kind }
/// The 64-bit immediate of the op at `p`. The op's own immediate is the distance to it in bytes.
@inline(__always) func literal(_ p: Raw) -> UInt64 { p.load(fromByteOffset: Int(p.op.imm), as: UInt64.self) }
/// The immediate as a sign-extended 64-bit value.
@inline(__always) func immediate(_ op: Op) -> UInt64 { UInt64(bitPattern: Int64(op.imm)) }
@inline(__always) func immediate32(_ op: Op) -> UInt32 { UInt32(bitPattern: op.imm) }

/// NZCV from the flag operands.
@inline(__always)
func nzcv(_ c: Raw, _ fa: UInt64, _ fb: UInt64) -> UInt64 {
  let kind = Context(c)[Slot.flagKind]
  if kind == FlagKind.subtract { return nzcvOfSubtract(fa, fb) }
  if kind == FlagKind.add { return nzcvOfAdd(fa, fb) }
  return fa & 15
}

/// Writes a register and runs the next op.
@inline(__always)
func result(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ value: UInt64) {
  setX(c, p.op.d, value)
  go(c, next(p), fa, fb)
}
@inline(__always)
func result32(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ value: UInt32) {
  setW(c, p.op.d, value)
  go(c, next(p), fa, fb)
}

/// Writes a - b or a + b to a register, sets the flags, and runs the next op. 32-bit operands are shifted left by 32.
@inline(__always)
func subtractWithFlags(_ c: Raw, _ p: Raw, _ a: UInt64, _ b: UInt64) {
  setX(c, p.op.d, a &- b)
  setFlagKind(c, FlagKind.subtract)
  go(c, next(p), a, b)
}
@inline(__always)
func addWithFlags(_ c: Raw, _ p: Raw, _ a: UInt64, _ b: UInt64) {
  setX(c, p.op.d, a &+ b)
  setFlagKind(c, FlagKind.add)
  go(c, next(p), a, b)
}
@inline(__always)
func subtractWithFlags32(_ c: Raw, _ p: Raw, _ a: UInt32, _ b: UInt32) {
  setW(c, p.op.d, a &- b)
  setFlagKind(c, FlagKind.subtract)
  go(c, next(p), UInt64(a) &<< 32, UInt64(b) &<< 32)
}
@inline(__always)
func addWithFlags32(_ c: Raw, _ p: Raw, _ a: UInt32, _ b: UInt32) {
  setW(c, p.op.d, a &+ b)
  setFlagKind(c, FlagKind.add)
  go(c, next(p), UInt64(a) &<< 32, UInt64(b) &<< 32)
}
