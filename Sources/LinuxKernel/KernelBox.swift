// Owns the one box in which all of the kernel's state lives, and that state as one value.
// It does not know how any of it changes.
import Architecture
import LinuxMM

/// Everything that a kernel remembers, as one value: a snapshot. A copy is O(1); what a write after it duplicates is the chunk of the
/// table that it writes to. What it does not hold are the PEs, RAM and the outside world.
public struct World: Sendable {
  public var memory: MemoryState
  public var kernel: KernelState
  public var locks: LockTable

  /// A digest over all of it: the same in every process.
  public var digest: UInt64 { StateDigest.of(self) }
}

/// The box: it holds the state and nothing else.
final class KernelBox: MemoryBox {
  var kernel = KernelState()

  /// All of it. No call may be in progress.
  var world: World {
    get { World(memory: memory, kernel: kernel, locks: locks) }
    set { (memory, kernel, locks) = (newValue.memory, newValue.kernel, newValue.locks) }
  }
}
