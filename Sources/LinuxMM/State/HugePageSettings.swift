// Owns what /sys/kernel/mm/transparent_hugepage says, as values.
// It does not know who asks for huge pages. Linux: mm/huge_memory.c.

/// transparent_hugepage/enabled.
public enum HugePageMode: String, CaseIterable, Sendable {
  case always, madvise, never
}

/// The settings of transparent huge pages, which a program may change through sysfs.
public struct HugePageSettings: Hashable, Sendable {
  public var enabled = HugePageMode.madvise
  /// use_zero_page: a read fault maps the huge zero page.
  public var usesZeroPage = true
  /// Physical address of the huge zero page, once a fault has needed it.
  var zeroPage: UInt64?
}
