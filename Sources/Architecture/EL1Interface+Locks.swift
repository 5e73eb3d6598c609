// Owns how an actor takes and releases locks, and what happens when it cannot have one.
// It does not know which locks there are or what they protect.

extension EL1Interface {
  /// The actor that runs on this PE.
  @inlinable public var actor: ActorID { block.pointee.actor }

  /// The lock table that this PE works with; the kernel that boots the PE gives it one.
  @inlinable @inline(__always)
  var locks: UnsafeMutablePointer<LockMemory> {
    guard let locks = block.pointee.locks else { preconditionFailure("a lock on a PE that no kernel has booted") }
    return locks
  }
  public func use(_ locks: UnsafeMutablePointer<LockMemory>) { block.pointee.locks = locks }

  /// Takes a lock. This is a step. If this or another actor already holds the lock in a normal run, that is a bug of the
  /// emulator, because no actor could then run to release it. In a stepped run the actor waits until the other actor releases the
  /// lock.
  @inlinable
  public func lock(_ name: LockName) {
    if isStepping { return lockInSteps(name) }
    let (locks, actor) = (locks, actor)
    assert(locks.pointee.disorder(name, actor) == nil, disorderMessage(name))
    if _slowPath(locks.pointee.conflict(name, actor) >= 0) { refuse(name) }
    locks.pointee.add(name, actor)
  }

  /// Takes a lock if nothing keeps this actor from having it, and returns false if something does. This is a step. The lock
  /// order does not restrict it.
  @inlinable @inline(__always)
  public func tryLock(_ name: LockName) -> Bool {
    step(.lock, name.operand)
    let (locks, actor) = (locks, actor)
    if _slowPath(locks.pointee.conflict(name, actor) >= 0) { return false }
    locks.pointee.add(name, actor)
    return true
  }

  /// Releases a lock that this actor holds. This is a step.
  @inlinable
  public func unlock(_ name: LockName) {
    step(.unlock, name.operand)
    let isRemoved = locks.pointee.remove(name, actor)
    precondition(isRemoved, "unlock of a lock that is not held")
  }

  /// Whether this actor holds the lock. The preconditions on both sides of a call use this.
  public func holds(_ name: LockName) -> Bool { locks.pointee.table.held.contains(ActorLock(name, actor)) }
  public var holdsAnyLock: Bool { locks.pointee.table.held.contains { $0.actor == actor } }

  // MARK: Stepped runs

  /// Waits for a lock in a stepped run. The wait is a step of its own: the stepper lets the actor go on once the lock is free.
  @usableFromInline
  func lockInSteps(_ name: LockName) {
    step(.lock, name.operand)
    let (locks, actor) = (locks, actor)
    if let held = locks.pointee.disorder(name, actor) {
      precondition(locks.pointee.isExplored, disorderMessage(name))
      locks.pointee.disorders.append(LockDisorder(taken: ActorLock(name, actor), held: held))
    }
    let conflict = locks.pointee.conflict(name, actor)
    if conflict >= 0 {
      if locks.pointee.entries[conflict].actor == actor && !locks.pointee.isExplored { refuse(name) }
      locks.pointee.waiters.append(ActorLock(name, actor))
      step(.lockWait, name.operand)
      locks.pointee.waiters.removeAll { $0 == ActorLock(name, actor) }
      if locks.pointee.conflict(name, actor) >= 0 { refuse(name) }
    }
    locks.pointee.add(name, actor)
  }

  @usableFromInline
  func refuse(_ name: LockName) -> Never {
    let owner = locks.pointee.entries[locks.pointee.conflict(name, actor)].actor
    preconditionFailure("actor \(actor.rawValue) takes the \(name), which actor \(owner.rawValue) holds")
  }
  @usableFromInline
  func disorderMessage(_ name: LockName) -> String {
    locks.pointee.disorder(name, actor).map { LockDisorder(taken: ActorLock(name, actor), held: $0).description } ?? ""
  }
}
