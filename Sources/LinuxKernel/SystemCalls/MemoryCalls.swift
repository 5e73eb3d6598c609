// Owns the memory system calls' registers: which argument is what.
// It does not know what they do: LinuxMM does.
import Architecture
import LinuxMM

extension Kernel {
  var currentMM: MMID { state.tasks[state.current].mm }
  /// The process's id: what signals that it sends say of it.
  var currentID: UInt64 { UInt64(state[state.currentProcess].id.rawValue) }
  private var task: TaskID { state.tasks[state.current].id }

  /// User addresses in these calls may carry a tag, except where a new address is chosen. Linux: untagged_addr.
  private func untagged(_ address: UInt64) -> UInt64 { VirtualAddress(address).untagged.rawValue }

  func mmap(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[5] & 0xfff != 0 { throw .EINVAL }
    // The descriptor is looked at first, also where nothing can come of the rest.
    var flags = a[3]
    var file: MappedFile?
    if flags & MapFlags.ANONYMOUS == 0 {
      file = try mappedFile(a)
      if file == nil { flags |= MapFlags.ANONYMOUS }
    }
    return .done(
      try mm.mmap(
        el1, currentMM, task: task, address: a[0], length: a[1], protection: a[2], flags: flags, file: file))
  }
  func munmap(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try mm.munmap(el1, currentMM, address: untagged(a[0]), length: a[1])
    return .done(0)
  }
  func mprotect(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try mm.mprotect(el1, currentMM, address: untagged(a[0]), length: a[1], protection: a[2])
    return .done(0)
  }
  func mremap(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    .done(
      try mm.mremap(
        el1, currentMM, task: task, address: untagged(a[0]), oldLength: a[1], newLength: a[2], flags: a[3], newAddress: a[4]))
  }
  func madvise(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try mm.madvise(
      el1, currentMM, task: task, address: untagged(a[0]), length: a[1], advice: UInt64(UInt32(truncatingIfNeeded: a[2])))
    return .done(0)
  }
}
