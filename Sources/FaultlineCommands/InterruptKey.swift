// Owns signals that ask this process to stop, such as Ctrl-C: what runs is stopped, and the process goes on to what it has to say.
// It does not know what runs, nor what is printed then.
import Dispatch
import Laboratory
import Machine
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Handles signals from its creation on.
final class InterruptKey: Sendable {
  /// Dispatch sources may be used on any thread, but their protocol is not declared Sendable.
  private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

  /// `pressed` is called with a signal's number each time the signal arrives, on another thread.
  init(_ signals: [Int32], pressed: @escaping @Sendable (Int32) -> Void) {
    var handled: [any DispatchSourceSignal] = []
    for number in signals {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { pressed(number) }
      source.resume()
      handled.append(source)
    }
    sources = handled
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
  private let key: InterruptKey

  /// The signal that has arrived; 0 before.
  private final class Arrived: Sendable {
    let signal = Atomic<Int32>(0)
  }

  init(_ machine: Emulator, _ host: StandardIO) {
    let (arrived, running) = (Arrived(), Running(machine: machine))
    self.arrived = arrived
    key = InterruptKey([SIGINT, SIGTERM]) { number in
      if arrived.signal.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
      running.machine.requestStop()
      host.interrupt()
    }
  }

  /// The exit status of a run that the signal has stopped, as shells give it.
  var status: Int32 { 128 + arrived.signal.load(ordering: .relaxed) }
}
