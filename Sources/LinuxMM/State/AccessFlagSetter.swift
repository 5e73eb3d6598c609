// Owns the choice of how a live entry gets its access flag and dirty state.
// It does not know the two ways: PageTableEditor does.

/// The kernel's ptep_set_access_flags. Both change nothing for a program on one processor; they differ in what they do to an update
/// by hardware, or by another processor, between the look and the store.
public enum AccessFlagSetter: String, CaseIterable, Sendable {
  /// arm64's: a compare-and-swap loop on the live entry. Linux: arch/arm64/mm/fault.c.
  case compareAndSwap = "cmpxchg"
  /// The generic one: the proposed entry overwrites whatever is there. Linux: mm/pgtable-generic.c.
  case generic
}
