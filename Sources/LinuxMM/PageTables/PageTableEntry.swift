// Owns Linux's reading of a leaf descriptor: its bits, its protections, and the rules for dirty and writable.
// It does not know tables or TLBs. Linux: arch/arm64/include/asm/{pgtable,pgtable-prot,pgtable-hwdef}.h.
import Architecture

/// A PTE with hardware's bits and Linux's software bits.
@frozen public struct PageTableEntry: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  public enum Bits {
    public static var valid: UInt64 { 1 }
    public static var user: UInt64 { 1 << 6 }
    /// PTE_RDONLY.
    public static var readOnly: UInt64 { 1 << 7 }
    public static var accessFlag: UInt64 { 1 << 10 }
    public static var nonGlobal: UInt64 { 1 << 11 }
    /// PTE_PRESENT_INVALID: the bit is nG in a valid descriptor, and has this meaning in an invalid one.
    public static var presentInvalid: UInt64 { 1 << 11 }
    /// PTE_GP: the page is guarded.
    public static var guarded: UInt64 { 1 << 50 }
    /// PTE_WRITE, which is DBM to hardware.
    public static var write: UInt64 { 1 << 51 }
    public static var privilegedNever: UInt64 { 1 << 53 }
    public static var userNever: UInt64 { 1 << 54 }
    public static var dirty: UInt64 { 1 << 55 }
    public static var special: UInt64 { 1 << 56 }
    public static var output: UInt64 { 0x0000_ffff_ffff_f000 }
  }

  public var isNone: Bool { rawValue == 0 }
  /// pte_present: the descriptor is valid, or it is invalid with PTE_PRESENT_INVALID set.
  public var isPresent: Bool { rawValue & (Bits.valid | Bits.presentInvalid) != 0 }
  /// pte_present_invalid: a PROT_NONE page.
  public var isProtNone: Bool { rawValue & (Bits.valid | Bits.presentInvalid) == Bits.presentInvalid }
  public var output: UInt64 { rawValue & Bits.output }
  public var isWritable: Bool { rawValue & Bits.write != 0 }
  public var isYoung: Bool { rawValue & Bits.accessFlag != 0 }
  public var isSpecial: Bool { rawValue & Bits.special != 0 }
  /// Whether hardware may have recorded a write: the entry is writable, and the read-only bit is clear.
  public var isHardwareDirty: Bool { isWritable && rawValue & Bits.readOnly == 0 }
  public var isDirty: Bool { isHardwareDirty || rawValue & Bits.dirty != 0 }

  /// pte_mkwrite: the read-only bit is cleared only if the page is dirty already.
  public var makingWritable: Self {
    Self((rawValue | Bits.write) & ~(rawValue & Bits.dirty != 0 ? Bits.readOnly : 0))
  }
  /// pte_mkdirty.
  public var makingDirty: Self { Self((rawValue | Bits.dirty) & ~(isWritable ? Bits.readOnly : 0)) }
  public var makingYoung: Self { Self(rawValue | Bits.accessFlag) }
  /// pte_mkold.
  public var makingOld: Self { Self(rawValue & ~Bits.accessFlag) }
  /// pte_mkclean.
  public var makingClean: Self { Self((rawValue & ~Bits.dirty) | Bits.readOnly) }
  /// pte_wrprotect: a write that hardware recorded is moved to the software dirty bit.
  public var writeProtected: Self {
    Self((rawValue | (isHardwareDirty ? Bits.dirty : 0) | Bits.readOnly) & ~Bits.write)
  }

  /// pte_modify: the entry with a new protection; everything else is kept.
  public func modified(to protection: UInt64) -> Self {
    let mask =
      Bits.user | Bits.readOnly | Bits.write | Bits.userNever | Bits.privilegedNever | Bits.valid | Bits.presentInvalid
      | Bits.guarded
    let dirtiness = isHardwareDirty ? Bits.dirty : 0
    let new = Self(((rawValue | dirtiness) & ~mask) | (protection & mask))
    // A clean writable page stays read-only to hardware until it is written; a dirty page needs no such fault.
    return new.rawValue & Bits.dirty != 0 ? new.makingDirty : new
  }
}

/// Page protections by VMA flags, as descriptor bits without an output address. Linux: protection_map in arch/arm64/mm/mmap.c.
enum Protection {
  static var NONE: UInt64 { 0x0060_0000_0000_0f82 }
  static var READONLY: UInt64 { 0x0060_0000_0000_0fc3 }
  static var READONLY_EXEC: UInt64 { 0x0020_0000_0000_0fc3 }
  static var SHARED: UInt64 { 0x0068_0000_0000_0fc3 }
  static var SHARED_EXEC: UInt64 { 0x0028_0000_0000_0fc3 }
  static var EXECONLY: UInt64 { 0x0020_0000_0000_0f83 }

  /// vm_get_page_prot: private writable memory starts read-only, for copy on write.
  @inline(__always)
  static func of(_ flags: VMFlags, epan: Bool) -> UInt64 {
    // VM_ARM64_BTI is bit 24, and PTE_GP bit 50.
    access(flags, epan: epan) | (flags.rawValue & VMFlags.BTI.rawValue) &<< 26
  }

  @inline(__always)
  private static func access(_ flags: VMFlags, epan: Bool) -> UInt64 {
    let access = flags.rawValue & 7
    if access == 0 { return NONE }
    if access == VMFlags.EXEC.rawValue { return epan ? EXECONLY : READONLY_EXEC }
    if flags.contains(.SHARED) && flags.contains(.WRITE) { return flags.contains(.EXEC) ? SHARED_EXEC : SHARED }
    return flags.contains(.EXEC) ? READONLY_EXEC : READONLY
  }
}
