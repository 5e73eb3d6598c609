// Owns one actor's thread and the baton that goes between it and whoever resumes it.
// It does not know other actors.
import Dispatch
import Foundation

/// A strand of work on a thread of its own, which runs only between `goOn` and its next `stop`.
///
/// Unchecked: a semaphore stands between any two accesses from different threads.
final class Strand<Step: Sendable>: @unchecked Sendable {
  private(set) var place = SteppedRun<Step>.Place.notStarted
  /// Nil once it is done, so that what it has captured may go.
  private var work: (() -> Void)?
  private let turn = DispatchSemaphore(value: 0)
  private let caller: DispatchSemaphore
  private var isAbandoned = false
  private var hasThread = false

  /// Bytes of stack: as much as the kernel's path from a fault to the last table takes, several times over.
  private static var stackSize: Int { 1 << 20 }

  init(_ work: @escaping () -> Void, _ caller: DispatchSemaphore) {
    self.work = work
    self.caller = caller
  }

  /// Runs it to its next stop or its end.
  func goOn() {
    if !hasThread { start() }
    turn.signal()
    caller.wait()
  }

  private func start() {
    hasThread = true
    let thread = Thread { self.run() }
    thread.stackSize = Self.stackSize
    thread.start()
  }

  private func run() {
    turn.wait()
    work?()
    work = nil
    place = .finished
    caller.signal()
  }

  /// On its own thread: hands the baton back, and waits for it.
  func stop(before step: Step) {
    place = .before(step)
    caller.signal()
    turn.wait()
    if isAbandoned {
      caller.signal()
      pthread_exit(nil)
    }
  }

  /// Ends the thread where it stands.
  func abandon() {
    if case .finished = place { return }
    isAbandoned = true
    if hasThread { goOn() }
    place = .finished
  }
}
