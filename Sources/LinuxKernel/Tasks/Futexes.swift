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
}

/// FUTEX_*.
private enum FutexOperation {
  static let WAIT: Int32 = 0, WAKE: Int32 = 1, REQUEUE: Int32 = 3, CMP_REQUEUE: Int32 = 4, WAKE_OP: Int32 = 5
  static let WAIT_BITSET: Int32 = 9, WAKE_BITSET: Int32 = 10
  static let privateFlag: Int32 = 0x80, clockRealtime: Int32 = 0x100
}

extension Futexes {
  /// futex(address, operation, value, timeout or second value, second address, third value). Throws ENOSYS for operations that are not
  /// modelled, such as those with priority inheritance. Linux: do_futex().
  func futex(_ el1: EL1Interface, _ a: SystemCallArguments) throws(Errno) -> SystemCallResult {
    let command = a.int(1) & ~(FutexOperation.privateFlag | FutexOperation.clockRealtime)
    let isPrivate = a.int(1) & FutexOperation.privateFlag != 0
    let isWait = command == FutexOperation.WAIT || command == FutexOperation.WAIT_BITSET
    // The time is relative for FUTEX_WAIT and absolute for FUTEX_WAIT_BITSET.
    var deadline: UInt64?
    if isWait && a[3] != 0 {
      let time = try user(el1).duration(a[3])
      deadline = command == FutexOperation.WAIT ? GuestTime.later(now, by: time) : time
    }
    if a.int(1) & FutexOperation.clockRealtime != 0 && command != FutexOperation.WAIT_BITSET { throw .ENOSYS }
    switch command {
    case FutexOperation.WAIT: return try futexWait(el1, a, isPrivate, deadline, bits: ~0)
    case FutexOperation.WAIT_BITSET: return try futexWait(el1, a, isPrivate, deadline, bits: a.unsigned(5))
    case FutexOperation.WAKE: return .done(UInt64(try futexWake(el1, a[0], isPrivate: isPrivate, count: Int(a.int(2)))))
    case FutexOperation.WAKE_BITSET:
      return .done(UInt64(try futexWake(el1, a[0], isPrivate: isPrivate, count: Int(a.int(2)), bits: a.unsigned(5))))
    case FutexOperation.REQUEUE: return try futexRequeue(el1, a, isPrivate, compares: false)
    case FutexOperation.CMP_REQUEUE: return try futexRequeue(el1, a, isPrivate, compares: true)
    case FutexOperation.WAKE_OP: return try futexWakeOperation(el1, a, isPrivate)
    default: throw .ENOSYS
    }
  }

  /// Linux: futex_wait_setup(), __futex_wait().
  private func futexWait(
    _ el1: EL1Interface, _ a: SystemCallArguments, _ isPrivate: Bool, _ deadline: UInt64?, bits: UInt32
  ) throws(Errno) -> SystemCallResult {
    if bits == 0 { throw .EINVAL }
    let key = try futexKey(el1, a[0], isPrivate: isPrivate)
    if try user(el1).get(a[0], as: UInt32.self) != a.unsigned(2) { throw .EAGAIN }
    return .sleep(on: .futex(key), until: deadline, then: .futex(FutexWait(key: key, bits: bits, deadline: deadline)))
  }

  /// Wakes tasks that wait with at least one of the bits, and returns their number. It wakes at least one task, even if `count` is 0.
  /// Linux: futex_wake().
  func futexWake(
    _ el1: EL1Interface, _ address: UInt64, isPrivate: Bool, count: Int, bits: UInt32 = ~0
  ) throws(Errno) -> Int {
    if bits == 0 { throw .EINVAL }
    return wake(try futexKey(el1, address, isPrivate: isPrivate), count, bits)
  }

  private func wake(_ key: FutexKey, _ count: Int, _ bits: UInt32) -> Int {
    var woken = 0
    for slot in sleepers(on: key) {
      switch state.tasks[slot].resumption {
      case .futex(let wait): if wait.bits & bits == 0 { continue }
      case .futexes(var wait):
        wait.woken = wait.keys.lastIndex(of: key)
        state.tasks[slot].resumption = .futexes(wait)
      default: continue
      }
      state.tasks[slot].wasWoken = true
      scheduler.wakeUp(slot)
      woken += 1
      if woken >= count { break }
    }
    return woken
  }

  /// The tasks that wait on a futex, alone or as one of several, the longest waiting first.
  private func sleepers(on key: FutexKey) -> [TaskSlot] {
    let alone = scheduler.sleepers(on: .futex(key))
    let vectors = scheduler.sleepers(on: .futexes([key]))
    if vectors.isEmpty { return alone }
    return (alone + vectors).sorted { state.tasks[$0].sleepSequence < state.tasks[$1].sleepSequence }
  }

  /// Wakes some tasks and moves others to a second futex. Linux: futex_requeue().
  private func futexRequeue(
    _ el1: EL1Interface, _ a: SystemCallArguments, _ isPrivate: Bool, compares: Bool
  ) throws(Errno) -> SystemCallResult {
    let (wakes, moves) = (Int(a.int(2)), Int(a.int(3)))
    if wakes < 0 || moves < 0 { throw .EINVAL }
    let source = try futexKey(el1, a[0], isPrivate: isPrivate)
    let target = try futexKey(el1, a[4], isPrivate: isPrivate)
    if compares, try user(el1).get(a[0], as: UInt32.self) != a.unsigned(5) { throw .EAGAIN }
    var done = 0
    for slot in scheduler.sleepers(on: .futex(source)) {
      if done - wakes >= moves { break }
      done += 1
      if done <= wakes {
        state.tasks[slot].wasWoken = true
        scheduler.wakeUp(slot)
      } else if case .futex(var wait) = state.tasks[slot].resumption {
        wait.key = target
        state.sleepSequence &+= 1
        state.setChannel(of: slot, .futex(target))
        state.tasks[slot].resumption = .futex(wait)
        state.tasks[slot].sleepSequence = state.sleepSequence
      }
    }
    return .done(UInt64(done))
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
    var woken = wake(first, Int(a.int(2)), ~0)
    if holds { woken += wake(second, Int(a.int(3)), ~0) }
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
