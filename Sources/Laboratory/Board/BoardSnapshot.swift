// Owns how a board returns to an earlier moment: the machine, which processors are on, and whose turn it is.
// It does not know what the machine holds. What was written to the host stays written.
import Machine

/// A moment of a board between two runs. The moments form a stack, as the machine's moments do.
public struct BoardSnapshot {
  fileprivate let machine: MachineSnapshot
  fileprivate let turns: BoardSession.Turns
  fileprivate let loop: TargetLoop.Moment
}

extension BoardSession {
  /// Marks this moment. The cost is a copy of the processors' state; RAM costs as much as changes afterwards.
  public func snapshot() -> BoardSnapshot { BoardSnapshot(machine: machine.snapshot(), turns: turns, loop: loop.moment) }

  /// Returns to a moment. One can return to it again, but the moments after it are dropped.
  public func restore(_ snapshot: BoardSnapshot) {
    machine.restore(snapshot.machine)
    turns = snapshot.turns
    loop.moment = snapshot.loop
  }
}
