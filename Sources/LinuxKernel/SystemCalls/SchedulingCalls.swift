// Owns the calls about policies, priorities and processors of tasks: the values that each may have, and who inherits them. It does not know
// whose turn is next: turns do not depend on priorities here. Linux: kernel/sched/syscalls.c, kernel/sys.c setpriority().
import Architecture
import LinuxMM

/// SCHED_*, and the priority that belongs to it.
struct SchedulingPolicy: Hashable, Sendable {
  static let normal: Int32 = 0, fifo: Int32 = 1, roundRobin: Int32 = 2, batch: Int32 = 3, idle: Int32 = 5, deadline: Int32 = 6
  /// SCHED_RESET_ON_FORK, in the policy of sched_setscheduler.
  static let resetFlag: Int32 = 0x4000_0000
  var policy = SchedulingPolicy.normal
  /// From 1 to 99 for the two policies of real time, else 0.
  var priority: Int32 = 0
  /// From -20 to 19.
  var nice: Int32 = 0
  var resetsOnFork = false

  static func isRealTime(_ policy: Int32) -> Bool { policy == fifo || policy == roundRobin }
  /// What a child gets. Linux: sched_fork().
  var inherited: SchedulingPolicy {
    if !resetsOnFork { return self }
    var child = SchedulingPolicy()
    child.nice = Self.isRealTime(policy) ? 0 : max(nice, 0)
    return child
  }
  /// The fields of /proc/PID/stat. Linux: task_prio(), task_nice().
  var shownPriority: Int32 { Self.isRealTime(policy) ? -1 - priority : 20 + nice }
}

extension ProcessCalls {
  /// The task of an id, or the running one for 0. ESRCH.
  private func task(_ id: Int32) throws(Errno) -> TaskSlot {
    if id == 0 { return tasks.current }
    guard let slot = tasks.slot(of: TaskID(id)) else { throw .ESRCH }
    return slot
  }

  // MARK: Policies

  /// Checks a policy with its priority and sets it. Linux: __sched_setscheduler().
  private func setPolicy(_ slot: TaskSlot, _ wanted: Int32, priority: Int32, nice: Int32?) throws(Errno) {
    let policy = wanted & ~SchedulingPolicy.resetFlag
    let known = [
      SchedulingPolicy.normal, SchedulingPolicy.fifo, SchedulingPolicy.roundRobin, SchedulingPolicy.batch, SchedulingPolicy.idle,
    ]
    // Deadlines need parameters that are refused here as for values that do not fit together.
    if !known.contains(policy) || !(0...99).contains(priority) { throw .EINVAL }
    if SchedulingPolicy.isRealTime(policy) != (priority != 0) { throw .EINVAL }
    var new = tasks[slot].scheduling
    (new.policy, new.priority, new.resetsOnFork) = (policy, priority, wanted & SchedulingPolicy.resetFlag != 0)
    if let nice, !SchedulingPolicy.isRealTime(policy) { new.nice = nice }
    processes.setScheduling(slot, new)
  }

  func schedSetScheduler(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.int(1) < 0 || a[2] == 0 || a.int(0) < 0 { throw .EINVAL }
    let priority = try user(el1).get(a[2], as: Int32.self)
    try setPolicy(try task(a.int(0)), a.int(1), priority: priority, nice: nil)
    return .done(0)
  }
  /// Keeps the policy.
  func schedSetParam(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[1] == 0 || a.int(0) < 0 { throw .EINVAL }
    let priority = try user(el1).get(a[1], as: Int32.self)
    let slot = try task(a.int(0))
    try setPolicy(slot, shownPolicy(slot), priority: priority, nice: nil)
    return .done(0)
  }
  private func shownPolicy(_ slot: TaskSlot) -> Int32 {
    let scheduling = tasks[slot].scheduling
    return scheduling.policy | (scheduling.resetsOnFork ? SchedulingPolicy.resetFlag : 0)
  }
  func schedGetScheduler(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.int(0) < 0 { throw .EINVAL }
    return .done(UInt64(shownPolicy(try task(a.int(0)))))
  }
  func schedGetParam(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[1] == 0 || a.int(0) < 0 { throw .EINVAL }
    try user(el1).put(a[1], tasks[try task(a.int(0))].scheduling.priority)
    return .done(0)
  }

  /// The largest or the smallest priority of a policy. SCHED_EXT is one since 6.12 where the kernel is built with it.
  func schedPriorityLimit(_ a: SystemCallArguments, realTime: UInt64) throws(Errno) -> SystemCallResult {
    switch a.int(0) {
    case SchedulingPolicy.fifo, SchedulingPolicy.roundRobin: return .done(realTime)
    case SchedulingPolicy.normal, SchedulingPolicy.batch, SchedulingPolicy.idle, SchedulingPolicy.deadline: return .done(0)
    default: throw .EINVAL
    }
  }

  /// Stores the length of a turn: 100 ms for SCHED_RR, and none for the others.
  func schedRRGetInterval(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.int(0) < 0 { throw .EINVAL }
    let isRoundRobin = tasks[try task(a.int(0))].scheduling.policy == SchedulingPolicy.roundRobin
    try user(el1).putDuration(a[1], isRoundRobin ? 100_000_000 : 0)
    return .done(0)
  }

  // MARK: Attributes

  /// The size of struct sched_attr, and that of its first version.
  private static var attributesSize: Int { 56 }
  private static var firstAttributesSize: UInt64 { 48 }
  /// SCHED_FLAG_RESET_ON_FORK, SCHED_FLAG_KEEP_POLICY and all flags.
  private enum AttributeFlag {
    static let resetOnFork: UInt64 = 1, keepPolicy: UInt64 = 8, all: UInt64 = 0x7f
  }

  func schedGetAttributes(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let size = UInt64(a.unsigned(2))
    if a[1] == 0 || a.int(0) < 0 || size > 4096 || size < Self.firstAttributesSize || a.unsigned(3) != 0 { throw .EINVAL }
    let scheduling = tasks[try task(a.int(0))].scheduling
    let count = min(Int(size), Self.attributesSize)
    var bytes = [UInt8](repeating: 0, count: Self.attributesSize)
    bytes.store(UInt32(count), at: 0)
    bytes.store(scheduling.policy, at: 4)
    bytes.store(scheduling.resetsOnFork ? AttributeFlag.resetOnFork : 0, at: 8)
    bytes.store(scheduling.nice, at: 16)
    bytes.store(scheduling.priority, at: 20)
    try user(el1).put(a[1], Array(bytes[..<count]))
    return .done(0)
  }

  func schedSetAttributes(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[1] == 0 || a.int(0) < 0 || a.unsigned(2) != 0 { throw .EINVAL }
    let given = UInt64(try user(el1).get(a[1], as: UInt32.self))
    let size = given == 0 ? Self.firstAttributesSize : given
    if size < Self.firstAttributesSize || size > 4096 {
      try user(el1).put(a[1], UInt32(Self.attributesSize))
      throw .E2BIG
    }
    let bytes = try user(el1).get(a[1], count: Int(size))
    if bytes.dropFirst(Self.attributesSize).contains(where: { $0 != 0 }) {
      try user(el1).put(a[1], UInt32(Self.attributesSize))
      throw .E2BIG
    }
    let flags = bytes.word64(8)
    var policy = Int32(bitPattern: bytes.word32(4))
    if policy < 0 { throw .EINVAL }
    let slot = try task(a.int(0))
    if flags & AttributeFlag.keepPolicy != 0 { policy = tasks[slot].scheduling.policy }
    if flags & ~AttributeFlag.all != 0 || policy & SchedulingPolicy.resetFlag != 0 { throw .EINVAL }
    if flags & AttributeFlag.resetOnFork != 0 { policy |= SchedulingPolicy.resetFlag }
    let nice = min(max(Int32(bitPattern: bytes.word32(16)), -20), 19)
    try setPolicy(slot, policy, priority: Int32(bitPattern: bytes.word32(20)), nice: nice)
    return .done(0)
  }

  // MARK: Niceness

  /// The tasks that PRIO_PROCESS (0), PRIO_PGRP (1) or PRIO_USER (2) and an id mean. The only user is root.
  private func meant(_ a: SystemCallArguments) throws(Errno) -> [TaskSlot] {
    let id = a.int(1)
    func threads(_ processes: [ProcessSlot]) -> [TaskSlot] { processes.flatMap { tasks[$0].threads } }
    let found: [TaskSlot]
    switch a.int(0) {
    case 0: found = id == 0 ? [tasks.current] : tasks.slot(of: TaskID(id)).map { [$0] } ?? []
    case 1: found = threads(tasks.members(ofGroup: id == 0 ? tasks[tasks.currentProcess].group : TaskID(id)))
    case 2: found = id == 0 ? threads(tasks.processes.ids.map { $0 }) : []
    default: throw .EINVAL
    }
    if found.isEmpty { throw .ESRCH }
    return found
  }

  func setpriority(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    for slot in try meant(a) {
      var new = tasks[slot].scheduling
      new.nice = min(max(a.int(2), -20), 19)
      processes.setScheduling(slot, new)
    }
    return .done(0)
  }
  /// The best of the tasks, as 20 minus its niceness.
  func getpriority(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let best = try meant(a).map { tasks[$0].scheduling.nice }.min() ?? 0
    return .done(UInt64(20 - best))
  }

  // MARK: Processors

  /// A mask must contain the one processor. Linux: get_user_cpu_mask(), sched_setaffinity().
  func schedSetAffinity(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let mask = try user(el1).get(a[2], count: Int(min(a.unsigned(1), 8)))
    _ = try task(a.int(0))
    if mask.first.map({ $0 & 1 == 0 }) ?? true { throw .EINVAL }
    return .done(0)
  }
}

extension Processes {
  func setScheduling(_ slot: TaskSlot, _ scheduling: SchedulingPolicy) {
    let before = futexes.rank(slot)
    state.tasks[slot].scheduling = scheduling
    futexes.rankChanged(slot, from: before)
  }
}
