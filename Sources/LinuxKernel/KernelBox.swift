// Owns the one box that holds all of the kernel's state, and that state as one value. It does not know how any part of it changes.
import Architecture
import LinuxMM

/// All of the kernel's state as one value: a snapshot. A copy is O(1). A write after a copy duplicates only the chunk of the table that it
/// writes to. The value does not include the PEs, RAM and the outside world.
public struct World: Sendable {
  public var memory: MemoryState
  public var kernel: KernelState
  public var locks: LockTable

  /// A digest over the whole value. It is the same in every process.
  public var digest: UInt64 { StateDigest.of(self) }
}

/// The box, which holds the state and nothing else.
final class KernelBox: MemoryBox {
  var kernel = KernelState()

  /// The whole state. No system call may be in progress when it is read or set.
  var world: World {
    get { World(memory: memory, kernel: kernel, locks: locks) }
    set { (memory, kernel, locks) = (newValue.memory, newValue.kernel, newValue.locks) }
  }
}
