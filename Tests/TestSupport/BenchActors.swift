// Owns the actors of a bench: kernel paths that each run on their own PE and stop before every step. It does not know what the
// paths do, nor which schedules are run.
import Architecture
import Exploration
import LinuxMM

/// A stepped run of a `MemoryBench`. Actor n runs on PE n.
public final class BenchActors {
  public let run = SteppedRun<MemoryBench.Step>()
  private let bench: MemoryBench
  /// The number of waits for locks so far.
  public private(set) var waits = 0

  public init(_ bench: MemoryBench) {
    self.bench = bench
    for processor in bench.machine.processors {
      processor.stepper = { [weak self] kind, operand in
        if kind == .lockWait { self?.waits += 1 }
        self?.run.stop(before: MemoryBench.Step(kind: kind, operand: operand))
      }
    }
  }

  /// Adds an actor. The work is given the number of its PE.
  public func add(_ work: @escaping (Int) -> Void) {
    let number = run.actors.count
    precondition(number < bench.machine.processors.count, "an actor without a PE")
    _ = run.add { work(number) }
  }

  /// Whether an actor can go on: either it does not wait, or the lock that it waits for is free.
  public func mayGoOn(_ actor: Int, _ place: SteppedRun<MemoryBench.Step>.Place, _ locks: LockTable) -> Bool {
    guard case .before(let step) = place, step.kind == .lockWait else { return true }
    return locks.isFree(LockName(operand: step.operand), for: bench.machine.processors[actor].el1.actor)
  }

  /// Ends the stepping: no step stops any more.
  public func end() {
    run.abandon()
    for processor in bench.machine.processors { processor.stepper = nil }
  }
}
