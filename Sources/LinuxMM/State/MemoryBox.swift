// Owns the box that state lives in: one reference from which every service reads and changes the one value inside.
// It does not know what the value means. A kernel's own box derives from this one and adds the kernel's part of the state.
import Architecture

/// The state of memory management and the locks of whoever uses it, in one place. It holds state and nothing else; each part is a
/// plain value, so what it holds can be copied out and put back at any moment at which no call is in progress.
///
/// A class, because no exclusive access to the state may stay open from one step to the next; final members, because a fault reads
/// them many times.
open class MemoryBox {
  public final var memory: MemoryState
  /// The lock table at work. Its value is `locks`.
  final let lockMemory = LockMemory.allocate()

  public init(_ memory: MemoryState) { self.memory = memory }
  deinit { LockMemory.free(lockMemory) }

  /// Who holds which lock and who waits for one.
  public final var locks: LockTable {
    get { lockMemory.pointee.table }
    set { lockMemory.pointee.table = newValue }
  }
}
