// Owns the arguments of the memory system calls. It does not know the effect of the calls: LinuxMM does.
import Architecture
import LinuxMM

extension MemoryCalls {
  // The slot is read first: `tasks.currentTask` would copy the whole value, see TaskState.
  private var currentMM: MMID {
    let slot = tasks.current
    return tasks[slot].mm
  }
  private var task: TaskID {
    let slot = tasks.current
    return tasks[slot].id
  }

  /// Removes the tag from an address. User addresses in these calls may carry a tag, except for a new address that the caller chooses.
  /// Linux: untagged_addr.
  private func untagged(_ address: UInt64) -> UInt64 { VirtualAddress(address).untagged.rawValue }

  func mmap(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[5] & 0xfff != 0 { throw .EINVAL }
    // The descriptor is checked first, even if the other arguments are wrong.
    let file = a[3] & MapFlags.ANONYMOUS == 0 ? try fileCalls.mappedFile(a) : nil
    let start = try mm.mmap(
      el1, currentMM, task: task, MapRequest(address: a[0], length: a[1], protection: extended(a[2]), flags: a[3], file: file))
    if el1.traces(.mapping) { record(el1, .mapped, start, a[1], a[2]) }
    return .done(start)
  }
  func brk(_ el1: EL1Interface, _ end: UInt64) -> SystemCallResult {
    let before = mm[currentMM].brk
    let after = mm.brk(el1, currentMM, task: task, end)
    if after != before && el1.traces(.mapping) {
      record(el1, after > before ? .mapped : .unmapped, min(before, after), max(before, after) - min(before, after), 3)
    }
    return .done(after)
  }
  func munmap(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try mm.munmap(el1, currentMM, address: untagged(a[0]), length: a[1])
    if el1.traces(.mapping) { record(el1, .unmapped, untagged(a[0]), a[1], 0) }
    return .done(0)
  }
  func mprotect(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try mm.mprotect(el1, currentMM, task: task, address: untagged(a[0]), length: a[1], protection: extended(a[2]))
    if el1.traces(.mapping) { record(el1, .protected, untagged(a[0]), a[1], a[2]) }
    return .done(0)
  }

  /// Records a change of the caller's mappings. The kernel has rounded the range to whole pages.
  private func record(_ el1: EL1Interface, _ change: MappingChange, _ start: UInt64, _ length: UInt64, _ protection: UInt64) {
    let (first, end) = (start & ~0xfff, (start &+ length &+ 0xfff) & ~0xfff)
    el1.record(.mapping, detail: change.rawValue, first, end, UInt64(currentMM.rawValue) << 8 | protection & 7)
  }
  /// Without permission overlays (FEAT_S1POE) the only key is 0, and -1 means no key. Linux: mm_pkey_is_allocated().
  func pkeyMprotect(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let allocated = a.int(3) == -1 || a.int(3) == 0
    try mm.mprotect(
      el1, currentMM, task: task, address: untagged(a[0]), length: a[1], protection: a[2], isKeyAllocated: allocated)
    if el1.traces(.mapping) { record(el1, .protected, untagged(a[0]), a[1], a[2]) }
    return .done(0)
  }
  func mremap(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let start = try mm.mremap(
      el1, currentMM, task: task,
      RemapRequest(address: untagged(a[0]), oldLength: a[1], newLength: a[2], flags: a[3], newAddress: a[4]))
    if el1.traces(.mapping) {
      let rights = mm.vma(currentMM, containing: start)?.flags.rawValue ?? 0
      record(el1, .movedAway, untagged(a[0]), a[1], 0)
      record(el1, .movedHere, start, a[2], rights)
    }
    return .done(start)
  }
  func remapFilePages(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try mm.remapFilePages(
      el1, currentMM, task: task, address: a[0], length: a[1], protection: a[2], page: a[3], flags: a[4])
    return .done(0)
  }
  func mseal(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try mm.mseal(el1, currentMM, address: untagged(a[0]), length: a[1], flags: a[2])
    return .done(0)
  }
  func membarrier(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    .done(try mm.membarrier(currentMM, command: a.int(0), flags: a.unsigned(1)))
  }
  func msync(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try mm.msync(el1, currentMM, address: untagged(a[0]), length: a[1], flags: UInt64(UInt32(truncatingIfNeeded: a[2])))
    return .done(0)
  }
  func madvise(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    defer { signals.tellOfFailure(mm.takeFailedAddress()) }
    try mm.madvise(
      el1, currentMM, task: task, address: untagged(a[0]), length: a[1], advice: UInt64(UInt32(truncatingIfNeeded: a[2])))
    return .done(0)
  }

  // MARK: Locking and residency

  func mlock(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try mm.mlock(el1, currentMM, task: task, address: untagged(a[0]), length: a[1], onFault: false)
    return .done(0)
  }
  func mlock2(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    // MLOCK_ONFAULT.
    if a.unsigned(2) & ~1 != 0 { throw .EINVAL }
    try mm.mlock(el1, currentMM, task: task, address: untagged(a[0]), length: a[1], onFault: a.unsigned(2) == 1)
    return .done(0)
  }
  func munlock(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try mm.munlock(el1, currentMM, task: task, address: untagged(a[0]), length: a[1])
    return .done(0)
  }
  func mlockall(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    try mm.mlockall(el1, currentMM, task: task, flags: UInt64(a.unsigned(0)))
    return .done(0)
  }
  func munlockall(_ el1: EL1Interface) -> SystemCallResult {
    mm.munlockall(el1, currentMM)
    return .done(0)
  }

  /// mincore: fills the result page by page, so that the pages before a hole are answered. Linux: mm/mincore.c mincore().
  func mincore(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    var start = untagged(a[0])
    if start & 0xfff != 0 { throw .EINVAL }
    if start > Layout48.taskSize || a[1] > Layout48.taskSize - start { throw .ENOMEM }
    var pages = (a[1] + 0xfff) >> 12
    var vector = a[2]
    try user(el1).check(vector, pages)
    while pages > 0 {
      let answer = try mm.mincore(el1, currentMM, start: start, count: Int(min(pages, 4096)))
      try user(el1).put(vector, answer)
      pages -= UInt64(answer.count)
      vector += UInt64(answer.count)
      start += UInt64(answer.count) << 12
    }
    return .done(0)
  }
}
