// Owns the probe of the fast table and what happens when it misses: refill and run the op again, or the general executor.
// It does not know which instruction missed; the op at `p` does.
import Architecture

/// Host address as a pointer.
@inline(__always) func at(_ host: UInt64) -> Raw { Raw(bitPattern: UInt(host)).unsafelyUnwrapped }

/// Host address of [va, va+size) for reading, or nil. One compare covers the page match, the end of the page and validity.
@inline(__always)
func readHost(_ c: Raw, _ va: UInt64, _ size: UInt64, guard spoil: UInt64) -> UInt64? {
  let entry = Context(c).fastEntry(va)
  let tag = (va &+ (size &- 1)) & ~0xfff | spoil
  return _fastPath(tag == entry.load(as: UInt64.self)) ? va &+ entry.load(fromByteOffset: 16, as: UInt64.self) : nil
}

/// The same for writing.
@inline(__always)
func writeHost(_ c: Raw, _ va: UInt64, _ size: UInt64, guard spoil: UInt64) -> UInt64? {
  let entry = Context(c).fastEntry(va)
  let tag = (va &+ (size &- 1)) & ~0xfff | spoil
  return _fastPath(tag == entry.load(fromByteOffset: 8, as: UInt64.self)) ? va &+ entry.load(fromByteOffset: 16, as: UInt64.self) : nil
}

/// The same for an atomic: a misaligned address never matches. What may be written may be read.
@inline(__always)
func atomicHost(_ c: Raw, _ p: Raw, _ va: UInt64, _ size: UInt64) -> UInt64? {
  let entry = Context(c).fastEntry(va)
  let tag = va & (~0xfff | (size &- 1)) | stackGuard(c, p)
  return _fastPath(tag == entry.load(fromByteOffset: 8, as: UInt64.self)) ? va &+ entry.load(fromByteOffset: 16, as: UInt64.self) : nil
}

/// The stack pointer in use.
@inline(__always) func stackPointer(_ c: Raw) -> UInt64 { Context(c)[.SP_EL0] }
/// Bits that spoil the tag where the stack pointer is not 16-byte aligned.
@inline(__always) func stackGuard(_ c: Raw) -> UInt64 { stackPointer(c) & 15 }
/// The same where n is the stack pointer; no bits otherwise.
@inline(__always) func stackGuard(_ c: Raw, _ p: Raw) -> UInt64 { p.op.n == RegisterSlot.SP_EL0.rawValue ? stackGuard(c) : 0 }
/// The same, and where FP and SIMD are trapped.
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

/// The same for SIMD&FP registers, which may be trapped: the general executor takes the exception.
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

  /// Brings the page of an access into the fast table. What the fast table cannot serve is `odd`: page crossings, tagged
  /// addresses, a misaligned SP, frames with flags, device memory. Other faults are taken here. Not inlined: its locals would
  /// make the handlers' last call an ordinary one, and the stack would grow with every miss.
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
      // Misaligned, it may be an alignment fault instead: the general executor looks at the memory type.
      if va & (size &- 1) != 0 && error.status.kind == .permission { return .odd }
      deliver(error, at: p, fa, fb)
      return .faulted
    }
  }
}
