// Owns robust futexes: the list that a thread registers, and the changes to the futexes on it when the thread ends. It does not know futex
// wait queues. Linux: kernel/futex/core.c exit_robust_list().
import Architecture
import LinuxMM

extension RobustLists {
  private static var listLimit: Int { 2048 }
  private static var waiters: UInt32 { 0x8000_0000 }
  private static var ownerDied: UInt32 { 0x4000_0000 }
  private static var ownerMask: UInt32 { 0x3fff_ffff }

  func setRobustList(_ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    if a[1] != 24 { throw .EINVAL }
    currentTask.robustList = a[0]
    return .done(0)
  }

  /// get_robust_list(pid, head, length).
  func getRobustList(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    var slot = tasks.current
    if a.int(0) != 0 {
      guard let other = tasks.slot(of: TaskID(a.int(0))) else { throw .ESRCH }
      slot = other
    }
    try user(el1).put(a[2], 24 as UInt64)
    try user(el1).put(a[1], tasks[slot].robustList)
    return .done(0)
  }

  /// Marks every futex that the ending task owns on its list, and wakes one waiter of each. The program can store anything in the list, so
  /// the walk ends after a fixed number of entries and at the first word that cannot be read.
  func exitRobustList(_ el1: EL1Interface) {
    let head = currentTask.robustList
    currentTask.robustList = 0
    if head == 0 { return }
    do throws(Errno) {
      // struct robust_list_head has the first entry, the offset from an entry to its futex, and an entry that is being taken or released.
      // Bit 0 of an entry's address marks a futex with priority inheritance.
      var entry = try user(el1).get(head, as: UInt64.self)
      let offset = try user(el1).get(head &+ 8, as: UInt64.self)
      let pending = try user(el1).get(head &+ 16, as: UInt64.self)
      var left = Self.listLimit
      while entry & ~1 != head && left > 0 {
        let next = try? user(el1).get(entry & ~1, as: UInt64.self)
        if entry & ~1 != pending & ~1 { try handleFutexDeath(el1, (entry & ~1) &+ offset, isPending: false, entry & 1 != 0) }
        guard let next else { return }
        entry = next
        left -= 1
      }
      if pending & ~1 != 0 { try handleFutexDeath(el1, (pending & ~1) &+ offset, isPending: true, pending & 1 != 0) }
    } catch {}
  }

  private func handleFutexDeath(_ el1: EL1Interface, _ address: UInt64, isPending: Bool, _ hasInheritance: Bool) throws(Errno) {
    if address & 3 != 0 { throw .EINVAL }
    let value = try user(el1).get(address, as: UInt32.self)
    if isPending && !hasInheritance && value == 0 {
      // The futex was released, but perhaps its waiter was not woken.
      _ = try futexes.futexWake(el1, address, isPrivate: false, count: 1)
      return
    }
    if value & Self.ownerMask != UInt32(bitPattern: currentTask.id.rawValue) { return }
    try user(el1).put(address, value & Self.waiters | Self.ownerDied)
    if !hasInheritance && value & Self.waiters != 0 { _ = try futexes.futexWake(el1, address, isPrivate: false, count: 1) }
  }
}
