// Owns the settings of /proc/sys/vm that change what memory calls answer, and the limits of an address space, as values.
// It does not know the calls that meet them. Linux: mm/util.c, mm/mmap.c, kernel/sysctl.c.

/// vm.overcommit_memory.
public enum OvercommitMode: UInt64, Sendable {
  /// Only a single request larger than all of RAM is refused.
  case heuristic
  case always
  /// All charged memory together stays below the commit limit.
  case never
}

/// The settings of /proc/sys/vm, as a machine boots with them.
public struct MemorySettings: Hashable, Sendable {
  public var overcommit = OvercommitMode.heuristic
  /// The percentage of RAM that may be charged in mode `never`, unless `overcommitKilobytes` is not 0.
  public var overcommitRatio: UInt64 = 50
  public var overcommitKilobytes: UInt64 = 0
  /// max_map_count: the number of VMAs that an address space may have.
  public var maximumMapCount = MemorySettings.firstMapCount
  public static let firstMapCount = 65530
  /// user_reserve_kbytes: what one process must leave over in mode `never`.
  public var userReserve: UInt64 = 0
  /// mmap_min_addr: below this address only a caller with CAP_SYS_RAWIO gets memory, and only if it names the address.
  public var minimumAddress: UInt64 = 0x1000
  /// Below this one hints are not followed either, whatever the setting says. Linux: CONFIG_LSM_MMAP_MIN_ADDR.
  static let leastHint: UInt64 = 0x8000
  /// The lowest address that a hint leads to. Linux: mmap_min_addr.
  var lowestHint: UInt64 { (min(max(minimumAddress, Self.leastHint), Layout48.taskSize) + 0xfff) & ~0xfff }
  /// min_free_kbytes, and the value that a program wrote last; nil if none did.
  public var freeReserve: UInt64 = 0
  public var chosenFreeReserve: UInt64?
  /// watermark_scale_factor: the distance between the marks of free memory, in ten-thousandths of RAM.
  public var watermarkScale: UInt64 = 10
  /// memory_failure_recovery: whether anything is tried when a page fails; if not the kernel panics.
  public var recoversFailures = true
  /// panic_on_unrecoverable_memory_failure: whether it panics when a page of its own fails, such as the zero page.
  public var panicsOnLostPages = false
  /// enable_soft_offline: whether pages that are about to fail can be taken out of use.
  public var takesOffline = true
  /// legacy_va_layout: whether new programs get mappings from below.
  public var usesLegacyLayout = false
}

/// The limits of a process that its memory calls meet, in bytes: RLIMIT_STACK, RLIMIT_AS, and RLIMIT_DATA with its hard limit.
public struct MemoryLimits: Hashable, Sendable {
  public static let infinity = ~UInt64(0)
  public var stack = Layout48.stackLimit
  public var addressSpace = MemoryLimits.infinity
  public var data = MemoryLimits.infinity
  public var hardData = MemoryLimits.infinity
  public init() {}

  /// Whether no call needs to count pages.
  @inline(__always) var areOpen: Bool { addressSpace & data == Self.infinity }
}
