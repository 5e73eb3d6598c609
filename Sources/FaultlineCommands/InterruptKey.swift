// Owns signals that ask this process to stop, such as Ctrl-C: what runs is stopped, and the process goes on to what it has to say.
// It does not know what runs, nor what is printed then.
import Foundation
import Laboratory
import Machine
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Signals that a key of the terminal, or another process, sends.
enum InterruptKey {
  /// From now on calls `pressed` with a signal's number each time the signal arrives, on another thread, to the end of the process.
  /// Threads that leave the signals unblocked must not have started yet. A signal that the process ignores stays ignored.
  static func handle(_ signals: [Int32], pressed: @escaping @Sendable (Int32) -> Void) {
    var set = sigset_t()
    sigemptyset(&set)
    for number in signals { sigaddset(&set, number) }
    // From here on they wait for the thread below; threads that start later inherit the mask.
    pthread_sigmask(SIG_BLOCK, &set, nil)
    let awaited = set
    Thread.detachNewThread {
      var set = awaited
      while true {
        var number: Int32 = 0
        if sigwait(&set, &number) == 0 { pressed(number) }
      }
    }
  }
}

/// Lets SIGINT and SIGTERM end a run in such a way that the command can still print what it knows. The second one ends the process
/// at once.
final class RunInterrupt: Sendable {
  /// Other threads use only `requestStop`, which is made for them.
  private struct Running: @unchecked Sendable {
    let machine: Emulator
  }
  private let arrived: Arrived

  /// The signal that has arrived; 0 before.
  private final class Arrived: Sendable {
    let signal = Atomic<Int32>(0)
  }

  init(_ machine: Emulator, _ host: StandardIO) {
    let (arrived, running) = (Arrived(), Running(machine: machine))
    self.arrived = arrived
    InterruptKey.handle([SIGINT, SIGTERM]) { number in
      if arrived.signal.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
      running.machine.requestStop()
      host.interrupt()
    }
  }

  /// The exit status of a run that the signal has stopped, as shells give it.
  var status: Int32 { 128 + arrived.signal.load(ordering: .relaxed) }
}
