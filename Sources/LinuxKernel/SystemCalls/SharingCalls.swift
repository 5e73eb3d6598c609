// Owns calls that look into another process's kernel objects: whether two tasks share one (kcmp), and a descriptor of another process
// (pidfd_getfd). It does not know the objects. Linux: kernel/kcmp.c, kernel/pid.c.
import Architecture
import LinuxMM

/// KCMP_*.
private enum Comparison {
  static let FILE: Int32 = 0, VM: Int32 = 1, FILES: Int32 = 2, FS: Int32 = 3, SIGHAND: Int32 = 4, IO: Int32 = 5, SYSVSEM: Int32 = 6
  static let EPOLL_TFD: Int32 = 7
}

extension FileCalls {
  /// kcmp(first, second, type, first descriptor, second descriptor): 0 for the same object, else the order of the two, 1 or 2. Linux
  /// hides the order of its addresses; here it is that of the objects' numbers.
  func kcmp(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    guard let first = tasks.slot(of: TaskID(a.int(0))), let second = tasks.slot(of: TaskID(a.int(1))) else { throw .ESRCH }
    let (one, other) = (tasks[first], tasks[second])
    switch a.int(2) {
    case Comparison.FILE:
      return .done(Self.order(try file(of: first, a[3]).rawValue, try file(of: second, a[4]).rawValue))
    case Comparison.VM: return .done(Self.order(one.mm.rawValue, other.mm.rawValue))
    case Comparison.FILES: return .done(Self.order(one.files.rawValue, other.files.rawValue))
    case Comparison.FS: return .done(Self.order(one.fs.rawValue, other.fs.rawValue))
    case Comparison.SIGHAND:
      return .done(Self.order(tasks[one.process].handlers.rawValue, tasks[other.process].handlers.rawValue))
    // No task has an I/O context or a list of undo operations.
    case Comparison.IO, Comparison.SYSVSEM: return .done(0)
    // No descriptor is one of an epoll.
    case Comparison.EPOLL_TFD: throw .EBADF
    default: throw .EINVAL
    }
  }

  private static func order<Number: Comparable>(_ one: Number, _ other: Number) -> UInt64 { one == other ? 0 : one < other ? 1 : 2 }

  /// The open file behind another task's descriptor, which may be one of O_PATH. EBADF. Linux: fget_task().
  private func file(of task: TaskSlot, _ descriptor: UInt64) throws(Errno) -> OpenFileID {
    guard descriptor <= UInt64(Int32.max), let slot = state.tables[tasks[task].files][Int32(descriptor)] else { throw .EBADF }
    return slot.file
  }

  /// pidfd_getfd(pidfd, descriptor, flags): a new descriptor of the same open file, which closes on exec.
  func pidfdGetfd(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a.unsigned(2) != 0 { throw .EINVAL }
    guard let task = tasks.slot(of: try files.processDescriptor(a.int(0)).process) else { throw .ESRCH }
    let file = try file(of: task, UInt64(a.unsigned(1)))
    state.open[file].references += 1
    return .done(UInt64(try files.installDescriptor(el1, file, closesOnExec: true)))
  }
}
