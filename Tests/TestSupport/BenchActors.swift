// Owns actors of a bench: kernel paths that run on a PE each and stop before every step of theirs.
// It does not know what the paths do, nor which schedules are looked at.
import Architecture
import Exploration
import LinuxMM

/// A stepped run of a `MemoryBench`: actor n is PE n's.
public final class BenchActors {
  public let run = SteppedRun<MemoryBench.Step>()
  private let bench: MemoryBench
  /// Waits for locks so far.
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

  /// Adds an actor, which is given its PE's number.
  public func add(_ work: @escaping (Int) -> Void) {
    let number = run.actors.count
    precondition(number < bench.machine.processors.count, "an actor without a PE")
    _ = run.add { work(number) }
  }

  /// Whether an actor can go on: it does not wait, or what it waits for can be had.
  public func mayGoOn(_ actor: Int, _ place: SteppedRun<MemoryBench.Step>.Place, _ locks: LockTable) -> Bool {
    guard case .before(let step) = place, step.kind == .lockWait else { return true }
    return locks.isFree(LockName(operand: step.operand), for: bench.machine.processors[actor].el1.actor)
  }

  /// No step stops any more.
  public func end() {
    run.abandon()
    for processor in bench.machine.processors { processor.stepper = nil }
  }
}
