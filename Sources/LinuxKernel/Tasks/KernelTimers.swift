// Owns the deadlines that the kernel keeps, in the order in which they come, and what each of them sets off.
// It does not know who asked for one. Linux: kernel/time/hrtimer.c.
import Architecture

/// What happens when a deadline comes.
enum TimerEvent: Hashable, Sendable {
  /// The sleep of a task is over.
  case sleep(TaskSlot)
  /// ITIMER_REAL of a process.
  case interval(ProcessSlot)
  /// A POSIX timer of a process, by its number.
  case posix(ProcessSlot, Int32)
}

/// A deadline in guest nanoseconds. Those of one time come in the order in which they were set.
struct Timer: Sendable {
  var deadline: UInt64
  var event: TimerEvent
}

extension Scheduler {
  func startTimer(_ event: TimerEvent, at deadline: UInt64) {
    let place = state.timers.firstIndex { $0.deadline > deadline } ?? state.timers.count
    state.timers.insert(Timer(deadline: deadline, event: event), at: place)
    updateRunLimit()
  }

  func stopTimer(_ event: TimerEvent) {
    guard let index = state.timers.firstIndex(where: { $0.event == event }) else { return }
    state.timers.remove(at: index)
    updateRunLimit()
  }

  /// Sets off all that is due.
  func expireTimers() {
    while let timer = state.timers.first, timer.deadline <= state.now {
      switch timer.event {
      case .sleep(let task):
        state.tasks[task].hasTimedOut = true
        wakeUp(task)
      case .interval(let process):
        stopTimer(timer.event)
        timers.expireRealTimer(process)
      case .posix(let process, let id):
        stopTimer(timer.event)
        timers.expire(process, id)
      }
    }
  }
}
