// Owns a moment of a session, machine and kernel together, and the way back to it.
// It does not know the outside world: what the program has written there stays written, and streams are not read again.
import LinuxKernel
import Machine

/// A moment of a session between two runs. Moments form a stack, as those of its machine do.
public struct SessionSnapshot {
  fileprivate let machine: MachineSnapshot
  fileprivate let world: World
  fileprivate let outcome: SessionStop?
}

extension Session {
  /// Marks this moment. RAM is not copied, and of the kernel's tables only what changes from here on is.
  public func snapshot() -> SessionSnapshot {
    SessionSnapshot(machine: machine.snapshot(), world: kernel.snapshot(), outcome: outcome)
  }

  /// Returns to a moment, which can be returned to again. Logged faults stay.
  public func restore(_ snapshot: SessionSnapshot) {
    machine.restore(snapshot.machine)
    kernel.restore(snapshot.world)
    outcome = snapshot.outcome
  }
}
