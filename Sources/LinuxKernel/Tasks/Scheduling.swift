// Owns the scheduler: the run queue, time slices, and the switch from one task to the next. It does not know why a task sleeps or wakes.
// Linux: kernel/sched/core.c, arch/arm64/kernel/process.c.
import Architecture
import LinuxMM

extension Scheduler {
  /// Guest nanoseconds that a task runs while others wait for their turn: 3 ms.
  static var timeSlice: UInt64 { 3_000_000 }

  /// Puts a task at the end of the queue. When it is the first in the queue, the running task's time slice starts.
  func enqueue(_ slot: TaskSlot) {
    state.tasks[slot].run = .runnable
    state.runQueue.append(slot)
    if state.sliceEnd == .max { state.sliceEnd = state.retired &+ Self.timeSlice }
    updateRunLimit()
  }

  func updateRunLimit() {
    let deadline = state.timers.first.map { $0.deadline &- min($0.deadline, state.idleNanoseconds) } ?? .max
    state.runLimit = state.hold.isPending ? 0 : min(state.sliceEnd, deadline, state.processorTimeLimit)
  }

  /// The timer's interrupt: what is due, and the slice.
  func timerInterrupt() {
    expireTimers()
    if state.retired >= state.processorTimeLimit { timers.expireProcessorTimers() }
    if state.retired >= state.sliceEnd { needReschedule() }
  }

  /// Makes the scheduler run before the running task returns. Linux: TIF_NEED_RESCHED.
  func needReschedule() {
    state.needsReschedule = true
    state.hasWork = true
  }

  /// Gives the PE to the next task in the queue. If the queue is empty, guest time advances to the end of the next sleep. False if no task
  /// will ever wake. Linux: schedule().
  func schedule(_ el1: EL1Interface) -> Bool {
    let previous = state.current
    state.needsReschedule = false
    let couldGoOn = state.tasks[previous].run == .running
    if couldGoOn {
      state.tasks[previous].run = .runnable
      state.runQueue.append(previous)
    }
    while state.runQueue.isEmpty {
      guard let timer = state.timers.first else { return false }
      let now = state.now
      if timer.deadline > now {
        state.idleNanoseconds &+= timer.deadline - now
        el1.idle(nanoseconds: timer.deadline - now)
      }
      expireTimers()
    }
    let next = state.runQueue.removeFirst()
    state.tasks[next].run = .running
    state.sliceEnd = state.runQueue.isEmpty ? .max : state.retired &+ Self.timeSlice
    updateRunLimit()
    if next != previous {
      if couldGoOn { state.tasks[previous].involuntarySwitches &+= 1 } else { state.tasks[previous].voluntarySwitches &+= 1 }
    }
    if next != previous || state.activeMM != state.tasks[next].mm { switchTo(el1, next) }
    timers.limitProcessorTime()
    return true
  }

  /// Switches to a task. The later ERET clears the exclusive monitor. Linux: context_switch(), __switch_to().
  private func switchTo(_ el1: EL1Interface, _ next: TaskSlot) {
    let previous = state.current
    if el1.traces(.taskSwitch) { el1.record(.taskSwitch, number(previous), number(next)) }
    if state.tasks[previous].run != .dead { state.tasks[previous].registers = SavedRegisters(el1) }
    chargeTime()
    let keys = state.tasks[next].pointerKeys
    let hasOtherKeys = state.tasks[previous].run == .dead || keys != state.tasks[previous].pointerKeys
    if state.tasks[previous].run == .dead && next != previous { state.tasks.remove(previous) }
    state.current = next
    el1.block.pointee.task = state.tasks[next].id.rawValue
    activate(el1, state.tasks[next].mm)
    if hasOtherKeys { installPointerKeys(el1) }
    state.tasks[next].registers.load(el1)
  }

  private func number(_ task: TaskSlot) -> UInt64 { UInt64(UInt32(bitPattern: state.tasks[task].id.rawValue)) }

  /// Makes the PE use an address space, unless it already does. Linux: switch_mm().
  func activate(_ el1: EL1Interface, _ space: MMID) {
    if state.activeMM == space { return }
    mm.switchMM(el1, to: space)
    state.activeMM = space
  }

  /// Adds the time since the switch to the running task to the task's run time.
  func chargeTime() {
    let now = state.retired
    state[state.current].runTime &+= now &- state.switchedAt
    state.switchedAt = now
  }

  /// sched_yield: moves the running task to the end of the queue.
  func schedYield() -> SystemCallResult {
    if !state.runQueue.isEmpty { needReschedule() }
    return .done(0)
  }
}
