// Owns which ids are taken: by live threads, by processes, and as the names of groups and sessions.
// It does not know what a task or a process is beyond its place in its table. Linux: struct pid, kernel/pid.c.
import Architecture
import HashTreeCollections
import LinuxMM

/// Everything that has an id, by that id: what is looked up costs no walk over tasks.
struct TaskNumbers: Sendable {
  /// What one id names.
  struct Entry {
    /// The live thread with this id.
    var thread: TaskSlot?
    /// The process, or zombie, with this id.
    var process: ProcessSlot?
    /// Processes that have the id as their own, their group's or their session's.
    var uses: Int32 = 0
  }
  /// By id, up to the highest one that was ever given out.
  private(set) var entries = ChunkedArray<Entry>()
  /// The processes of each group, in the order of their slots; never iterated.
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

  /// The first id from `start` on that is a process's with threads, as `hasThreads` says.
  func firstProcess(from start: Int32, where isListed: (ProcessSlot) -> Bool) -> TaskID? {
    var index = Int(max(start, 0))
    while index < entries.count {
      if let process = entries[index].process, isListed(process) { return TaskID(Int32(index)) }
      index += 1
    }
    return nil
  }

  mutating func setThread(_ id: TaskID, _ slot: TaskSlot) { self[id].thread = slot }
  /// A thread is gone, or has another id now.
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

  /// The process of a live thread or of a zombie, by that id. Linux: find_vpid() as kill uses it.
  func process(of id: TaskID) -> ProcessSlot? { numbers.thread(id).map { tasks[$0].process } ?? numbers.process(id) }

  /// The processes of a group, zombies included. Linux: do_each_pid_task(PIDTYPE_PGID).
  func members(ofGroup group: TaskID) -> [ProcessSlot] { numbers.members(ofGroup: group) }

  /// Puts a process into the table.
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

  /// What a task waits for from here on; nil: nothing.
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
  /// Under what a task that waits for this is found: a poll under each of its files.
  var queues: [WaitChannel] { if case .files(let queues) = self { queues.map { .files([$0]) } } else { [self] } }
}
