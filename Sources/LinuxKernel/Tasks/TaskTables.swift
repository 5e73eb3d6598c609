// Owns the tables of tasks, signal actions and users of address spaces: adding, counting, freeing. It does not know why an entry is added.
// Linux: kernel/pid.c, mm_users, sighand->count.
import Architecture
import LinuxMM

extension Processes {
  /// The value of /proc/sys/kernel/threads-max: the stacks of all tasks, 16 KiB each, may take an eighth of RAM. Linux: set_max_threads().
  /// A larger number that a program sets is not reached.
  var maximumTasks: Int { min(settings.maximumTasks ?? .max, max(20, Int(mm.state.frames.managed) / 32)) }
  /// The lowest id that is given out after the ids have wrapped around. Linux: RESERVED_PIDS.
  static var lowestReusedID: Int32 { 300 }

  /// The next id that no task, process, group or session has. Linux: alloc_pid().
  func freeTaskID() -> TaskID? {
    var candidate = state.lastID
    let maximumID = settings.maximumID
    for _ in 0..<maximumID {
      candidate += 1
      if candidate >= maximumID { candidate = Self.lowestReusedID }
      let id = TaskID(candidate)
      if !state.numbers.isTaken(id) {
        state.lastID = candidate
        return id
      }
    }
    return nil
  }

  /// Takes a slot for a task and makes it a thread of its process.
  func addTask(_ task: Task) -> TaskSlot {
    let slot = state.tasks.insert(task)
    state[task.process].threads.append(slot)
    state.numbers.setThread(task.id, slot)
    state.liveTasks += 1
    return slot
  }

  // MARK: Address spaces

  /// Counts one user less of an address space, and frees it after the last one. The PE must no longer use it by then. Linux: mmput().
  func removeUser(_ el1: EL1Interface, of space: MMID) {
    if !mm.removeUser(of: space) { return }
    if state.activeMM == space {
      mm.leaveMM(el1)
      state.activeMM = nil
    }
    mm.destroyMM(el1, space)
  }

  func setLimit(of process: ProcessSlot, _ resource: UInt64, _ limit: ResourceLimits.Limit) throws(Errno) {
    try state[process].limits.set(resource, limit)
    timers.limitProcessorTime()
  }

  func setScoreAdjustment(_ process: ProcessSlot, _ value: Int) { state[process].scoreAdjustment = value }
  func setTimerSlack(_ task: TaskSlot, _ value: UInt64) {
    let isRealTime = SchedulingPolicy.isRealTime(state.tasks[task].scheduling.policy)
    state.tasks[task].timerSlack = isRealTime ? 0 : value == 0 ? state.tasks[task].defaultTimerSlack : value
  }
  func setName(_ task: TaskSlot, _ name: [UInt8]) { state.tasks[task].name = name }

  // MARK: Signal actions

  func addHandlers(_ actions: [SignalAction]) -> HandlersID {
    var handlers = SignalHandlers()
    handlers.actions = actions
    return state.handlers.insert(handlers)
  }

  func removeHandlers(_ id: HandlersID) {
    state.handlers[id].users -= 1
    if state.handlers[id].users == 0 { state.handlers.remove(id) }
  }

  /// Resets signals that have a handler to the default action. Ignored signals stay ignored. Linux: flush_signal_handlers().
  func resetHandlers(_ id: HandlersID) {
    for signal in 1...Int(Signal.count) {
      let isIgnored = state.handlers[id].actions[signal].handler == SignalAction.ignored
      state.handlers[id].actions[signal] = SignalAction()
      if isIgnored { state.handlers[id].actions[signal].handler = SignalAction.ignored }
    }
  }
}
