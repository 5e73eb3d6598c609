// Owns the kernel's half of futexes with priority inheritance: who owns a lock, who waits for it in which order, and the priorities that
// owners inherit. It does not know user memory. Linux: struct futex_pi_state, kernel/locking/rtmutex.c.
import Architecture
import LinuxMM

/// A lock that tasks wait for. The kernel knows a lock only as long as it has waiters; the word in user memory is the lock otherwise.
struct FutexLock: Hashable, Sendable {
  /// Nil once the owner has ended and no waiter has taken the lock yet.
  var owner: TaskSlot?
  /// Whether the owner was given the lock while it slept and has not run since. Until then a task of higher priority can take the lock.
  var isHandedOver = false
  /// The tasks that wait, the next owner first: by priority, and of one priority the longest waiting first.
  var waiters: [TaskSlot] = []
}

/// A sleep for a lock.
struct FutexLockWait: Hashable, Sendable {
  var key: FutexKey
  /// The user address of the word.
  var address: UInt64
  /// The end of the wait in guest nanoseconds; nil if it has no end.
  var deadline: UInt64?
  /// The place in the queue of the futex: the priority of real time when the wait began, or 0.
  var priority: Int32
  /// Whether CMP_REQUEUE_PI moved the task here, which lets a signal end the call.
  var isMoved = false
  /// Whether the task owns the lock when it runs again.
  var isGranted = false
  /// The bits that the task must write into the word beside its own id when it runs again with the lock; nil if its waker wrote them.
  var unwritten: UInt32?
}

/// Why a task cannot have a lock.
enum LockAttempt {
  case acquired
  /// The kernel's half of the lock exists.
  case mustWait
}

extension Futexes {
  /// The longest chain of owners that wait for owners. Linux: max_lock_depth.
  private static var deepestChain: Int { 1024 }

  // MARK: Priorities

  /// The priority of real time with which a task counts, inherited or its own; 0 without one. Linux: task_struct.prio, of which all
  /// values without real time are equal here.
  func rank(_ slot: TaskSlot) -> Int32 { max(ownRank(slot), state.tasks[slot].inheritedPriority) }

  /// Linux: task_struct.normal_prio.
  func ownRank(_ slot: TaskSlot) -> Int32 {
    let scheduling = state.tasks[slot].scheduling
    return SchedulingPolicy.isRealTime(scheduling.policy) ? scheduling.priority : 0
  }

  /// Makes the priorities right that follow from a task's own, which has changed. Linux: rt_mutex_adjust_pi().
  func rankChanged(_ slot: TaskSlot, from before: Int32) {
    if state.tasks[slot].awaitedLock != nil { propagate(from: slot, rankBefore: before) }
  }

  /// Makes a task's priority right, and those that follow from it, after a lock of the task's has changed. Linux:
  /// rt_mutex_adjust_prio_chain().
  func propagate(from slot: TaskSlot, rankBefore: Int32? = nil) {
    var (slot, rankBefore) = (slot, rankBefore)
    for _ in 0..<Self.deepestChain {
      let before = rankBefore ?? rank(slot)
      rankBefore = nil
      let best = state.tasks[slot].heldLocks.compactMap { state.locks[$0]?.waiters.first }.map { rank($0) }.max() ?? 0
      state.tasks[slot].inheritedPriority = best
      guard let key = state.tasks[slot].awaitedLock, var lock = state.locks[key] else { return }
      let isInPlace = rank(slot) == before
      if !isInPlace {
        lock.waiters.removeAll { $0 == slot }
        insert(slot, into: &lock)
        state.locks[key] = lock
      }
      guard let owner = lock.owner else { return }
      slot = owner
    }
  }

  private func insert(_ slot: TaskSlot, into lock: inout FutexLock) {
    let rank = rank(slot)
    lock.waiters.insert(slot, at: lock.waiters.firstIndex { self.rank($0) < rank } ?? lock.waiters.endIndex)
  }

  // MARK: Owning and waiting

  /// Makes the kernel's half of a lock that a task owns in user memory.
  func attach(_ key: FutexKey, owner: TaskSlot) {
    state.locks[key] = FutexLock(owner: owner)
    state.tasks[owner].heldLocks.append(key)
  }

  /// Forgets a lock that has no waiters.
  func dropIfUnused(_ key: FutexKey) {
    guard let lock = state.locks[key], lock.waiters.isEmpty, !lock.isHandedOver else { return }
    state.locks[key] = nil
    if let owner = lock.owner { state.tasks[owner].heldLocks.removeAll { $0 == key } }
  }

  /// Takes a lock whose owner has ended, or that was handed to a sleeping task of lower priority. Linux: try_to_take_rt_mutex(),
  /// rt_mutex_steal().
  func takes(_ slot: TaskSlot, _ key: FutexKey) -> Bool {
    guard var lock = state.locks[key] else { return false }
    if let owner = lock.owner {
      guard lock.isHandedOver, rank(slot) > rank(owner), case .futexLock(var wait) = state.tasks[owner].resumption else { return false }
      wait.isGranted = false
      state.tasks[owner].resumption = .futexLock(wait)
      state.tasks[owner].heldLocks.removeAll { $0 == key }
      state.tasks[owner].awaitedLock = key
      insert(owner, into: &lock)
    } else if let first = lock.waiters.first, rank(slot) <= rank(first) {
      return false
    }
    lock.owner = slot
    lock.isHandedOver = false
    state.locks[key] = lock
    state.tasks[slot].heldLocks.append(key)
    propagate(from: slot)
    return true
  }

  /// Lets a task wait for a lock. EDEADLK if the owner waits for a lock of the task's, directly or through others. Linux:
  /// task_blocks_on_rt_mutex().
  func wait(_ slot: TaskSlot, for key: FutexKey) throws(Errno) {
    guard var lock = state.locks[key] else { preconditionFailure("a task waits for a lock that the kernel does not know") }
    var next = lock.owner
    var depth = 0
    while let owner = next {
      depth += 1
      if owner == slot || depth > Self.deepestChain { throw .EDEADLK }
      next = state.tasks[owner].awaitedLock.flatMap { state.locks[$0]?.owner }
    }
    insert(slot, into: &lock)
    state.locks[key] = lock
    state.tasks[slot].awaitedLock = key
    if let owner = lock.owner { propagate(from: owner) }
  }

  /// Ends a task's wait for a lock without the lock.
  func stopsWaiting(_ slot: TaskSlot) {
    guard let key = state.tasks[slot].awaitedLock else { return }
    state.tasks[slot].awaitedLock = nil
    state.locks[key]?.waiters.removeAll { $0 == slot }
    if let owner = state.locks[key]?.owner { propagate(from: owner) }
    dropIfUnused(key)
  }

  /// Gives a lock to its first waiter and wakes it; returns that task. Linux: wake_futex_pi(), mark_wakeup_next_waiter().
  @discardableResult
  func handOver(_ key: FutexKey, followsDeath: Bool = false) -> TaskSlot? {
    guard var lock = state.locks[key], !lock.waiters.isEmpty else { return nil }
    let next = lock.waiters.removeFirst()
    let old = lock.owner
    lock.owner = next
    lock.isHandedOver = true
    state.locks[key] = lock
    if let old { state.tasks[old].heldLocks.removeAll { $0 == key } }
    state.tasks[next].awaitedLock = nil
    state.tasks[next].heldLocks.append(key)
    grant(next, unwritten: followsDeath ? FutexWord.waiters | FutexWord.ownerDied : nil)
    if let old { propagate(from: old) }
    propagate(from: next)
    return next
  }

  /// Wakes a task that owns the lock it waited for.
  func grant(_ slot: TaskSlot, unwritten: UInt32? = nil) {
    guard case .futexLock(var wait) = state.tasks[slot].resumption else { preconditionFailure("the task waits for no lock") }
    wait.isGranted = true
    wait.unwritten = unwritten
    state.tasks[slot].resumption = .futexLock(wait)
    state.tasks[slot].wasWoken = true
    scheduler.wakeUp(slot)
  }

  /// What becomes of the locks that an ending task owns or waits for: each goes to its first waiter, the lock that was taken last first.
  /// Linux: exit_pi_state_list().
  func exitLocks() {
    let slot = state.current
    stopsWaiting(slot)
    for key in state.tasks[slot].heldLocks.reversed() {
      state.locks[key]?.owner = nil
      state.locks[key]?.isHandedOver = false
      if handOver(key, followsDeath: true) == nil { state.locks[key] = nil }
    }
    state.tasks[slot].heldLocks = []
    state.tasks[slot].inheritedPriority = 0
  }
}
