// Owns wait4 and waitid: the children that a caller selects, and the information that it gets about them. It does not know how a child
// ends. Linux: kernel/exit.c do_wait().
import Architecture
import LinuxMM

/// The options of a wait. Linux: struct wait_opts.
private struct WaitOptions {
  static let NOHANG: UInt32 = 1
  static let STOPPED: UInt32 = 2
  static let EXITED: UInt32 = 4
  static let CONTINUED: UInt32 = 8
  static let NOWAIT: UInt32 = 0x0100_0000
  static let NOTHREAD: UInt32 = 0x2000_0000
  static let ALL: UInt32 = 0x4000_0000
  static let CLONE: UInt32 = 0x8000_0000

  enum Selection {
    case all, process(TaskID), group(TaskID)
  }
  var selection: Selection
  var flags: UInt32
  func has(_ flag: UInt32) -> Bool { flags & flag != 0 }
}

/// The change of a child's state that a wait reports.
private struct WaitResult {
  var child: TaskID
  /// The status as wait4 returns it.
  var status: Int32
  var code: Int32
  /// si_status.
  var value: Int32
  var usage: Usage
}

extension Processes {
  /// wait4(pid, status, options, rusage).
  func wait4(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let flags = a.unsigned(2)
    let known =
      WaitOptions.NOHANG | WaitOptions.STOPPED | WaitOptions.CONTINUED | WaitOptions.NOTHREAD | WaitOptions.ALL | WaitOptions.CLONE
    if flags & ~known != 0 { throw .EINVAL }
    let id = a.int(0)
    if id == .min { throw .ESRCH }
    let selection: WaitOptions.Selection
    switch id {
    case -1: selection = .all
    case 0: selection = .group(state[state.currentProcess].group)
    case ..<0: selection = .group(TaskID(-id))
    default: selection = .process(TaskID(id))
    }
    switch try wait(WaitOptions(selection: selection, flags: flags | WaitOptions.EXITED)) {
    case .none: return .done(0)
    case .sleep: return .sleep(on: .child(state.currentProcess), until: nil, then: .again(done: 0))
    case .found(let result):
      if a[1] != 0 { try user(el1).put(a[1], result.status) }
      if a[3] != 0 { try user(el1).put(a[3], times.usageBytes(result.usage)) }
      return .done(UInt64(result.child.rawValue))
    }
  }

  /// waitid(which, id, siginfo, options, rusage).
  func waitid(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let flags = a.unsigned(3)
    let states = WaitOptions.EXITED | WaitOptions.STOPPED | WaitOptions.CONTINUED
    let known = states | WaitOptions.NOHANG | WaitOptions.NOWAIT | WaitOptions.NOTHREAD | WaitOptions.ALL | WaitOptions.CLONE
    if flags & ~known != 0 || flags & states == 0 { throw .EINVAL }
    let id = a.int(1)
    var isNonblocking = false
    let selection: WaitOptions.Selection
    switch a.int(0) {
    case 0: selection = .all
    case 1:
      if id <= 0 { throw .EINVAL }
      selection = .process(TaskID(id))
    case 2:
      if id < 0 { throw .EINVAL }
      selection = .group(id == 0 ? state[state.currentProcess].group : TaskID(id))
    case 3:
      if id < 0 { throw .EINVAL }
      let descriptor = try files.processDescriptor(id)
      selection = .process(descriptor.process)
      isNonblocking = descriptor.isNonblocking
    default: throw .EINVAL
    }
    var found: WaitResult?
    switch try wait(WaitOptions(selection: selection, flags: flags)) {
    case .none: break
    // A pidfd that does not block never waits.
    case .sleep where isNonblocking: throw .EAGAIN
    case .sleep: return .sleep(on: .child(state.currentProcess), until: nil, then: .again(done: 0))
    case .found(let result): found = result
    }
    if let found, a[4] != 0 { try user(el1).put(a[4], times.usageBytes(found.usage)) }
    if a[2] != 0 {
      // si_signo, si_errno, si_code; si_pid, si_uid, si_status.
      try user(el1).put(a[2], (found == nil ? 0 : Signal.SIGCHLD, 0 as Int32, found?.code ?? 0))
      try user(el1).put(a[2] &+ 16, (found?.child.rawValue ?? 0, 0 as Int32, found?.value ?? 0))
    }
    return .done(0)
  }

  private enum WaitOutcome {
    case found(WaitResult), none, sleep
  }

  /// Looks for a child that has something to report. Throws ECHILD if no child is selected at all. Linux: __do_wait().
  private func wait(_ options: WaitOptions) throws(Errno) -> WaitOutcome {
    let parent = state.currentProcess
    var isEligible = false
    var children = state[parent].children
    // A child that is selected by its id is found without a search. Linux: do_wait_pid().
    if case .process(let id) = options.selection {
      children = state.numbers.process(id).map { state[$0].parent == parent ? [$0] : [] } ?? []
    }
    for child in children where isMeant(child, options) {
      isEligible = true
      if let result = look(child, options) { return .found(result) }
    }
    if !isEligible { throw .ECHILD }
    return options.has(WaitOptions.NOHANG) ? .none : .sleep
  }

  /// Whether a child is selected. Without __WALL, a wait with __WCLONE selects only children whose exit signal is not SIGCHLD, and a wait
  /// without it only the others. Linux: eligible_pid(), eligible_child().
  private func isMeant(_ child: ProcessSlot, _ options: WaitOptions) -> Bool {
    switch options.selection {
    case .all: break
    case .process(let id): if state[child].id != id { return false }
    case .group(let id): if state[child].group != id { return false }
    }
    let isCloned = state[child].exitSignal != Signal.SIGCHLD
    return options.has(WaitOptions.ALL) || isCloned == options.has(WaitOptions.CLONE)
  }

  /// Linux: wait_task_zombie(), wait_task_stopped(), wait_task_continued().
  private func look(_ child: ProcessSlot, _ options: WaitOptions) -> WaitResult? {
    let id = state[child].id
    let keeps = options.has(WaitOptions.NOWAIT)
    if state[child].isZombie {
      if !options.has(WaitOptions.EXITED) { return nil }
      let status = state[child].groupExitCode ?? 0
      let (code, value) = ChildStatus.ended(status)
      var used = state[child].endedThreads
      used.add(state[child].waitedFor)
      if !keeps {
        state[state.currentProcess].waitedFor.add(used)
        state[state.currentProcess].endedIO.add(state[child].endedIO)
        release(child)
      }
      return WaitResult(child: id, status: status, code: code, value: value, usage: used)
    }
    if options.has(WaitOptions.STOPPED) && state[child].stopSignal != 0 {
      let signal = state[child].stopSignal
      if !keeps { state[child].stopSignal = 0 }
      return WaitResult(
        child: id, status: signal << 8 | 0x7f, code: ChildStatus.STOPPED, value: signal, usage: times.usage(of: child, withWaitedFor: true))
    }
    if options.has(WaitOptions.CONTINUED) && state[child].wasContinued {
      if !keeps { state[child].wasContinued = false }
      return WaitResult(
        child: id, status: ChildStatus.continued, code: ChildStatus.CONTINUED, value: Signal.SIGCONT,
        usage: times.usage(of: child, withWaitedFor: true))
    }
    return nil
  }
}
