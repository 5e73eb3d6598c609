// Owns stopping what a shell runs from another thread.
// It does not know who asks: a key, a signal, a client.
import Debugging
import Machine
import Synchronization

/// Knows the machine that runs, while one does.
public final class Interrupter: Sendable {
  /// Only `requestStop` is used, which is made for other threads.
  private struct Running: @unchecked Sendable {
    let machine: Emulator
  }
  /// The lock keeps the machine alive while it is asked to stop.
  private let running = Mutex<Running?>(nil)

  init() {}

  /// Asks what runs to stop; false where nothing does.
  public func interrupt() -> Bool {
    running.withLock { running in
      running?.machine.requestStop()
      return running != nil
    }
  }

  /// Lets `target` run so that it can be stopped.
  func run(_ target: any DebugTarget, _ request: ResumeRequest) -> StopReason {
    let machine = Running(machine: target.machine)
    running.withLock { $0 = machine }
    defer { running.withLock { $0 = nil } }
    return target.resume(request)
  }
}
