// Owns taking a whole session back to an earlier moment: machine, kernel, and what the session itself keeps.
// It does not know what any of the parts holds. What was written to the host stays written.
import Debugging
import LinuxKernel
import Machine

/// A moment of a session between two runs. Moments form a stack, as those of the machine do.
public struct SessionSnapshot {
  fileprivate let machine: MachineSnapshot
  fileprivate let world: World
  fileprivate let outcome: StopReason?
}

extension Session {
  /// Marks this moment. It costs the processors' state; RAM and the kernel's tables cost what changes afterwards. A strict run has no
  /// snapshots.
  public func snapshot() -> SessionSnapshot {
    SessionSnapshot(machine: machine.snapshot(), world: kernel.snapshot(), outcome: outcome)
  }

  /// Returns to a moment, which can be returned to again; those after it are gone.
  public func restore(_ snapshot: SessionSnapshot) {
    machine.restore(snapshot.machine)
    kernel.restore(snapshot.world)
    loop.outcome = snapshot.outcome
  }
}
