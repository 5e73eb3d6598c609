// Owns one actor's thread, and the baton that passes between it and the code that resumes it.
// It does not know other actors.
import Dispatch
import Foundation

/// Work on a thread of its own, which runs only between `goOn` and its next `stop`.
///
/// It is unchecked because a semaphore separates any two accesses from different threads.
final class Strand<Step: Sendable>: @unchecked Sendable {
  private(set) var place = SteppedRun<Step>.Place.notStarted
  /// The work; nil once it is done, so that what it has captured can be freed.
  private var work: (() -> Void)?
  private let turn = DispatchSemaphore(value: 0)
  private let caller: DispatchSemaphore
  private var isAbandoned = false
  private var hasThread = false

  /// Bytes of stack: several times as much as the kernel's path from a fault to the last table takes.
  private static var stackSize: Int { 1 << 20 }

  init(_ work: @escaping () -> Void, _ caller: DispatchSemaphore) {
    self.work = work
    self.caller = caller
  }

  /// Runs the strand to its next stop or its end.
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

  /// On the strand's own thread: hands the baton back, and waits until it returns.
  func stop(before step: Step) {
    place = .before(step)
    caller.signal()
    turn.wait()
    if isAbandoned {
      caller.signal()
      pthread_exit(nil)
    }
  }

  /// Ends the thread where it is.
  func abandon() {
    if case .finished = place { return }
    isAbandoned = true
    if hasThread { goOn() }
    place = .finished
  }
}
