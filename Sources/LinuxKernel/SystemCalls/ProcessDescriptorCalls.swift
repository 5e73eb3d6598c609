// Owns descriptors of processes, and process_madvise, which advises about another process's memory. It does not know the effect of the
// advice: LinuxMM does. Linux: kernel/pid.c, mm/madvise.c process_madvise().
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

  /// Returns the number of bytes in the ranges that were advised, or throws the error of the first range. Linux: process_madvise(),
  /// vector_madvise().
  func processMadvise(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.unsigned(4) != 0 { throw .EINVAL }
    let ranges = try vectors(el1, a)
    let open = state.open[try files.openFile(a.int(0))]
    guard case .inode(let id) = open.path.node, case .process(let pid) = state.inodes[id].kind else { throw .EBADF }
    guard let slot = tasks.slot(of: pid) else { throw .ESRCH }
    let target = tasks[slot].mm
    let advice = UInt64(a.unsigned(3))
    if !mm.mayAdviseProcess(advice, isOwn: target == tasks.currentMM) { throw .EINVAL }
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
}
