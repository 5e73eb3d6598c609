// Owns the choice of how a live entry gets its access flag and dirty state.
// It does not know how the two ways work: PageTableEditor does.

/// The kernel's ptep_set_access_flags. For a program on one processor both versions have the same effect. They differ if hardware
/// or another processor updates the entry between the load and the store.
public enum AccessFlagSetter: String, CaseIterable, Sendable {
  /// arm64's version: a compare-and-swap loop on the live entry. Linux: arch/arm64/mm/fault.c.
  case compareAndSwap = "cmpxchg"
  /// The generic version: the proposed entry overwrites the current one, whatever that is. Linux: mm/pgtable-generic.c.
  case generic
}
