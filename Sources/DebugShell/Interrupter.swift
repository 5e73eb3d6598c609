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
  /// The streams of the program, which may wait for input.
  private let streams: StandardIO?

  init(_ streams: StandardIO?) { self.streams = streams }

  /// Asks the running machine to stop, even while its program waits for input; returns false where nothing runs.
  public func interrupt() -> Bool {
    running.withLock { running in
      guard let running else { return false }
      running.machine.requestStop()
      streams?.interrupt()
      return true
    }
  }

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
