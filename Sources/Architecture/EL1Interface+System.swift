// Owns a supervisor's view of registers, TLB maintenance, barriers, locks and ERET.
// It does not know why a supervisor does any of them.

extension EL1Interface {
  // MARK: Registers

  /// A register with a slot: general registers, SP_EL0, ELR_EL1, SPSR_EL1, ESR_EL1, FAR_EL1, TPIDR_EL0...
  @inlinable @inline(__always)
  public subscript(slot: RegisterSlot) -> UInt64 {
    get { block.pointee.registers[slot.rawValue] }
    nonmutating set { block.pointee.registers[slot.rawValue] = newValue }
  }
  /// X0 to X30 as saved from the interrupted context.
  @inlinable @inline(__always)
  public subscript(x index: Int) -> UInt64 {
    get { block.pointee.registers[index] }
    nonmutating set {
      precondition(index >= 0 && index < 31)
      block.pointee.registers[index] = newValue
    }
  }

  public func read(_ register: SystemRegister) -> UInt64 {
    block.pointee.entryPoints.readSystemRegister(block.pointee.context, UInt64(register.rawValue))
  }
  public func write(_ register: SystemRegister, _ value: UInt64) {
    block.pointee.entryPoints.writeSystemRegister(block.pointee.context, UInt64(register.rawValue), value)
  }

  // MARK: TLB, barriers, return

  /// Executes a TLBI. A step. `operand` is the register operand: VA[55:12] in bits 43:0, ASID in bits 63:48. Arm ARM C5.5.
  @inlinable
  public func invalidateTLB(_ operation: TLBIOperation, _ operand: UInt64 = 0) {
    step(.tlbi, operand)
    block.pointee.entryPoints.invalidateTLB(block.pointee.context, UInt64(operation.rawValue), operand)
  }

  /// Executes a barrier. A step: with one PE in turn it orders nothing that was not ordered before.
  @inlinable public func barrier(_ barrier: Barrier) {
    if _slowPath(block.pointee.stepping || block.pointee.watchesBarriers) {
      block.pointee.entryPoints.step(block.pointee.context, UInt64(StepKind.barrier.rawValue), UInt64(barrier.rawValue))
    }
  }

  /// ERET: the PE goes on at ELR_EL1 with PSTATE from SPSR_EL1. The retry of a faulting instruction is just this.
  @inlinable public func exceptionReturn() { block.pointee.entryPoints.exceptionReturn(block.pointee.context) }

  // MARK: Locks

  /// Takes a lock. In a normal run a lock is a checked flag: taking it twice is our bug. In a stepped run it is a wait.
  @inlinable
  public func lock(_ name: LockName) {
    step(.lock, name.operand)
    let count = block.pointee.heldLockCount
    for index in 0..<count {
      precondition(block.pointee.heldLocks[index] != name, "lock taken twice")
    }
    precondition(count < EL1Block.heldLockCapacity, "too many locks held")
    block.pointee.heldLocks[count] = name
    block.pointee.heldLockCount = count &+ 1
  }

  /// Releases a lock that this actor holds.
  @inlinable
  public func unlock(_ name: LockName) {
    step(.unlock, name.operand)
    var index = block.pointee.heldLockCount &- 1
    while index >= 0 && block.pointee.heldLocks[index] != name { index &-= 1 }
    precondition(index >= 0, "unlock of a lock that is not held")
    let last = block.pointee.heldLockCount &- 1
    while index < last {
      block.pointee.heldLocks[index] = block.pointee.heldLocks[index &+ 1]
      index &+= 1
    }
    block.pointee.heldLockCount = last
  }

  /// Whether this actor holds the lock; for preconditions on both sides of a call.
  @inlinable
  public func holds(_ name: LockName) -> Bool {
    for index in 0..<block.pointee.heldLockCount where block.pointee.heldLocks[index] == name { return true }
    return false
  }
  @inlinable public var holdsAnyLock: Bool { block.pointee.heldLockCount != 0 }
}
