// Owns the kernel's state of each PE: the task that runs there, its address space, and the work that is due.
// It does not know how the state changes. Linux: the per-CPU variables of kernel/sched, `current`.
import LinuxMM

/// A PE's part of the kernel's state.
struct PerCPU: Sendable {
  /// The task that runs on the PE.
  var current = TaskSlot(0)
  /// The address space that the PE uses; nil between the end of one and the next switch.
  var activeMM: MMID?
  /// The count of retired instructions at which the running task's turn ends; the maximum while no other task waits for the PE.
  var sliceEnd = UInt64.max
  /// The count of retired instructions at which the running task has used as much as a timer of its process allows.
  var processorTimeLimit = UInt64.max
  /// The end of the turn, or an earlier deadline.
  var runLimit = UInt64.max
  /// The count of retired instructions when the running task was switched to.
  var switchedAt: UInt64 = 0
  /// Linux: TIF_NEED_RESCHED.
  var needsReschedule = false
  /// Whether there is work before the running task returns: signals, a switch, or its end.
  var hasWork = false
}

extension TaskState {
  /// The state of the PE whose entry into the kernel is being served.
  private var here: PerCPU {
    @inline(__always) _read { yield processors[processor] }
    @inline(__always) _modify { yield &processors[processor] }
  }

  /// Records that the kernel was entered on a PE, with the PE's count of retired instructions. On its first entry a PE has no task
  /// yet.
  mutating func enter(processor number: Int, retired: UInt64) {
    if _slowPath(processors.count <= number) { addProcessors(through: number) }
    processor = number
    self.retired = retired
  }

  @inline(never)
  private mutating func addProcessors(through number: Int) {
    while processors.count <= number { processors.append(PerCPU()) }
  }

  /// Slot of the task that runs on the PE.
  public internal(set) var current: TaskSlot {
    @inline(__always) get { here.current }
    @inline(__always) set { here.current = newValue }
  }
  /// The running task's process.
  var currentProcess: ProcessSlot { @inline(__always) get { currentTask.process } }
  var activeMM: MMID? {
    @inline(__always) get { here.activeMM }
    @inline(__always) set { here.activeMM = newValue }
  }
  var sliceEnd: UInt64 {
    @inline(__always) get { here.sliceEnd }
    @inline(__always) set { here.sliceEnd = newValue }
  }
  var runLimit: UInt64 {
    @inline(__always) get { here.runLimit }
    @inline(__always) set { here.runLimit = newValue }
  }
  var processorTimeLimit: UInt64 {
    @inline(__always) get { here.processorTimeLimit }
    @inline(__always) set { here.processorTimeLimit = newValue }
  }
  var switchedAt: UInt64 {
    @inline(__always) get { here.switchedAt }
    @inline(__always) set { here.switchedAt = newValue }
  }
  var needsReschedule: Bool {
    @inline(__always) get { here.needsReschedule }
    @inline(__always) set { here.needsReschedule = newValue }
  }
  var hasWork: Bool {
    @inline(__always) get { here.hasWork }
    @inline(__always) set { here.hasWork = newValue }
  }
}
