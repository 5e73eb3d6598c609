// Owns descriptors of processes, and what may be done through one: signals, advice about its memory.
// It does not know what the advice does: LinuxMM does. Linux: kernel/pid.c, mm/madvise.c process_madvise().
import Architecture
import LinuxMM

extension FileCalls {
  /// The descriptor closes on exec, whatever the flags are. Linux: pidfd_open(), pidfd_prepare().
  func pidfdOpen(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    // PIDFD_THREAD has the value of O_EXCL.
    if a.unsigned(1) & ~(OpenFlags.NONBLOCK | OpenFlags.EXCL) != 0 || a.int(0) <= 0 { throw .EINVAL }
    let id = TaskID(a.int(0))
    guard let process = tasks.process(of: id) else { throw .ESRCH }
    if a.unsigned(1) & OpenFlags.EXCL == 0 && tasks[process].id != id { throw .EINVAL }
    let inode = files.makeInode(.process(id), permissions: 0o600, device: .processes)
    state.inodes[inode].links = 0
    let file = files.openDescription(
      Path(mount: .none, node: .inode(inode)), flags: OpenFlags.RDWR | a.unsigned(1) & OpenFlags.NONBLOCK)
    return .done(UInt64(try files.installDescriptor(el1, file, closesOnExec: true)))
  }

  /// pidfd_send_signal(pidfd, signal, info, flags). One flag at most says what is meant: PIDFD_SIGNAL_THREAD (1), its process (2),
  /// the group that has its id (4). Linux: kernel/signal.c.
  func pidfdSendSignal(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let (flags, signal) = (a.unsigned(3), a.int(1))
    if flags & ~7 != 0 || flags.nonzeroBitCount > 1 { throw .EINVAL }
    let id = try files.signalledProcess(a.int(0))
    var info = SignalInfo(signal: signal, code: flags == 1 ? SignalCode.SI_TKILL : SignalCode.SI_USER, address: tasks.callerID)
    if a[2] != 0 {
      let bytes = try user(el1).get(a[2], count: 128)
      if Int32(bitPattern: bytes.word32(0)) != signal { throw .EINVAL }
      let code = Int32(bitPattern: bytes.word32(8))
      let isOwn = id == tasks.currentTask.id && flags != 4
      if !isOwn && (code >= 0 || code == SignalCode.SI_TKILL) { throw .EPERM }
      info = SignalInfo(signal: signal, code: code, address: bytes.word64(16), value: bytes.word64(24))
    }
    let targets = flags == 4 ? tasks.members(ofGroup: id) : tasks.process(of: id).map { [$0] } ?? []
    if targets.isEmpty { throw .ESRCH }
    if signal < 0 || signal > Signal.count { throw .EINVAL }
    if signal == 0 { return .done(0) }
    if flags == 1 {
      guard let thread = tasks.slot(of: id) else { throw .ESRCH }
      try signals.send(info, toThread: thread)
    } else {
      for target in targets { try signals.send(info, to: target) }
    }
    return .done(0)
  }

  /// Linux: process_madvise(), vector_madvise(): the bytes of the ranges that were done, or the error of the first.
  func processMadvise(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.unsigned(4) != 0 { throw .EINVAL }
    let ranges = try vectors(el1, a)
    guard let slot = tasks.slot(of: try processOrSelf(a.int(0))) else { throw .ESRCH }
    let target = tasks[slot].mm
    let advice = UInt64(a.unsigned(3))
    if !mm.mayAdviseProcess(advice, isOwn: target == tasks.currentMM) { throw .EINVAL }
    defer { signals.tellOfFailure(mm.takeFailedAddress()) }
    var done: UInt64 = 0
    for range in ranges {
      do throws(Errno) {
        try mm.madvise(
          el1, target, task: tasks.currentTask.id, address: VirtualAddress(range.address).untagged.rawValue, length: range.count,
          advice: advice)
      } catch {
        if done == 0 { throw error }
        break
      }
      done += range.count
    }
    return .done(done)
  }

  /// The process that a descriptor names, or the caller for PIDFD_SELF_THREAD and PIDFD_SELF_THREAD_GROUP. Linux: pidfd_get_task().
  private func processOrSelf(_ descriptor: Int32) throws(Errno) -> TaskID {
    if profile.hasDescriptorsOfSelf && descriptor == -10000 { return tasks.currentTask.id }
    if profile.hasDescriptorsOfSelf && descriptor == -10001 { return tasks[tasks.currentProcess].id }
    return try files.processDescriptor(descriptor).process
  }
}

extension Files {
  /// The process that a descriptor names, which may be one of its directory in /proc. EBADF for every other descriptor. Linux:
  /// pidfd_to_pid(), tgid_pidfd_to_pid().
  func signalledProcess(_ descriptor: Int32) throws(Errno) -> TaskID {
    if case .synthetic(let node) = state.open[try openFile(descriptor)].path.node, let process = node.process,
      SyntheticTree.isDirectory(node), SyntheticTree.parent(node).process == nil
    {
      return process
    }
    return try processDescriptor(descriptor).process
  }

  /// The process that a descriptor names. EBADF for every other descriptor. Linux: pidfd_get_pid().
  func processDescriptor(_ descriptor: Int32) throws(Errno) -> (process: TaskID, isNonblocking: Bool) {
    let open = state.open[try openFile(descriptor)]
    guard case .inode(let id) = open.path.node, case .process(let process) = state.inodes[id].kind else { throw .EBADF }
    return (process, open.isNonblocking)
  }
}
