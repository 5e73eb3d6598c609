// Owns how calls on files wait: which queue, what they have moved, and who wakes them.
// It does not know the scheduler. Linux: wait_event_interruptible in fs/pipe.c, fs/select.c.
import LinuxMM

extension Kernel {
  /// The call waits for a change of this pipe, and then runs again; it has moved `done` bytes so far.
  func sleep(onPipe pipe: PipeID, done: UInt64) -> SystemCallResult { .sleep(on: .clock, deadline: nil) }

  /// Something about a pipe has changed: whoever waits for it looks again.
  func wakePipe(_ pipe: PipeID) {}

  /// The call waits for a change of any file, at most so many nanoseconds, and then runs again.
  func sleepOnFiles(timeout: UInt64?) -> SystemCallResult { .sleep(on: .clock, deadline: timeout.map { now &+ $0 }) }

  var progress: UInt64 { 0 }
  var hasTimedOut: Bool { false }
}
