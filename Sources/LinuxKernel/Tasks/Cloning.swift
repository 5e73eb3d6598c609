// Owns clone: the combinations of flags, and the parts that a new task shares with its parent or copies. It does not know how an address
// space is copied. Linux: kernel/fork.c, arch/arm64/kernel/process.c.
import Architecture
import LinuxMM

/// CLONE_*.
enum CloneFlags {
  static let signal: UInt64 = 0xff
  static let VM: UInt64 = 0x100
  static let FS: UInt64 = 0x200
  static let FILES: UInt64 = 0x400
  static let SIGHAND: UInt64 = 0x800
  static let PIDFD: UInt64 = 0x1000
  static let VFORK: UInt64 = 0x4000
  static let PARENT: UInt64 = 0x8000
  static let THREAD: UInt64 = 0x1_0000
  static let NEWNS: UInt64 = 0x2_0000
  static let SETTLS: UInt64 = 0x8_0000
  static let PARENT_SETTID: UInt64 = 0x10_0000
  static let CHILD_CLEARTID: UInt64 = 0x20_0000
  static let DETACHED: UInt64 = 0x40_0000
  static let CHILD_SETTID: UInt64 = 0x100_0000
  static let NEWTIME: UInt64 = 0x80
  /// The flags for all namespaces that clone can make.
  static let namespaces: UInt64 = NEWNS | 0x200_0000 | 0x400_0000 | 0x800_0000 | 0x1000_0000 | 0x2000_0000 | 0x4000_0000
  /// This flag and those below exist only for clone3.
  static let CLEAR_SIGHAND: UInt64 = 1 << 32
  static let INTO_CGROUP: UInt64 = 1 << 33
}

/// struct kernel_clone_args.
struct CloneArguments {
  var flags: UInt64
  var exitSignal: Int32
  /// The new stack pointer, or 0 to keep the parent's.
  var stack: UInt64
  var tls: UInt64
  var parentTID: UInt64
  var childTID: UInt64
  func has(_ flag: UInt64) -> Bool { flags & flag != 0 }
}

extension Processes {
  /// clone(flags, stack, parent_tid, tls, child_tid). The low byte of the flags is the exit signal.
  func clone(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let arguments = CloneArguments(
      flags: a[0] & 0xffff_ff00, exitSignal: Int32(a[0] & CloneFlags.signal), stack: a[1], tls: a[3], parentTID: a[2], childTID: a[4])
    // The two flags use the same argument.
    if arguments.has(CloneFlags.PIDFD) && arguments.has(CloneFlags.PARENT_SETTID) { throw .EINVAL }
    return try clone(el1, arguments)
  }

  /// Linux: SYSCALL_DEFINE2(clone3), copy_clone_args_from_user(), clone3_args_valid().
  func clone3(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[1] > 4096 { throw .E2BIG }
    if a[1] < 64 { throw .EINVAL }
    let given = try user(el1).get(a[0], count: Int(a[1]))
    if given.dropFirst(88).contains(where: { $0 != 0 }) { throw .E2BIG }
    let bytes = given + [UInt8](repeating: 0, count: max(0, 88 - given.count))
    let (flags, signal, stack, stackSize) = (bytes.word64(0), bytes.word64(32), bytes.word64(40), bytes.word64(48))
    let (setTID, setTIDSize, group) = (bytes.word64(64), bytes.word64(72), bytes.word64(80))
    if (setTID == 0) != (setTIDSize == 0) || setTIDSize > 32 || signal > UInt64(Signal.count) { throw .EINVAL }
    if flags & CloneFlags.INTO_CGROUP != 0 && (group > UInt64(Int32.max) || given.count < 88) { throw .EINVAL }
    let known = 0xffff_ff00 | CloneFlags.NEWTIME | CloneFlags.CLEAR_SIGHAND | CloneFlags.INTO_CGROUP
    if flags & ~known != 0 || flags & CloneFlags.DETACHED != 0 { throw .EINVAL }
    if flags & CloneFlags.SIGHAND != 0 && flags & CloneFlags.CLEAR_SIGHAND != 0 { throw .EINVAL }
    if flags & (CloneFlags.THREAD | CloneFlags.PARENT) != 0 && signal != 0 { throw .EINVAL }
    if (stack == 0) != (stackSize == 0) { throw .EINVAL }
    if stack != 0 { do { try user(el1).check(stack, stackSize) } catch { throw .EINVAL } }
    // Ids by choice and control groups are not modelled.
    if setTID != 0 || flags & (CloneFlags.INTO_CGROUP | CloneFlags.NEWTIME) != 0 { throw .ENOSYS }
    return try clone(
      el1,
      CloneArguments(
        flags: flags, exitSignal: Int32(signal), stack: stack &+ stackSize, tls: bytes.word64(56), parentTID: bytes.word64(24),
        childTID: bytes.word64(16)))
  }

  /// Linux: kernel_clone().
  private func clone(_ el1: EL1Interface, _ arguments: CloneArguments) throws(Errno) -> SystemCallResult {
    try checkCloneFlags(arguments)
    // A signal that arrived before the fork is handled once, by the parent.
    if state.currentTask.hasSignals {
      state.currentTask.restart = .noInterrupt
      return .registersSet
    }
    let child = try copyProcess(el1, arguments)
    let id = state.tasks[child].id
    if arguments.has(CloneFlags.PARENT_SETTID) { try? user(el1).put(arguments.parentTID, id.rawValue) }
    scheduler.enqueue(child)
    if arguments.has(CloneFlags.VFORK) { return .sleep(on: .vfork(id), until: nil, then: .vfork(id)) }
    return .done(UInt64(id.rawValue))
  }

  /// Checks the combinations of flags that Linux refuses, in its order. A namespace throws EINVAL, as in a kernel that was built without
  /// it.
  private func checkCloneFlags(_ a: CloneArguments) throws(Errno) {
    if a.has(CloneFlags.namespaces) { throw .EINVAL }
    if a.has(CloneFlags.THREAD) && !a.has(CloneFlags.SIGHAND) { throw .EINVAL }
    if a.has(CloneFlags.SIGHAND) && !a.has(CloneFlags.VM) { throw .EINVAL }
    if a.has(CloneFlags.PIDFD) && a.has(CloneFlags.DETACHED) { throw .EINVAL }
    // A descriptor of the child is not modelled here; pidfd_open can make one.
    if a.has(CloneFlags.PIDFD) { throw .ENOSYS }
  }

  /// Makes a new task that has not run yet, and returns its slot. Linux: copy_process().
  private func copyProcess(_ el1: EL1Interface, _ a: CloneArguments) throws(Errno) -> TaskSlot {
    let parent = state.current
    if state.liveTasks >= maximumTasks { throw .EAGAIN }
    guard let id = freeTaskID() else { throw .EAGAIN }
    let sharesMemory = a.has(CloneFlags.VM)
    let space = sharesMemory ? state.tasks[parent].mm : try mm.fork(el1, state.tasks[parent].mm)
    let table: FilesID
    do throws(Errno) {
      table = a.has(CloneFlags.FILES) ? files.shareFiles(state.tasks[parent].files) : try files.copyFiles(state.tasks[parent].files)
    } catch {
      if !sharesMemory { mm.destroyMM(el1, space) }
      throw error
    }
    let context = a.has(CloneFlags.FS) ? files.shareFS(state.tasks[parent].fs) : files.copyFS(state.tasks[parent].fs)
    mm.addUser(of: space)
    mm.forgetFaults(of: id)

    var child = state.tasks[parent]
    child.id = id
    child.mm = space
    (child.files, child.fs) = (table, context)
    child.pending = []
    child.hasSignals = false
    child.scheduling = child.scheduling.inherited
    child.robustList = 0
    (child.heldLocks, child.awaitedLock, child.inheritedPriority) = ([], nil, 0)
    child.parentDeathSignal = 0
    child.defaultTimerSlack = child.timerSlack
    child.clearChildTID = a.has(CloneFlags.CHILD_CLEARTID) ? a.childTID : 0
    child.runTime = 0
    (child.voluntarySwitches, child.involuntarySwitches) = (0, 0)
    child.io = IOAccounts()
    child.resumption = .newborn(childTID: a.has(CloneFlags.CHILD_SETTID) ? a.childTID : 0)
    child.restart = nil
    child.restartBlock = nil
    child.heldCall = nil
    // A task that shares memory needs its own alternate stack, so it starts without one.
    if sharesMemory && !a.has(CloneFlags.VFORK) { child.alternateStack = AlternateStack() }
    child.registers = SavedRegisters(el1)
    child.registers.general[0] = 0
    if a.stack != 0 { child.registers[.SP_EL0] = a.stack }
    if a.has(CloneFlags.SETTLS) { child.registers[.TPIDR_EL0] = a.tls }
    child.process = a.has(CloneFlags.THREAD) ? state.tasks[parent].process : addProcess(id, a)
    let slot = addTask(child)
    if el1.traces(.taskCreated) {
      let flags = a.flags | UInt64(UInt32(bitPattern: a.exitSignal))
      el1.record(.taskCreated, UInt64(id.rawValue), flags, UInt64(state[child.process].id.rawValue))
    }
    return slot
  }

  /// Makes a process for a new task. Linux: copy_signal(), copy_sighand().
  private func addProcess(_ id: TaskID, _ a: CloneArguments) -> ProcessSlot {
    let creator = state.currentProcess
    let parent = a.has(CloneFlags.PARENT) ? state[creator].parent : creator
    let handlers: HandlersID
    if a.has(CloneFlags.SIGHAND) {
      handlers = state[creator].handlers
      state.handlers[handlers].users += 1
    } else {
      handlers = addHandlers(state.handlers[state[creator].handlers].actions)
      if a.has(CloneFlags.CLEAR_SIGHAND) { resetHandlers(handlers) }
    }
    var process = Process(id: id, parent: parent, group: state[creator].group, session: state[creator].session, handlers: handlers)
    process.limits = state[creator].limits
    process.executable = state[creator].executable
    process.arguments = state[creator].arguments
    process.scoreAdjustment = state[creator].scoreAdjustment
    process.auxiliary = state[creator].auxiliary
    process.environment = state[creator].environment
    process.exitSignal = a.has(CloneFlags.PARENT) ? state[creator].exitSignal : a.exitSignal
    let slot = state.add(process)
    if let parent { state[parent].children.append(slot) }
    return slot
  }
}
