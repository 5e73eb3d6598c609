// Owns the operations of futexes with priority inheritance: what they do with the word in user memory. It does not know how waiters are
// ordered. Linux: kernel/futex/pi.c.
import Architecture
import LinuxMM

/// The fields of the word of a lock.
enum FutexWord {
  static let waiters: UInt32 = 0x8000_0000, ownerDied: UInt32 = 0x4000_0000, owner: UInt32 = 0x3fff_ffff
}

extension Futexes {
  /// FUTEX_LOCK_PI, FUTEX_LOCK_PI2, and with `tries` FUTEX_TRYLOCK_PI. Linux: futex_lock_pi().
  func futexLock(
    _ el1: EL1Interface, _ address: UInt64, isPrivate: Bool, _ deadline: UInt64?, tries: Bool
  ) throws(Errno) -> SystemCallResult {
    let slot = state.current
    let key = try futexKey(el1, address, isPrivate: isPrivate, isWritten: true)
    if case .acquired = try attempt(el1, address, key, for: slot, marksWaiters: false) { return .done(0) }
    if takes(slot, key) {
      try write(el1, address, keeping: FutexWord.ownerDied, FutexWord.waiters | id(slot))
      dropIfUnused(key)
      return .done(0)
    }
    defer { dropIfUnused(key) }
    if tries { throw .EAGAIN }
    try wait(slot, for: key)
    let wait = FutexLockWait(key: key, address: address, deadline: deadline, priority: ownRank(slot))
    return .sleep(on: .futex(key), until: deadline, then: .futexLock(wait))
  }

  /// Takes a free lock for a task, or makes the kernel's half of it. The errors are those that follow from the word and from the kernel's
  /// half. Linux: futex_lock_pi_atomic().
  func attempt(
    _ el1: EL1Interface, _ address: UInt64, _ key: FutexKey, for slot: TaskSlot, marksWaiters: Bool
  ) throws(Errno) -> LockAttempt {
    let word = try read(el1, address)
    let named = word & FutexWord.owner
    if named == id(slot) { throw .EDEADLK }
    if let first = queue(key).first {
      guard case .futexLock = state.tasks[first].resumption else { throw .EINVAL }
    }
    if let lock = state.locks[key] {
      let isLeft = named == 0 && word & FutexWord.ownerDied != 0
      if !isLeft && lock.owner.map({ id($0) }) != named { throw .EINVAL }
      return .mustWait
    }
    if named == 0 {
      try write(el1, address, keeping: FutexWord.ownerDied, (marksWaiters ? FutexWord.waiters : 0) | id(slot))
      return .acquired
    }
    try write(el1, address, keeping: ~0, FutexWord.waiters)
    guard let owner = state.slot(of: TaskID(Int32(named))), state.tasks[owner].run != .dead else { throw .ESRCH }
    if profile.checksLockOwners && key.kind == .ofProcess && state.tasks[owner].mm != key.space { throw .EPERM }
    attach(key, owner: owner)
    return .mustWait
  }

  /// FUTEX_UNLOCK_PI. Linux: futex_unlock_pi().
  func futexUnlock(_ el1: EL1Interface, _ address: UInt64, isPrivate: Bool) throws(Errno) -> SystemCallResult {
    let slot = state.current
    if try user(el1).get(address, as: UInt32.self) & FutexWord.owner != id(slot) { throw .EPERM }
    let key = try futexKey(el1, address, isPrivate: isPrivate, isWritten: true)
    guard let first = queue(key).first else {
      try write(el1, address, keeping: 0, 0)
      return .done(0)
    }
    guard case .futexLock = state.tasks[first].resumption, let lock = state.locks[key], lock.owner == slot, let next = lock.waiters.first
    else {
      throw .EINVAL
    }
    try write(el1, address, keeping: 0, FutexWord.waiters | id(next))
    handOver(key)
    return .done(0)
  }

  // MARK: The end of a wait

  /// Ends the sleep of the running task, or lets it go on. Nil: it sleeps on. Linux: fixup_pi_owner().
  func resumeLock(_ el1: EL1Interface, _ wait: FutexLockWait) -> UInt64? {
    let slot = state.current
    if wait.isGranted {
      state.locks[wait.key]?.isHandedOver = false
      defer { dropIfUnused(wait.key) }
      guard let bits = wait.unwritten else { return 0 }
      do throws(Errno) {
        try write(el1, wait.address, keeping: FutexWord.ownerDied, bits | id(slot))
        return 0
      } catch { return 0 &- UInt64(error.rawValue) }
    }
    guard state.tasks[slot].hasTimedOut else { return nil }
    stopsWaiting(slot)
    return 0 &- UInt64(Errno.ETIMEDOUT.rawValue)
  }

  // MARK: The word

  func id(_ slot: TaskSlot) -> UInt32 { UInt32(bitPattern: state.tasks[slot].id.rawValue) }

  /// Reads a word without a fault, or else makes its page writable first. Linux: futex_get_value_locked(), fault_in_user_writeable().
  private func read(_ el1: EL1Interface, _ address: UInt64) throws(Errno) -> UInt32 {
    if let page = el1.unprivilegedTranslate(VirtualAddress(address), write: false) { return el1.load(page, as: UInt32.self) }
    guard let page = user(el1).page(address, write: true) else { throw .EFAULT }
    return el1.load(page, as: UInt32.self)
  }

  /// Sets bits of a word and keeps others. Linux: futex_cmpxchg_value_locked(), fault_in_user_writeable().
  private func write(_ el1: EL1Interface, _ address: UInt64, keeping mask: UInt32, _ bits: UInt32) throws(Errno) {
    guard let page = user(el1).page(address, write: true) else { throw .EFAULT }
    el1.store(page, el1.load(page, as: UInt32.self) & mask | bits)
  }
}
