// Owns FEAT_MTE without FEAT_MTE2: pointers have tags but memory has none, so loaded tags are 0 and stored tags are lost.
// It does not know how the accesses are done. Arm ARM D10, C6.2 ADDG to SUBPS, AArch64.AllocationTagAccessIsEnabled.
import Architecture
import Decoding

extension Context {
  /// The address with tag 0, which is the only possible tag while tags cannot be accessed. Arm ARM: AArch64.AddressWithAllocationTag.
  @inline(__always) func withTag0(_ address: UInt64) -> UInt64 { address & ~(15 &<< 56) }

  func addTag(subtract: Bool, _ d: Register, _ n: Register, _ offset: UInt16) {
    write(d, withTag0(subtract ? read(n) &- UInt64(offset) : read(n) &+ UInt64(offset)))
  }

  /// SUBP and SUBPS: the difference of two addresses of 56 bits.
  func subtractPointer(setsFlags: Bool, _ d: Register, _ n: Register, _ m: Register, _ general: inout GeneralState) {
    @inline(__always) func address(_ r: Register) -> UInt64 { UInt64(bitPattern: Int64(bitPattern: read(r) &<< 8) &>> 8) }
    let a = address(n)
    let b = address(m)
    write(d, a &- b)
    if setsFlags {
      general.nzcv = nzcvOfSubtract(a, b)
      general.wroteFlags = true
    }
  }

  /// An aligned write that stores no tag, and zeroes data if `zeroes`. Both granules are translated before either is written.
  func storeTag(_ granules: UInt8, zeroes: Bool, _ addressing: Addressing, _ general: GeneralState) throws(GeneralExit) {
    let (va, writeback) = try address(addressing, pc: general.pc)
    let rules = AccessRules(kind: .write, mustAlign: true)
    for granule in 0..<UInt64(granules) { _ = try span(va &+ granule &* 16, 16, rules) }
    if zeroes {
      var zero = Vector.zero
      for granule in 0..<UInt64(granules) { try writeBytes(va &+ granule &* 16, 16, from: &zero, rules) }
    }
    if let (n, base) = writeback { write(n, base) }
  }

  func loadTag(_ t: Register, _ addressing: Addressing, _ general: GeneralState) throws(GeneralExit) {
    let (va, _) = try address(addressing, pc: general.pc)
    _ = try span(va & ~15, 16, AccessRules(kind: .read))
    write(t, withTag0(read(t)))
  }

  func storeTagPair(_ t: Register, _ t2: Register, _ addressing: Addressing, _ general: GeneralState) throws(GeneralExit) {
    let (va, writeback) = try address(addressing, pc: general.pc)
    var pair = Vector(read(t), read(t2))
    try writeBytes(va, 16, from: &pair, AccessRules(kind: .write, mustAlign: true))
    if let (n, base) = writeback { write(n, base) }
  }
}
