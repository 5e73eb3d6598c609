// Owns the table of MADV_*: the effect of each value, and the lock that it takes.
// It does not know how an effect is implemented. Linux: mm/madvise.c madvise_vma_behavior(), get_lock_mode().

/// MADV_* values.
public enum Advice {
  public static let NORMAL: UInt64 = 0
  public static let RANDOM: UInt64 = 1
  public static let SEQUENTIAL: UInt64 = 2
  public static let WILLNEED: UInt64 = 3
  public static let DONTNEED: UInt64 = 4
  public static let FREE: UInt64 = 8
  public static let REMOVE: UInt64 = 9
  public static let DONTFORK: UInt64 = 10
  public static let DOFORK: UInt64 = 11
  public static let MERGEABLE: UInt64 = 12
  public static let UNMERGEABLE: UInt64 = 13
  public static let HUGEPAGE: UInt64 = 14
  public static let NOHUGEPAGE: UInt64 = 15
  public static let DONTDUMP: UInt64 = 16
  public static let DODUMP: UInt64 = 17
  public static let WIPEONFORK: UInt64 = 18
  public static let KEEPONFORK: UInt64 = 19
  public static let COLD: UInt64 = 20
  public static let PAGEOUT: UInt64 = 21
  public static let POPULATE_READ: UInt64 = 22
  public static let POPULATE_WRITE: UInt64 = 23
  public static let DONTNEED_LOCKED: UInt64 = 24
  public static let COLLAPSE: UInt64 = 25
  public static let GUARD_INSTALL: UInt64 = 102
  public static let GUARD_REMOVE: UInt64 = 103

  enum Lock {
    /// The mmap lock for writing, because VMAs change.
    case mmapWrite
    case mmapRead
    /// The VMA's own lock if the range lies in one VMA and the kernel does that; otherwise the mmap lock for reading.
    case vmaRead
  }

  enum Effect {
    /// Only the VMA's flags change.
    case flags(remove: VMFlags, add: VMFlags)
    case willNeed, dontNeed(evenLocked: Bool), free, remove, cold, pageOut, collapse
    case populate(write: Bool)
    case installGuards, removeGuards
  }

  struct Row {
    let advice: UInt64
    let lock: Lock
    let effect: Effect
    /// Whether process_madvise may apply the advice to another process (in older kernels: to any process). Linux:
    /// process_madvise_remote_valid().
    var isForOthers = false
  }

  /// MADV_HWPOISON (100) and MADV_SOFT_OFFLINE (101) are not modelled. They answer EINVAL, as in a kernel without
  /// CONFIG_MEMORY_FAILURE.
  static let rows: [Row] = [
    Row(advice: NORMAL, lock: .mmapWrite, effect: .flags(remove: [.RAND_READ, .SEQ_READ], add: [])),
    Row(advice: RANDOM, lock: .mmapWrite, effect: .flags(remove: .SEQ_READ, add: .RAND_READ)),
    Row(advice: SEQUENTIAL, lock: .mmapWrite, effect: .flags(remove: .RAND_READ, add: .SEQ_READ)),
    Row(advice: WILLNEED, lock: .mmapRead, effect: .willNeed, isForOthers: true),
    Row(advice: DONTNEED, lock: .vmaRead, effect: .dontNeed(evenLocked: false)),
    Row(advice: FREE, lock: .vmaRead, effect: .free),
    Row(advice: REMOVE, lock: .mmapRead, effect: .remove),
    Row(advice: DONTFORK, lock: .mmapWrite, effect: .flags(remove: [], add: .DONTCOPY)),
    Row(advice: DOFORK, lock: .mmapWrite, effect: .flags(remove: .DONTCOPY, add: [])),
    Row(advice: MERGEABLE, lock: .mmapWrite, effect: .flags(remove: [], add: .MERGEABLE)),
    Row(advice: UNMERGEABLE, lock: .mmapWrite, effect: .flags(remove: .MERGEABLE, add: [])),
    Row(advice: HUGEPAGE, lock: .mmapWrite, effect: .flags(remove: .NOHUGEPAGE, add: .HUGEPAGE)),
    Row(advice: NOHUGEPAGE, lock: .mmapWrite, effect: .flags(remove: .HUGEPAGE, add: .NOHUGEPAGE)),
    Row(advice: DONTDUMP, lock: .mmapWrite, effect: .flags(remove: [], add: .DONTDUMP)),
    Row(advice: DODUMP, lock: .mmapWrite, effect: .flags(remove: .DONTDUMP, add: [])),
    Row(advice: WIPEONFORK, lock: .mmapWrite, effect: .flags(remove: [], add: .WIPEONFORK)),
    Row(advice: KEEPONFORK, lock: .mmapWrite, effect: .flags(remove: .WIPEONFORK, add: [])),
    Row(advice: COLD, lock: .mmapRead, effect: .cold, isForOthers: true),
    Row(advice: PAGEOUT, lock: .mmapRead, effect: .pageOut, isForOthers: true),
    Row(advice: POPULATE_READ, lock: .mmapRead, effect: .populate(write: false)),
    Row(advice: POPULATE_WRITE, lock: .mmapRead, effect: .populate(write: true)),
    Row(advice: DONTNEED_LOCKED, lock: .vmaRead, effect: .dontNeed(evenLocked: true)),
    Row(advice: COLLAPSE, lock: .mmapRead, effect: .collapse, isForOthers: true),
    Row(advice: GUARD_INSTALL, lock: .vmaRead, effect: .installGuards),
    Row(advice: GUARD_REMOVE, lock: .vmaRead, effect: .removeGuards),
  ]

  /// The row of a value, if this kernel knows the value. Linux: madvise_behavior_valid().
  static func row(_ advice: UInt64, _ profile: KernelProfile) -> Row? {
    if advice >= GUARD_INSTALL && !profile.hasGuardPages { return nil }
    return rows.first { $0.advice == advice }
  }
}

extension MemoryManager {
  /// Whether a kernel knows a value of MADV_*, and this model has it.
  public static func isKnownAdvice(_ advice: UInt64, _ profile: KernelProfile) -> Bool { Advice.row(advice, profile) != nil }

  /// Whether process_madvise accepts this advice for another process, or for the caller's own. For the latter some kernels accept
  /// every value and let madvise decide. Linux: process_madvise_remote_valid().
  public func mayAdviseProcess(_ advice: UInt64, isOwn: Bool) -> Bool {
    isOwn && configuration.profile.advisesItselfFreely || Advice.row(advice, configuration.profile)?.isForOthers == true
  }
}
