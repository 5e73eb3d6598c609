// Owns the resources that tasks and processes have used: guest time, faults, memory; getrusage, times and the processor time clocks. It
// does not know how faults are counted: LinuxMM does. Linux: kernel/sys.c, kernel/sched/cputime.c.
import Architecture
import LinuxMM

extension TaskTimes {
  /// The guest nanoseconds that a task has run.
  func runTime(ofTask slot: TaskSlot) -> UInt64 {
    tasks[slot].runTime &+ (slot == tasks.current ? tasks.retired &- tasks.switchedAt : 0)
  }

  /// Guest nanoseconds that the threads of a process ran, dead ones included.
  func runTime(of process: ProcessSlot) -> UInt64 {
    tasks[process].threads.reduce(tasks[process].endedThreads.nanoseconds) { $0 &+ runTime(ofTask: $1) }
  }

  /// What one thread has used; the memory is its process's.
  func usage(ofTask slot: TaskSlot) -> Usage { usage(ofTask: slot, resident: mm[tasks[slot].mm].residentPages) }
  /// The usage of a thread that may have left its address space; `resident` is the number of its resident pages.
  func usage(ofTask slot: TaskSlot, resident: Int) -> Usage {
    let task = tasks[slot]
    let faults = mm.taskFaults(task.id)
    return Usage(
      nanoseconds: runTime(ofTask: slot), minorFaults: faults.minor, majorFaults: faults.major,
      voluntarySwitches: task.voluntarySwitches, involuntarySwitches: task.involuntarySwitches, maximumResident: UInt64(resident) * 4)
  }

  /// The usage of a process, including threads that have ended.
  func usage(of process: ProcessSlot, withWaitedFor: Bool = false) -> Usage {
    var sum = tasks[process].endedThreads
    for thread in tasks[process].threads { sum.add(usage(ofTask: thread)) }
    if withWaitedFor { sum.add(tasks[process].waitedFor) }
    return sum
  }

  /// The bytes of struct rusage. All time is user time.
  func usageBytes(_ usage: Usage) -> [UInt8] {
    var words = [UInt64](repeating: 0, count: 18)
    words[0] = usage.nanoseconds / 1_000_000_000
    words[1] = usage.nanoseconds % 1_000_000_000 / 1000
    words[4] = usage.maximumResident
    words[8] = usage.minorFaults
    words[9] = usage.majorFaults
    words[16] = usage.voluntarySwitches
    words[17] = usage.involuntarySwitches
    return words.withUnsafeBytes { Array($0) }
  }

  /// RUSAGE_SELF, RUSAGE_CHILDREN (-1), RUSAGE_THREAD (1).
  func getrusage(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let used: Usage
    switch a.int(0) {
    case 0: used = usage(of: tasks.currentProcess)
    case -1: used = tasks[tasks.currentProcess].waitedFor
    case 1: used = usage(ofTask: tasks.current)
    default: throw .EINVAL
    }
    try user(el1).put(a[1], usageBytes(used))
    return .done(0)
  }

  /// times: stores the user and system time of the process and of its children, in ticks of 10 ms. Returns the time since the start in
  /// ticks.
  func times(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let tick: UInt64 = 10_000_000
    if a[0] != 0 {
      let (own, waited) = (usage(of: tasks.currentProcess), tasks[tasks.currentProcess].waitedFor)
      try user(el1).put(a[0], (own.nanoseconds / tick, 0 as UInt64, waited.nanoseconds / tick, 0 as UInt64))
    }
    return .done(now / tick)
  }

  /// The value of a clock in nanoseconds. CLOCK_PROCESS_CPUTIME_ID (2) and CLOCK_THREAD_CPUTIME_ID (3) return the time used, the coarse
  /// clocks (5 and 6) the guest time at the last tick, and the other clocks guest time.
  func clock(_ id: Int32) -> UInt64 {
    switch id {
    case 2: runTime(of: tasks.currentProcess)
    case 3: runTime(ofTask: tasks.current)
    case 5, 6: now - now % ClockNumber.tick
    default: now
    }
  }
}
