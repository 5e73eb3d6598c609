// Owns how a whole session returns to an earlier moment: machine, kernel, and what the session itself keeps.
// It does not know what any of the parts holds. What was written to the host stays written.
import LinuxKernel
import Machine

/// A moment of a session between two runs. The moments form a stack, as the machine's moments do.
public struct SessionSnapshot {
  fileprivate let machine: MachineSnapshot
  fileprivate let world: World
  fileprivate let loop: TargetLoop.Moment
}

extension Session {
  /// Marks this moment. The cost is a copy of the processors' state; RAM and the kernel's tables cost as much as changes
  /// afterwards.
  public func snapshot() -> SessionSnapshot {
    SessionSnapshot(machine: machine.snapshot(), world: kernel.snapshot(), loop: loop.moment)
  }

  /// Returns to a moment. One can return to it again, but the moments after it are dropped.
  public func restore(_ snapshot: SessionSnapshot) {
    machine.restore(snapshot.machine)
    kernel.restore(snapshot.world)
    processor.el1.block.pointee.task = kernel.state.tasks.isEmpty ? 0 : kernel.state.currentTask.id.rawValue
    loop.moment = snapshot.loop
  }
}
