// Owns the moving of waiters from one futex to another, plain ones and those that wait for a lock behind it. It does not know how they are
// woken there. Linux: kernel/futex/requeue.c.
import Architecture
import LinuxMM

/// A sleep on a futex until CMP_REQUEUE_PI moves it to a lock.
struct FutexRequeueWait: Hashable, Sendable {
  var key: FutexKey
  /// The lock, and its user address.
  var target: FutexKey
  var address: UInt64
  var deadline: UInt64?
  var priority: Int32
}

extension Futexes {
  /// Wakes some tasks and moves others to a second futex. `expected` is compared with the first word. Linux: futex_requeue().
  func futexRequeue(
    _ el1: EL1Interface, _ source: FutexKey, at address: UInt64, to target: FutexKey, wakes: Int, moves: Int, expected: UInt32?
  ) throws(Errno) -> SystemCallResult {
    if let expected, try user(el1).get(address, as: UInt32.self) != expected { throw .EAGAIN }
    var done = 0
    for slot in queue(source) {
      if done - wakes >= moves { break }
      guard case .futex(var wait) = state.tasks[slot].resumption else {
        // A wait on several futexes stays where it is.
        if case .futexes = state.tasks[slot].resumption { continue }
        throw .EINVAL
      }
      done += 1
      if done <= wakes {
        state.tasks[slot].wasWoken = true
        scheduler.wakeUp(slot)
      } else {
        wait.key = target
        state.tasks[slot].resumption = .futex(wait)
        move(slot, to: target)
      }
    }
    return .done(UInt64(done))
  }

  private func move(_ slot: TaskSlot, to target: FutexKey) {
    state.sleepSequence &+= 1
    state.setChannel(of: slot, .futex(target))
    state.tasks[slot].sleepSequence = state.sleepSequence
  }

  // MARK: Locks

  /// FUTEX_WAIT_REQUEUE_PI: sleeps on the first futex, and returns with the lock of the second one. Linux: futex_wait_requeue_pi().
  func futexWaitToMove(_ el1: EL1Interface, _ a: SystemCallArguments, _ isPrivate: Bool, _ deadline: UInt64?) throws(Errno)
    -> SystemCallResult
  {
    if a[0] == a[4] { throw .EINVAL }
    let target = try futexKey(el1, a[4], isPrivate: isPrivate, isWritten: true)
    let key = try futexKey(el1, a[0], isPrivate: isPrivate)
    if try user(el1).get(a[0], as: UInt32.self) != a.unsigned(2) { throw .EAGAIN }
    if key == target { throw .EINVAL }
    let wait = FutexRequeueWait(key: key, target: target, address: a[4], deadline: deadline, priority: ownRank(state.current))
    return .sleep(on: .futex(key), until: deadline, then: .futexRequeue(wait))
  }

  /// FUTEX_CMP_REQUEUE_PI: gives the lock to the first waiter if it is free, and lets others wait for it. Linux: futex_requeue() with
  /// requeue_pi, futex_proxy_trylock_atomic().
  func futexMoveToLock(_ el1: EL1Interface, _ a: SystemCallArguments, _ isPrivate: Bool) throws(Errno) -> SystemCallResult {
    let moves = Int(a.int(3))
    if a.int(2) < 0 || moves < 0 || a[0] == a[4] || a.int(2) != 1 { throw .EINVAL }
    let source = try futexKey(el1, a[0], isPrivate: isPrivate)
    let target = try futexKey(el1, a[4], isPrivate: isPrivate, isWritten: true)
    if source == target { throw .EINVAL }
    if try user(el1).get(a[0], as: UInt32.self) != a.unsigned(5) { throw .EAGAIN }
    guard let first = queue(source).first else { return .done(0) }
    let wait = try waiter(first, movesTo: target)
    var done = 0
    switch try attempt(el1, a[4], target, for: first, marksWaiters: moves > 0) {
    case .acquired:
      becomesLockWait(first, wait)
      grant(first)
      done = 1
      if moves > 0 { attach(target, owner: first) }
    case .mustWait: break
    }
    defer { dropIfUnused(target) }
    for slot in queue(source) {
      if done - 1 >= moves { break }
      let wait = try waiter(slot, movesTo: target)
      done += 1
      becomesLockWait(slot, wait)
      if takes(slot, target) {
        grant(slot, unwritten: FutexWord.waiters)
        continue
      }
      do throws(Errno) { try self.wait(slot, for: target) } catch {
        state.tasks[slot].resumption = .futexRequeue(wait)
        throw error
      }
      move(slot, to: target)
    }
    return .done(UInt64(done))
  }

  /// What a task waits for, which must be to be moved to this lock.
  private func waiter(_ slot: TaskSlot, movesTo target: FutexKey) throws(Errno) -> FutexRequeueWait {
    guard case .futexRequeue(let wait) = state.tasks[slot].resumption, wait.target == target else { throw .EINVAL }
    return wait
  }

  private func becomesLockWait(_ slot: TaskSlot, _ wait: FutexRequeueWait) {
    let lockWait = FutexLockWait(key: wait.target, address: wait.address, deadline: wait.deadline, priority: wait.priority, isMoved: true)
    state.tasks[slot].resumption = .futexLock(lockWait)
  }
}
