// Owns futexes: the operations, the waiting tasks, and how many of them are woken or moved. It does not know sleeping and waking beyond
// their calls. Linux: kernel/futex.
import Architecture
import LinuxMM

/// The identity of a futex. Two addresses have equal keys if they mean the same word of memory. Linux: union futex_key.
struct FutexKey: Hashable, Sendable {
  enum Kind: UInt8, Sendable {
    /// The futex is identified by address space and address, because the call had FUTEX_PRIVATE_FLAG.
    case ofProcess
    /// The futex is in private memory, and the call did not have the flag. Calls with the flag use a different key.
    case ofSpace
    /// As `ofProcess`, but a word behind the futex names the node whose queues hold it, so calls without that flag do not find it.
    case ofNode
    /// The futex is in shared memory and is identified by its physical address.
    case shared
  }
  var kind: Kind
  /// The address space; nil for shared memory.
  var space: MMID?
  var address: UInt64
}

/// A sleep on a futex.
struct FutexWait: Hashable, Sendable {
  var key: FutexKey
  /// The bits of the wait. A wake whose bits have none in common with them does not end the wait.
  var bits: UInt32
  /// The end of the wait in guest nanoseconds; nil if it has no end.
  var deadline: UInt64?
  /// The place in the queue: the priority of real time when the wait began, or 0.
  var priority: Int32
  /// How the call goes on after a signal.
  var restart: Restart
}

/// FUTEX_*.
private enum FutexOperation {
  static let WAIT: Int32 = 0, WAKE: Int32 = 1, REQUEUE: Int32 = 3, CMP_REQUEUE: Int32 = 4, WAKE_OP: Int32 = 5, LOCK_PI: Int32 = 6
  static let UNLOCK_PI: Int32 = 7, TRYLOCK_PI: Int32 = 8, WAIT_BITSET: Int32 = 9, WAKE_BITSET: Int32 = 10, WAIT_REQUEUE_PI: Int32 = 11
  static let CMP_REQUEUE_PI: Int32 = 12, LOCK_PI2: Int32 = 13
  static let privateFlag: Int32 = 0x80, clockRealtime: Int32 = 0x100, robustUnlock: Int32 = 0x200, list32: Int32 = 0x400
}

extension Futexes {
  /// futex(address, operation, value, timeout or second value, second address, third value). The time is checked first, then the clock,
  /// then the operation. Linux: sys_futex(), do_futex().
  func futex(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    var flags = FutexOperation.privateFlag | FutexOperation.clockRealtime
    if profile.hasRobustUnlock { flags |= FutexOperation.robustUnlock | FutexOperation.list32 }
    let command = a.int(1) & ~flags
    let isPrivate = a.int(1) & FutexOperation.privateFlag != 0
    // The time is relative for FUTEX_WAIT and absolute for the others.
    var deadline: UInt64?
    let timed = [
      FutexOperation.WAIT, FutexOperation.WAIT_BITSET, FutexOperation.LOCK_PI, FutexOperation.LOCK_PI2, FutexOperation.WAIT_REQUEUE_PI,
    ]
    if timed.contains(command) && a[3] != 0 {
      let time = try user(el1).duration(a[3])
      deadline = command == FutexOperation.WAIT ? GuestTime.later(now, by: time) : time
    }
    let clocked = [FutexOperation.WAIT_BITSET, FutexOperation.WAIT_REQUEUE_PI, FutexOperation.LOCK_PI2]
    if a.int(1) & FutexOperation.clockRealtime != 0 && !clocked.contains(command) { throw .ENOSYS }
    let unlocks = profile.hasRobustUnlock && a.int(1) & FutexOperation.robustUnlock != 0
    if unlocks && ![FutexOperation.WAKE, FutexOperation.WAKE_BITSET, FutexOperation.UNLOCK_PI].contains(command) { throw .ENOSYS }
    switch command {
    case FutexOperation.WAIT: return try futexWait(el1, a[0], isPrivate: isPrivate, value: a.unsigned(2), deadline)
    case FutexOperation.WAIT_BITSET:
      return try futexWait(el1, a[0], isPrivate: isPrivate, value: a.unsigned(2), deadline, bits: a.unsigned(5))
    case FutexOperation.WAKE, FutexOperation.WAKE_BITSET:
      let bits = command == FutexOperation.WAKE ? ~0 : a.unsigned(5)
      if bits == 0 { throw .EINVAL }
      let key = try futexKey(el1, a[0], isPrivate: isPrivate)
      if unlocks {
        try user(el1).put(a[0], 0 as UInt32)
        try clearPending(el1, a)
      }
      return .done(UInt64(try wake(key, Int(a.int(2)), bits)))
    case FutexOperation.REQUEUE: return try futexRequeue(el1, a, isPrivate, compares: false)
    case FutexOperation.CMP_REQUEUE: return try futexRequeue(el1, a, isPrivate, compares: true)
    case FutexOperation.WAKE_OP: return try futexWakeOperation(el1, a, isPrivate)
    case FutexOperation.LOCK_PI, FutexOperation.LOCK_PI2:
      return try futexLock(el1, a[0], isPrivate: isPrivate, deadline, tries: false)
    case FutexOperation.TRYLOCK_PI: return try futexLock(el1, a[0], isPrivate: isPrivate, nil, tries: true)
    case FutexOperation.UNLOCK_PI:
      let result = try futexUnlock(el1, a[0], isPrivate: isPrivate)
      if unlocks { try clearPending(el1, a) }
      return result
    case FutexOperation.WAIT_REQUEUE_PI: return try futexWaitToMove(el1, a, isPrivate, deadline)
    case FutexOperation.CMP_REQUEUE_PI: return try futexMoveToLock(el1, a, isPrivate)
    default: throw .ENOSYS
    }
  }

  /// Clears the entry of a robust list that an unlock names by its second address, of 8 bytes or 4.
  private func clearPending(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) {
    if a.int(1) & FutexOperation.list32 != 0 { try user(el1).put(a[4], 0 as UInt32) } else { try user(el1).put(a[4], 0 as UInt64) }
  }

  /// Linux: futex_wait_setup(), __futex_wait().
  func futexWait(
    _ el1: EL1Interface, _ address: UInt64, isPrivate: Bool, value: UInt32, _ deadline: UInt64?, bits: UInt32 = ~0, restart: Restart? = nil
  ) throws(Errno) -> SystemCallResult {
    if bits == 0 { throw .EINVAL }
    let key = try futexKey(el1, address, isPrivate: isPrivate)
    return try futexWait(el1, on: key, at: address, value: value, deadline, bits: bits, restart: restart)
  }

  func futexWait(
    _ el1: EL1Interface, on key: FutexKey, at address: UInt64, value: UInt32, _ deadline: UInt64?, bits: UInt32, restart: Restart?
  ) throws(Errno) -> SystemCallResult {
    if try user(el1).get(address, as: UInt32.self) != value { throw .EAGAIN }
    let wait = FutexWait(
      key: key, bits: bits, deadline: deadline, priority: ownRank(state.current), restart: restart ?? (deadline == nil ? .system : .block))
    return .sleep(on: .futex(key), until: deadline, then: .futex(wait))
  }

  /// Wakes tasks that wait with at least one of the bits, and returns their number. It wakes at least one task, even if `count` is 0.
  /// Linux: futex_wake().
  func futexWake(
    _ el1: EL1Interface, _ address: UInt64, isPrivate: Bool, count: Int, bits: UInt32 = ~0
  ) throws(Errno) -> Int {
    if bits == 0 { throw .EINVAL }
    return try wake(try futexKey(el1, address, isPrivate: isPrivate), count, bits)
  }

  /// A task that waits for a lock, or to be moved to one, is not woken: EINVAL.
  func wake(_ key: FutexKey, _ count: Int, _ bits: UInt32) throws(Errno) -> Int {
    var woken = 0
    for slot in queue(key) {
      switch state.tasks[slot].resumption {
      case .futex(let wait): if wait.bits & bits == 0 { continue }
      case .futexes(var wait):
        wait.woken = wait.keys.lastIndex(of: key)
        state.tasks[slot].resumption = .futexes(wait)
      case .futexLock, .futexRequeue: throw .EINVAL
      default: continue
      }
      state.tasks[slot].wasWoken = true
      scheduler.wakeUp(slot)
      woken += 1
      if woken >= count { break }
    }
    return woken
  }

  /// The tasks that wait on a futex, alone or as one of several, for a lock or to be moved: those of real time first, by the priority that they had when they began to wait, then
  /// the longest waiting first. Linux: struct futex_hash_bucket.chain.
  func queue(_ key: FutexKey) -> [TaskSlot] {
    let found = scheduler.sleepers(on: .futex(key)) + scheduler.sleepers(on: .futexes([key]))
    if found.count < 2 { return found }
    func place(_ slot: TaskSlot) -> (Int32, UInt64) {
      let priority: Int32 =
        switch state.tasks[slot].resumption {
        case .futex(let wait): wait.priority
        case .futexes(let wait): wait.priority
        case .futexLock(let wait): wait.priority
        case .futexRequeue(let wait): wait.priority
        default: 0
        }
      return (-priority, state.tasks[slot].sleepSequence)
    }
    return found.sorted { place($0) < place($1) }
  }

  private func futexRequeue(
    _ el1: EL1Interface, _ a: SystemCallArguments, _ isPrivate: Bool, compares: Bool
  ) throws(Errno) -> SystemCallResult {
    if a.int(2) < 0 || a.int(3) < 0 { throw .EINVAL }
    let source = try futexKey(el1, a[0], isPrivate: isPrivate)
    let target = try futexKey(el1, a[4], isPrivate: isPrivate)
    return try futexRequeue(
      el1, source, at: a[0], to: target, wakes: Int(a.int(2)), moves: Int(a.int(3)), expected: compares ? a.unsigned(5) : nil)
  }

  /// Changes the second word, wakes tasks on the first futex, and also on the second if the comparison of its old value holds. Linux:
  /// futex_wake_op().
  private func futexWakeOperation(_ el1: EL1Interface, _ a: SystemCallArguments, _ isPrivate: Bool) throws(Errno) -> SystemCallResult {
    let first = try futexKey(el1, a[0], isPrivate: isPrivate)
    let second = try futexKey(el1, a[4], isPrivate: isPrivate, isWritten: true)
    let code = Int32(bitPattern: a.unsigned(5))
    // The fields from bit 31 down: a flag for a shift, the operation, the comparison, two signed numbers of twelve bits.
    var operand = (code &<< 8) &>> 20
    let comparand = (code &<< 20) &>> 20
    if code < 0 { operand = 1 &<< (operand & 31) }
    // An unknown operation does not access memory. Linux: arch_futex_atomic_op_inuser().
    let operation = code &>> 28 & 7
    if operation > 4 { throw .ENOSYS }
    guard let page = user(el1).page(a[4], write: true) else { throw .EFAULT }
    let old = el1.load(page, as: Int32.self)
    let new: Int32
    switch operation {
    case 0: new = operand
    case 1: new = old &+ operand
    case 2: new = old | operand
    case 3: new = old & ~operand
    default: new = old ^ operand
    }
    el1.store(page, new)
    let holds: Bool
    switch code &>> 24 & 15 {
    case 0: holds = old == comparand
    case 1: holds = old != comparand
    case 2: holds = old < comparand
    case 3: holds = old >= comparand
    case 4: holds = old <= comparand
    case 5: holds = old > comparand
    default: throw .ENOSYS
    }
    var woken = try wake(first, Int(a.int(2)), ~0)
    if holds { woken += try wake(second, Int(a.int(3)), ~0) }
    return .done(UInt64(woken))
  }

  /// The key of the futex at an address. If it is not private, its page must be writable, or at least readable if it belongs to a shared
  /// mapping and the operation does not write. Linux: get_futex_key().
  func futexKey(_ el1: EL1Interface, _ address: UInt64, isPrivate: Bool, isWritten: Bool = false) throws(Errno) -> FutexKey {
    if address & 3 != 0 { throw .EINVAL }
    try user(el1).check(address, 4)
    let space = state.currentMM
    if isPrivate { return FutexKey(kind: .ofProcess, space: space, address: address) }
    let isShared = mm.vma(state.currentMM, containing: address)?.flags.contains(.SHARED) ?? false
    if let page = user(el1).page(address, write: true) {
      return isShared
        ? FutexKey(kind: .shared, space: nil, address: page.rawValue) : FutexKey(kind: .ofSpace, space: space, address: address)
    }
    // Read-only private memory never changes, so a wait would never end.
    guard !isWritten, isShared, let page = user(el1).page(address, write: false) else { throw .EFAULT }
    return FutexKey(kind: .shared, space: nil, address: page.rawValue)
  }
}
