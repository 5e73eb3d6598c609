// Owns a supervisor's view of registers, TLB maintenance, barriers and ERET.
// It does not know why a supervisor does any of them.

extension EL1Interface {
  // MARK: Registers

  /// The value of a register that has a slot: a general register, SP_EL0, ELR_EL1, SPSR_EL1, ESR_EL1, FAR_EL1, TPIDR_EL0 and
  /// others.
  @inlinable @inline(__always)
  public subscript(slot: RegisterSlot) -> UInt64 {
    get { block.pointee.registers[slot.rawValue] }
    nonmutating set { block.pointee.registers[slot.rawValue] = newValue }
  }
  /// X0 to X30, as they were saved from the interrupted context.
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

  /// Waits for an interrupt that comes after this number of nanoseconds: the system counter goes on by it while no instruction retires.
  public func idle(nanoseconds: UInt64) { block.pointee.entryPoints.idle(block.pointee.context, nanoseconds) }

  // MARK: TLB, barriers, return

  /// Executes a TLBI. This is a step. `operand` is the register operand: VA[55:12] in bits 43:0, ASID in bits 63:48. Arm ARM C5.5.
  @inlinable
  public func invalidateTLB(_ operation: TLBIOperation, _ operand: UInt64 = 0) {
    step(.tlbi, operand)
    block.pointee.entryPoints.invalidateTLB(block.pointee.context, UInt64(operation.rawValue), operand)
  }

  /// Executes a barrier. This is a step. Because PEs run in turn, the barrier has nothing left to order.
  @inlinable public func barrier(_ barrier: Barrier) {
    if traces(.barriers) { announce(.barrier, UInt64(barrier.rawValue)) }
  }

  /// Executes ERET: the PE goes on at ELR_EL1 with PSTATE from SPSR_EL1. If ELR_EL1 still names a faulting instruction, this
  /// retries it.
  @inlinable public func exceptionReturn() { block.pointee.entryPoints.exceptionReturn(block.pointee.context) }
}
