// Owns the box that holds the state: every service reads and changes the one value in it through one reference.
// It does not know what the value means. A kernel's own box derives from this one and adds the kernel's part of the state.
import Architecture

/// The state of memory management and the locks of its users, in one place. The box holds nothing but state. Each part is a plain
/// value, so all of it can be copied out and put back at any moment at which no call is in progress.
///
/// It is a class, because no exclusive access to the state may stay open from one step to the next. Its members are final, because
/// a fault reads them many times.
open class MemoryBox {
  public final var memory: MemoryState
  /// The lock table in use; `locks` is its value.
  final let lockMemory = LockMemory.allocate()

  public init(_ memory: MemoryState) { self.memory = memory }
  deinit { LockMemory.free(lockMemory) }

  /// The locks that are held and those that are waited for.
  public final var locks: LockTable {
    get { lockMemory.pointee.table }
    set { lockMemory.pointee.table = newValue }
  }
}
