// Owns how another thread stops what a shell runs. It does not know who asks: a key, a signal or a client.
import Debugging
import Laboratory
import Machine
import Synchronization

/// Holds the machine that runs, while one runs.
public final class Interrupter: Sendable {
  /// Other threads use only `requestStop`, which is made for them.
  private struct Running: @unchecked Sendable {
    let machine: Emulator
  }
  /// The lock keeps the machine alive while it is asked to stop.
  private let running = Mutex<Running?>(nil)
  /// How many loops of commands run, and whether one of them was asked to end.
  private let loops = Mutex<(count: Int, isAsked: Bool)>((0, false))
  /// The streams of the program, which may wait for input.
  private let streams: StandardIO?

  init(_ streams: StandardIO?) { self.streams = streams }

  /// Asks the running machine to stop, even while its program waits for input, and loops of commands to end; returns false where nothing
  /// runs.
  public func interrupt() -> Bool {
    let isInLoop = loops.withLock { loops in
      loops.isAsked = loops.count > 0
      return loops.isAsked
    }
    return running.withLock { running in
      guard let running else { return isInLoop }
      running.machine.requestStop()
      streams?.interrupt()
      return true
    }
  }

  func beginLoop() {
    loops.withLock { loops in
      if loops.count == 0 { loops.isAsked = false }
      loops.count += 1
    }
  }
  func endLoop() { loops.withLock { $0.count -= 1 } }
  /// Whether the loops that run were asked to end.
  var wasInterrupted: Bool { loops.withLock { $0.isAsked } }

  /// Resumes `target` in such a way that `interrupt` can stop it.
  func run(_ target: any DebugTarget, _ request: ResumeRequest) -> StopReason { run(target.machine) { target.resume(request) } }

  /// Runs the machine in such a way that `interrupt` can stop it.
  func run(_ machine: Emulator, _ body: () -> StopReason) -> StopReason {
    let machine = Running(machine: machine)
    running.withLock {
      streams?.forgetInterrupts()
      $0 = machine
    }
    defer { running.withLock { $0 = nil } }
    return body()
  }
}
