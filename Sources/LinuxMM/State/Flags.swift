// Owns the flag words of Linux's mm with Linux's values: VM_*, FAULT_FLAG_*, VM_FAULT_*.
// It does not know the effects of a flag. Linux: include/linux/mm.h, include/linux/mm_types.h.

/// vm_flags of a VMA.
public struct VMFlags: OptionSet, Hashable, Sendable {
  public var rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public static let READ = VMFlags(rawValue: 0x1)
  public static let WRITE = VMFlags(rawValue: 0x2)
  public static let EXEC = VMFlags(rawValue: 0x4)
  public static let SHARED = VMFlags(rawValue: 0x8)
  public static let MAYREAD = VMFlags(rawValue: 0x10)
  public static let MAYWRITE = VMFlags(rawValue: 0x20)
  public static let MAYEXEC = VMFlags(rawValue: 0x40)
  public static let MAYSHARE = VMFlags(rawValue: 0x80)
  public static let GROWSDOWN = VMFlags(rawValue: 0x100)
  /// Guard pages were installed at some time, so page tables must not be dropped. It was introduced about 6.19; 7.2 has it.
  public static let MAYBE_GUARD = VMFlags(rawValue: 0x800)
  /// Pages without descriptors are mapped, by frame number.
  public static let PFNMAP = VMFlags(rawValue: 0x400)
  public static let LOCKED = VMFlags(rawValue: 0x2000)
  /// Memory like that of a device, of which no other user may take references.
  public static let IO = VMFlags(rawValue: 0x4000)
  public static let SEQ_READ = VMFlags(rawValue: 0x8000)
  public static let RAND_READ = VMFlags(rawValue: 0x1_0000)
  public static let DONTCOPY = VMFlags(rawValue: 0x2_0000)
  public static let DONTEXPAND = VMFlags(rawValue: 0x4_0000)
  public static let LOCKONFAULT = VMFlags(rawValue: 0x8_0000)
  /// The VMA's pages are charged against RAM: the mapping was private and writable at some time, and not NORESERVE.
  public static let ACCOUNT = VMFlags(rawValue: 0x10_0000)
  public static let NORESERVE = VMFlags(rawValue: 0x20_0000)
  public static let HUGETLB = VMFlags(rawValue: 0x40_0000)
  /// Indirect branches into the VMA must reach a landing pad. Linux: VM_ARM64_BTI.
  public static let BTI = VMFlags(rawValue: 0x100_0000)
  public static let WIPEONFORK = VMFlags(rawValue: 0x200_0000)
  public static let DONTDUMP = VMFlags(rawValue: 0x400_0000)
  /// Pages with and without descriptors may be mapped.
  public static let MIXEDMAP = VMFlags(rawValue: 0x1000_0000)
  public static let HUGEPAGE = VMFlags(rawValue: 0x2000_0000)
  public static let NOHUGEPAGE = VMFlags(rawValue: 0x4000_0000)
  /// Anonymous memory that the kernel may drop when it needs RAM.
  public static let DROPPABLE = VMFlags(rawValue: 0x100_0000_0000)
  public static let MERGEABLE = VMFlags(rawValue: 0x8000_0000)
  /// mseal: the VMA and its flags stay as they are.
  public static let SEALED = VMFlags(rawValue: 1 << 42)

  /// VM_SPECIAL: mappings that the kernel made itself.
  static let special: VMFlags = [.IO, .DONTEXPAND, .PFNMAP, .MIXEDMAP]
  /// VM_LOCKED_MASK.
  static let lockedMask: VMFlags = [.LOCKED, .LOCKONFAULT]
  static let access: VMFlags = [.READ, .WRITE, .EXEC]
  static let may: VMFlags = [.MAYREAD, .MAYWRITE, .MAYEXEC]
  /// Whether VMAs with these flags may be merged. A flag that sticks to its range does not prevent it. Linux: VM_STICKY.
  func merges(with other: VMFlags) -> Bool { subtracting(.MAYBE_GUARD) == other.subtracting(.MAYBE_GUARD) }
  /// Whether a write makes a copy that others do not see. Linux: is_cow_mapping().
  var isCopyOnWrite: Bool { contains(.MAYWRITE) && !contains(.SHARED) }
}

/// FAULT_FLAG_*: the parameters of handle_mm_fault.
public struct FaultFlags: OptionSet, Hashable, Sendable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let WRITE = FaultFlags(rawValue: 0x1)
  public static let ALLOW_RETRY = FaultFlags(rawValue: 0x4)
  public static let KILLABLE = FaultFlags(rawValue: 0x10)
  public static let TRIED = FaultFlags(rawValue: 0x20)
  public static let USER = FaultFlags(rawValue: 0x40)
  public static let REMOTE = FaultFlags(rawValue: 0x80)
  public static let INSTRUCTION = FaultFlags(rawValue: 0x100)
  public static let INTERRUPTIBLE = FaultFlags(rawValue: 0x200)
  public static let VMA_LOCK = FaultFlags(rawValue: 0x1000)

  public static let DEFAULT: FaultFlags = [.ALLOW_RETRY, .KILLABLE, .INTERRUPTIBLE]
}

/// VM_FAULT_*: the result of handle_mm_fault. The empty set means success.
public struct VMFault: OptionSet, Hashable, Sendable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let OOM = VMFault(rawValue: 0x1)
  public static let SIGBUS = VMFault(rawValue: 0x2)
  public static let MAJOR = VMFault(rawValue: 0x4)
  public static let HWPOISON = VMFault(rawValue: 0x10)
  public static let HWPOISON_LARGE = VMFault(rawValue: 0x20)
  public static let SIGSEGV = VMFault(rawValue: 0x40)
  public static let NOPAGE = VMFault(rawValue: 0x100)
  public static let LOCKED = VMFault(rawValue: 0x200)
  public static let RETRY = VMFault(rawValue: 0x400)
  public static let FALLBACK = VMFault(rawValue: 0x800)
  public static let COMPLETED = VMFault(rawValue: 0x4000)

  public static let ERROR: VMFault = [.OOM, .SIGBUS, .SIGSEGV, .HWPOISON, .HWPOISON_LARGE, .FALLBACK]
}
