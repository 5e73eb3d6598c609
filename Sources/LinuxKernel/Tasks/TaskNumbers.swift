// Owns the ids that are in use: those of live threads, of processes, and of groups and sessions. It does not know any property of a task or
// a process except its place in its table. Linux: struct pid, kernel/pid.c.
import Architecture
import HashTreeCollections
import LinuxMM

/// The index of tasks and processes by id, so that finding one does not need a walk over all tasks.
struct TaskNumbers: Sendable {
  /// The thread and the process that have one id.
  struct Entry {
    /// The live thread with this id.
    var thread: TaskSlot?
    /// The process, or zombie, with this id.
    var process: ProcessSlot?
    /// The number of processes that use the id as their own, their group's or their session's.
    var uses: Int32 = 0
  }
  /// The entries by id, up to the highest id that was ever given out.
  private(set) var entries = ChunkedArray<Entry>()
  /// The processes of each group, in the order of their slots. It is never iterated.
  private var groups: TreeDictionary<TaskID, [ProcessSlot]> = [:]

  private subscript(id: TaskID) -> Entry {
    get { entries.indices.contains(Int(id.rawValue)) ? entries[Int(id.rawValue)] : Entry() }
    set {
      let index = Int(id.rawValue)
      entries.grow(to: index + 1, with: Entry())
      entries[index] = newValue
    }
  }

  func thread(_ id: TaskID) -> TaskSlot? { self[id].thread }
  func process(_ id: TaskID) -> ProcessSlot? { self[id].process }
  func isTaken(_ id: TaskID) -> Bool { self[id].thread != nil || self[id].uses > 0 }
  func members(ofGroup group: TaskID) -> [ProcessSlot] { groups[group] ?? [] }

  /// The lowest id from `start` on that belongs to a process for which `isListed` is true.
  func firstProcess(from start: Int32, where isListed: (ProcessSlot) -> Bool) -> TaskID? {
    var index = Int(max(start, 0))
    while index < entries.count {
      if let process = entries[index].process, isListed(process) { return TaskID(Int32(index)) }
      index += 1
    }
    return nil
  }

  mutating func setThread(_ id: TaskID, _ slot: TaskSlot) { self[id].thread = slot }
  /// Removes a thread that has ended, or that now has another id.
  mutating func removeThread(_ id: TaskID, _ slot: TaskSlot) { if self[id].thread == slot { self[id].thread = nil } }

  mutating func add(_ slot: ProcessSlot, _ process: Process) {
    self[process.id].process = slot
    for id in [process.id, process.group, process.session] { self[id].uses += 1 }
    join(slot, process.group)
  }
  mutating func remove(_ slot: ProcessSlot, _ process: Process) {
    if self[process.id].process == slot { self[process.id].process = nil }
    for id in [process.id, process.group, process.session] { self[id].uses -= 1 }
    leave(slot, process.group)
  }
  mutating func changeGroup(of slot: ProcessSlot, from old: TaskID, to new: TaskID) {
    self[old].uses -= 1
    self[new].uses += 1
    leave(slot, old)
    join(slot, new)
  }
  mutating func changeSession(from old: TaskID, to new: TaskID) {
    self[old].uses -= 1
    self[new].uses += 1
  }

  private mutating func join(_ slot: ProcessSlot, _ group: TaskID) {
    let place = groups[group]?.firstIndex { $0.rawValue > slot.rawValue } ?? groups[group]?.count ?? 0
    groups[group, default: []].insert(slot, at: place)
  }
  private mutating func leave(_ slot: ProcessSlot, _ group: TaskID) {
    groups[group]?.removeAll { $0 == slot }
    if groups[group]?.isEmpty == true { groups[group] = nil }
  }
}

extension TaskState {
  /// The slot of a live task by its id. Linux: find_task_by_vpid().
  func slot(of id: TaskID) -> TaskSlot? { numbers.thread(id) }

  /// The process with a live thread of this id, or the zombie with this id. Linux: find_vpid() as kill uses it.
  func process(of id: TaskID) -> ProcessSlot? { numbers.thread(id).map { tasks[$0].process } ?? numbers.process(id) }

  /// The processes of a group, including zombies. Linux: do_each_pid_task(PIDTYPE_PGID).
  func members(ofGroup group: TaskID) -> [ProcessSlot] { numbers.members(ofGroup: group) }

  /// Adds a process to the table.
  mutating func add(_ process: Process) -> ProcessSlot {
    let slot = processes.insert(process)
    numbers.add(slot, process)
    return slot
  }

  mutating func setGroup(of process: ProcessSlot, _ group: TaskID) {
    numbers.changeGroup(of: process, from: self[process].group, to: group)
    self[process].group = group
  }
  mutating func setSession(of process: ProcessSlot, _ session: TaskID) {
    numbers.changeSession(from: self[process].session, to: session)
    self[process].session = session
  }

  /// Sets the channel that a task waits on; nil if it no longer waits.
  mutating func setChannel(of slot: TaskSlot, _ channel: WaitChannel?) {
    for old in tasks[slot].channel?.queues ?? [] {
      waiters[old]?.removeAll { $0 == slot }
      if waiters[old]?.isEmpty == true { waiters[old] = nil }
    }
    tasks[slot].channel = channel
    for queue in channel?.queues ?? [] { waiters[queue, default: []].append(slot) }
  }
}

extension WaitChannel {
  /// The channels under which a waiting task is found. A poll is found under each of its files, and so is a wait on several futexes.
  var queues: [WaitChannel] {
    switch self {
    case .files(let queues): queues.map { .files([$0]) }
    case .futexes(let keys): keys.map { .futexes([$0]) }
    default: [self]
    }
  }
}
