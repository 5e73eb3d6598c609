// Owns the walk cache: the last level 3 table that a walk went through, and the short walk from there.
// It does not know any result: it is invisible in all of them. A short walk counts as a walk and reads the cached descriptors
// again. Their addresses are already known, so the loads do not depend on each other. If any descriptor has changed or needs
// special handling, the full walk decides.
import Architecture

/// The level 3 table of one 2 MiB range (4 KiB granule) and the permissions that the tables above remove. Any TLBI and any change
/// of the translation regime empties the cache. A machine with several PEs does not use it.
struct WalkCache {
  /// VA bits 63:21 of the range; all ones if the cache is empty.
  var tag: UInt64 = ~0
  var table: UInt64 = 0
  /// 1 if the tables above leave the right, 0 if they remove it.
  var user: UInt8 = 0
  var write: UInt8 = 0
  var userExecute: UInt8 = 0
  var privilegedExecute: UInt8 = 0
  /// The table descriptors on the way. If the walk starts below level 0, one descriptor stands here more than once.
  var way = (PassedDescriptor(), PassedDescriptor(), PassedDescriptor())

  mutating func clear() { tag = ~0 }

  /// A descriptor in RAM: its offset from RAM's start in bytes, and the value that the walk read.
  struct PassedDescriptor {
    var offset = 0
    var value: UInt64 = 0

    @inline(__always)
    func isUnchanged(_ ram: UnsafeMutableRawPointer) -> Bool { ram.load(fromByteOffset: offset, as: UInt64.self) == value }
  }
}

extension Context {
  /// Walks for `va` from the cached table. Nil if the full walk must decide: for another range, an invalid descriptor, an update of
  /// access flag or dirty state, WXN, or a physical address out of range.
  @inline(__always)
  func shortWalk(_ va: UInt64) -> TLBEntry? {
    let s = state
    if s.pointee.walkCache.tag != va &>> 21 { return nil }
    let address = s.pointee.walkCache.table &+ (va &>> 12 & 511) &* 8
    guard let offset = s.pointee.ram.offset(address, count: 8) else { return nil }
    let ram = s.pointee.ram.bytes
    let value = ram.load(fromByteOffset: offset, as: UInt64.self)
    let way = s.pointee.walkCache.way
    if !(way.0.isUnchanged(ram) && way.1.isUnchanged(ram) && way.2.isUnchanged(ram)) { return nil }
    typealias Bits = Descriptor.Bits
    if value & (3 | Bits.accessFlag) != 3 | Bits.accessFlag { return nil }
    if value & (Bits.readOnly | Bits.dirtyBitModifier) == Bits.readOnly | Bits.dirtyBitModifier { return nil }
    let output = value & 0x0000_ffff_ffff_f000
    if output &>> s.pointee.regime.half(upper: va & (1 &<< 55) != 0).outputLimit != 0 { return nil }
    if s.pointee.regime.sctlr.writeExecuteNever { return nil }
    var entry = TLBEntry()
    entry.page = va & ~0xfff
    entry.output = output
    entry.asid = s.pointee.regime.asid
    entry.attributes = UInt8(truncatingIfNeeded: s.pointee.regime.mair &>> ((value &>> 2 & 7) &* 8))
    let (permissions, flags) = TranslationTableWalker.permissions(
      writable: bit(~value, 7) & s.pointee.walkCache.write, user: bit(value, 6) & s.pointee.walkCache.user,
      userExecute: bit(~value, 54) & s.pointee.walkCache.userExecute,
      privilegedExecute: bit(~value, 53) & s.pointee.walkCache.privilegedExecute, writeExecuteNever: false)
    entry.shareability = UInt8(truncatingIfNeeded: value &>> 8 & 3)
    entry.permissions = permissions
    entry.flags = TLBEntry.Flags(rawValue: flags.rawValue | bit(~value, 11) | bit(value, 50) &<< 2)
    return entry
  }

  @inline(__always) private func bit(_ value: UInt64, _ n: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: value &>> n & 1) }
}
