// Owns the tables of tasks, signal actions and users of address spaces: adding, counting, freeing.
// It does not know why anything is added. Linux: kernel/pid.c, mm_users, sighand->count.
import Architecture
import LinuxMM

extension Kernel {
  /// /proc/sys/kernel/threads-max: an eighth of RAM for stacks of 16 KiB. Linux: set_max_threads().
  var maximumTasks: Int { max(20, Int(mm.state.frames.managed) / 32) }
  /// /proc/sys/kernel/pid_max.
  static var maximumID: Int32 { 32768 }
  /// Where ids go on once they have come round. Linux: RESERVED_PIDS.
  static var lowestReusedID: Int32 { 300 }

  /// The next id that no task, process, group or session has. Linux: alloc_pid().
  func freeTaskID() -> TaskID? {
    var candidate = state.lastID
    for _ in 0..<Self.maximumID {
      candidate += 1
      if candidate >= Self.maximumID { candidate = Self.lowestReusedID }
      let id = TaskID(candidate)
      if !state.numbers.isTaken(id) {
        state.lastID = candidate
        return id
      }
    }
    return nil
  }

  /// Takes a slot for a task and makes it a thread of its process.
  func addTask(_ task: Task) -> Int {
    let slot: Int
    if let free = state.freeSlots.popLast() {
      slot = free
      state.tasks[slot] = task
    } else {
      slot = state.tasks.count
      state.tasks.append(task)
    }
    state[task.process].threads.append(slot)
    state.numbers.setThread(task.id, slot)
    state.liveTasks += 1
    return slot
  }

  // MARK: Address spaces

  func addUser(of space: MMID) {
    while state.mmUsers.count <= space.rawValue { state.mmUsers.append(0) }
    state.mmUsers[space.rawValue] += 1
  }

  /// The last user's end is the address space's. The PE must have left it by then. Linux: mmput().
  func removeUser(_ el1: EL1Interface, of space: MMID) {
    precondition(state.mmUsers[space.rawValue] > 0, "an address space is used by nobody")
    state.mmUsers[space.rawValue] -= 1
    if state.mmUsers[space.rawValue] > 0 { return }
    if state.activeMM == space {
      mm.leaveMM(el1)
      state.activeMM = nil
    }
    mm.destroyMM(el1, space)
  }

  // MARK: Signal actions

  func addHandlers(_ actions: [SignalAction]) -> HandlersID {
    var handlers = SignalHandlers()
    handlers.actions = actions
    if let free = state.handlers.firstIndex(where: { $0.users == 0 }) {
      state.handlers[free] = handlers
      return HandlersID(rawValue: free)
    }
    state.handlers.append(handlers)
    return HandlersID(rawValue: state.handlers.count - 1)
  }

  func removeHandlers(_ id: HandlersID) { state.handlers[id.rawValue].users -= 1 }

  /// Handlers go, what is ignored stays so. Linux: flush_signal_handlers().
  func resetHandlers(_ id: HandlersID) {
    for signal in 1...Int(Signal.count) {
      let isIgnored = state.handlers[id.rawValue].actions[signal].handler == SignalAction.ignored
      state.handlers[id.rawValue].actions[signal] = SignalAction()
      if isIgnored { state.handlers[id.rawValue].actions[signal].handler = SignalAction.ignored }
    }
  }
}
