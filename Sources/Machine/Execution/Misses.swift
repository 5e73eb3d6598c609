// Owns the probe of the fast table, and the path of a miss: either the page is refilled and the op runs again, or the general
// executor runs it.
// It does not know which instruction missed: the op at `p` does.
import Architecture

/// Host address as a pointer.
@inline(__always) func at(_ host: UInt64) -> Raw { Raw(bitPattern: UInt(host)).unsafelyUnwrapped }

/// The host address of [va, va+size) for reading, or nil. One comparison covers the page match, the end of the page and validity.
@inline(__always)
func readHost(_ c: Raw, _ va: UInt64, _ size: UInt64, guard spoil: UInt64) -> UInt64? {
  let entry = Context(c).fastEntry(va)
  let tag = (va &+ (size &- 1)) & ~0xfff | spoil
  return _fastPath(tag == entry.load(as: UInt64.self)) ? va &+ entry.load(fromByteOffset: 16, as: UInt64.self) : nil
}

/// The host address for writing.
@inline(__always)
func writeHost(_ c: Raw, _ va: UInt64, _ size: UInt64, guard spoil: UInt64) -> UInt64? {
  let entry = Context(c).fastEntry(va)
  let tag = (va &+ (size &- 1)) & ~0xfff | spoil
  return _fastPath(tag == entry.load(fromByteOffset: 8, as: UInt64.self)) ? va &+ entry.load(fromByteOffset: 16, as: UInt64.self) : nil
}

/// The host address for an atomic: a misaligned address never matches. A page that may be written may be read.
@inline(__always)
func atomicHost(_ c: Raw, _ p: Raw, _ va: UInt64, _ size: UInt64) -> UInt64? {
  let entry = Context(c).fastEntry(va)
  let tag = va & (~0xfff | (size &- 1)) | stackGuard(c, p)
  return _fastPath(tag == entry.load(fromByteOffset: 8, as: UInt64.self)) ? va &+ entry.load(fromByteOffset: 16, as: UInt64.self) : nil
}

/// The stack pointer in use.
@inline(__always) func stackPointer(_ c: Raw) -> UInt64 { Context(c)[.SP_EL0] }
/// Bits that make the tag mismatch if the stack pointer is not 16-byte aligned.
@inline(__always) func stackGuard(_ c: Raw) -> UInt64 { stackPointer(c) & 15 }
/// The same bits if n is the stack pointer; 0 otherwise.
@inline(__always) func stackGuard(_ c: Raw, _ p: Raw) -> UInt64 { p.op.n == RegisterSlot.SP_EL0.rawValue ? stackGuard(c) : 0 }
/// The same bits, and others that make the tag mismatch while FP and SIMD are trapped.
@inline(__always) func vectorGuard(_ c: Raw, _ p: Raw) -> UInt64 { stackGuard(c, p) | Context(c)[Slot.vectorTrap] }

@inline(never) func missRead(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, _ size: UInt64) {
  switch Context(c).refill(va, size, .read, p, fa, fb) {
  case .filled: go(c, p, fa, fb)
  case .odd: h_general(c, p, fa, fb)
  case .faulted: return
  }
}
@inline(never) func missWrite(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, _ size: UInt64) {
  switch Context(c).refill(va, size, .write, p, fa, fb) {
  case .filled: go(c, p, fa, fb)
  case .odd: h_general(c, p, fa, fb)
  case .faulted: return
  }
}
@inline(never) func missAtomic(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, _ size: UInt64) {
  if va & (size &- 1) != 0 { return h_general(c, p, fa, fb) }
  switch Context(c).refill(va, size, .atomic, p, fa, fb) {
  case .filled: go(c, p, fa, fb)
  case .odd: h_general(c, p, fa, fb)
  case .faulted: return
  }
}

/// A miss of a SIMD&FP register's access. If these are trapped, the general executor takes the exception.
@inline(never) func missVectorRead(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, _ size: UInt64) {
  if Context(c)[Slot.vectorTrap] != 0 { return h_general(c, p, fa, fb) }
  missRead(c, p, fa, fb, va, size)
}
@inline(never) func missVectorWrite(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64, _ va: UInt64, _ size: UInt64) {
  if Context(c)[Slot.vectorTrap] != 0 { return h_general(c, p, fa, fb) }
  missWrite(c, p, fa, fb, va, size)
}

extension Context {
  enum Refill { case filled, odd, faulted }

  /// Brings the page of an access into the fast table. Accesses that the fast table cannot serve are `odd`: page crossings, tagged
  /// addresses, a misaligned SP, frames with flags, device memory. Other faults are taken here. The function is not inlined,
  /// because its locals would turn the handlers' tail call into an ordinary call, and the stack would grow with every miss.
  @inline(never)
  func refill(_ va: UInt64, _ size: UInt64, _ kind: AccessKind, _ p: Raw, _ fa: UInt64, _ fb: UInt64) -> Refill {
    let s = state
    let page = va & ~0xfff
    if (va &+ (size &- 1)) & ~0xfff != page || s.pointee.regime.strippingTag(va) != va || !s.pointee.usesFastTable { return .odd }
    if p.op.n == RegisterSlot.SP_EL0.rawValue && self[.SP_EL0] & 15 != 0 { return .odd }
    do {
      let entry = try translate(AccessRequest(va, kind, privilege))
      fillFastEntry(entry)
      let tag = fastEntry(va).load(fromByteOffset: kind.writes ? 8 : 0, as: UInt64.self)
      return tag == page ? .filled : .odd
    } catch {
      // A misaligned access may be an alignment fault instead, so the general executor looks at the memory type.
      if va & (size &- 1) != 0 && error.status.kind == .permission { return .odd }
      deliver(error, at: p, fa, fb)
      return .faulted
    }
  }
}
