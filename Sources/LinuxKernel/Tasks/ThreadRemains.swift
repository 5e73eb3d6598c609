// Owns what is kept of a process's last thread until its parent has waited for the process: what /proc still tells of a zombie.
// It does not know the texts of /proc. Linux: the task_struct of a zombie, kernel/exit.c.

struct ThreadRemains: Sendable {
  let name: [UInt8]
  let scheduling: SchedulingPolicy
  let personality: UInt32
  let timerSlack: UInt64
  let voluntarySwitches: UInt64
  let involuntarySwitches: UInt64
  /// The sets of signals that were blocked, ignored and handled.
  let blocked: UInt64
  let actions: SignalSets

  /// The last thread as it ends, which is one more switch away from it.
  init(_ task: Task, _ actions: SignalSets) {
    name = task.name
    scheduling = task.scheduling
    personality = task.personality
    timerSlack = task.timerSlack
    voluntarySwitches = task.voluntarySwitches + 1
    involuntarySwitches = task.involuntarySwitches
    blocked = task.blocked
    self.actions = actions
  }
}

/// The signals that a process ignores and handles, bit n-1 for signal n.
struct SignalSets: Hashable, Sendable {
  var ignored: UInt64 = 0
  var caught: UInt64 = 0

  init(_ handlers: SignalHandlers) {
    for (signal, action) in handlers.actions.enumerated().dropFirst() {
      if action.handler == SignalAction.ignored {
        ignored |= 1 << UInt64(signal - 1)
      } else if action.handler != SignalAction.default {
        caught |= 1 << UInt64(signal - 1)
      }
    }
  }
}
