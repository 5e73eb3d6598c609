// Owns /proc/PID/stat and schedstat: the numbers about a thread, or about a whole process, in Linux's order. It does not know how memory,
// faults and time are counted. Linux: fs/proc/array.c do_task_stat(), fs/proc/base.c proc_pid_schedstat().
import Architecture
import LinuxMM

extension ProcFiles {
  /// The 52 fields of stat; faults and times of the whole process, or of one thread. A field is 0 if it is not modelled.
  func taskStat(_ task: TaskSlot, isWhole: Bool) -> [UInt8] {
    let it = tasks[task]
    let space = mm[it.mm]
    let process = tasks[it.process]
    var fields = StatFields(process, parent: tasks.parentID(it.process), it.scheduling)
    fields.inheritedPriority = it.inheritedPriority
    fields.use(isWhole ? times.usage(of: it.process) : times.usage(ofTask: task))
    if isWhole { fields.useOfChildren(process.waitedFor) }
    fields[20] = UInt64(process.threads.count)
    fields[23] = space.mappedPages << 12
    fields[24] = UInt64(space.residentPages)
    let actions = SignalSets(tasks.handlers[process.handlers])
    fields.setSignals(it.pending.reduce(0) { $0 | 1 << UInt64($1.signal - 1) }, it.blocked, actions)
    let isWaiting = it.run == .sleeping || it.run == .stopped
    fields[35] = isWaiting && (!isWhole || process.threads.count == 1) ? 1 : 0
    fields[38] = task == process.threads.first ? UInt64(bitPattern: Int64(process.exitSignal)) : ~0
    fields[52] = UInt64(process.groupExitCode ?? 0)
    return fields.text(it.id, it.name, stateLetter(task))
  }

  /// The same for a zombie.
  func zombieStat(_ slot: ProcessSlot, _ remains: ThreadRemains) -> [UInt8] {
    let process = tasks[slot]
    var fields = StatFields(process, parent: tasks.parentID(slot), remains.scheduling)
    fields.use(process.endedThreads)
    fields.useOfChildren(process.waitedFor)
    fields[20] = 1
    fields.setSignals(0, remains.blocked, remains.actions)
    fields[35] = 1
    fields[38] = UInt64(bitPattern: Int64(process.exitSignal))
    fields[52] = UInt64(process.groupExitCode ?? 0)
    return fields.text(process.id, remains.name, "Z")
  }

  /// The nanoseconds that a thread ran, those that it waited to run, which are not counted, and how often it was switched to.
  func scheduleText(_ task: TaskSlot) -> [UInt8] {
    line("\(times.runTime(ofTask: task)) 0 \(tasks[task].voluntarySwitches + tasks[task].involuntarySwitches + 1)")
  }

  /// R: running or ready, S: sleeping, T: stopped.
  func stateLetter(_ task: TaskSlot) -> String {
    switch tasks[task].run {
    case .running, .runnable: "R"
    case .sleeping: "S"
    case .stopped: "T"
    case .dead: "X"
    }
  }
}

/// The fields of stat by their numbers, from 4 on.
private struct StatFields {
  private var values = [UInt64](repeating: 0, count: 53)
  private let scheduling: SchedulingPolicy
  /// The priority of real time that a task has from those that wait for its locks, or 0.
  var inheritedPriority: Int32 = 0

  /// The fields that are the same for a live process and for a zombie.
  init(_ process: Process, parent: TaskID, _ scheduling: SchedulingPolicy) {
    self.scheduling = scheduling
    self[4] = UInt64(parent.rawValue)
    self[5] = UInt64(process.group.rawValue)
    self[6] = UInt64(process.session.rawValue)
    // No terminal, so no group in its foreground.
    self[8] = ~0
    self[25] = ~0
    self[40] = UInt64(scheduling.priority)
    self[41] = UInt64(scheduling.policy)
  }

  subscript(field: Int) -> UInt64 {
    get { values[field] }
    set { values[field] = newValue }
  }

  mutating func use(_ usage: Usage) { (self[10], self[12], self[14]) = (usage.minorFaults, usage.majorFaults, Self.ticks(usage)) }
  mutating func useOfChildren(_ usage: Usage) { (self[11], self[13], self[16]) = (usage.minorFaults, usage.majorFaults, Self.ticks(usage)) }
  private static func ticks(_ usage: Usage) -> UInt64 { usage.nanoseconds / 10_000_000 }

  /// The first 31 signals of each set.
  mutating func setSignals(_ pending: UInt64, _ blocked: UInt64, _ actions: SignalSets) {
    for (field, set) in zip(31..., [pending, blocked, actions.ignored, actions.caught]) { self[field] = set & 0x7fff_ffff }
  }

  func text(_ id: TaskID, _ name: [UInt8], _ state: String) -> [UInt8] {
    var texts = values.map { String($0) }
    for field in [8, 38] { texts[field] = "\(Int64(bitPattern: values[field]))" }
    let priority = inheritedPriority > scheduling.priority ? -1 - inheritedPriority : scheduling.shownPriority
    (texts[18], texts[19]) = ("\(priority)", "\(scheduling.nice)")
    return Array("\(id.rawValue) (".utf8) + name + Array(") \(state) \(texts[4...52].joined(separator: " "))\n".utf8)
  }
}
