// Owns taking an exception to EL1 and returning from it: it is the only place that writes ESR, FAR, ELR and SPSR. It does not know why an
// exception is taken or which code handles it.
import Architecture

extension Context {
  /// Takes a synchronous exception to EL1 and returns the vector's address. `returnTo` is the preferred return address. Arm ARM:
  /// AArch64.TakeException.
  func takeException(
    _ syndrome: ExceptionSyndrome, far: UInt64?, returnTo pc: UInt64, nzcv: UInt64, vectorOffset: UInt64 = 0
  ) -> UInt64 {
    let s = state
    s.pointee.exceptionCounts[Int(syndrome.classCode)] &+= 1
    if syndrome.isDataAbort { s.pointee.exceptionCounts[64 &+ Int(syndrome.faultStatus.rawValue)] &+= 1 }
    if syndrome.isInstructionAbort { s.pointee.exceptionCounts[128 &+ Int(syndrome.faultStatus.rawValue)] &+= 1 }
    self[.ESR_EL1] = syndrome.rawValue
    if let far { self[.FAR_EL1] = far }
    return enterVector(vectorOffset, returnTo: pc, nzcv: nzcv)
  }

  /// Does the part of taking an exception that needs no syndrome: SPSR, ELR, the new PSTATE. Returns the vector's address. `Slot.retired`
  /// must be exact, because BTYPE depends on it.
  func enterVector(_ offset: UInt64, returnTo pc: UInt64, nzcv: UInt64) -> UInt64 {
    let s = state
    let old = s.pointee.processorState
    var saved = old
    saved.nzcv = nzcv
    let type = branchType(at: self[Slot.retired])
    if _slowPath(type != 0) {
      saved.branchType = type
      clearBranchType()
    }
    self[.SPSR_EL1] = saved.rawValue
    self[.ELR_EL1] = pc
    s.pointee.debug.didStep = false
    var new = ProcessorState.EL1hMasked
    new.pan = old.pan || (s.pointee.features.pan && !s.pointee.regime.sctlr.preservePAN)
    new.ssbs = s.pointee.regime.sctlr.rawValue & 1 &<< 44 != 0  // DSSBS
    new.dit = old.dit
    s.pointee.processorState = new
    updateVectorTrap()
    let base = s.pointee.systemRegisters.vbar
    // A hosted EL1 keeps the interrupted context's stack pointer in its slot and runs no guest code.
    if base != HostedVectors.base {
      if !(old.exceptionLevel == 1 && old.usesOwnStackPointer) { selectStackPointer(own: true) }
      selectFastTable()
    }
    let group: UInt64 = old.exceptionLevel == 0 ? 0x400 : old.usesOwnStackPointer ? 0x200 : 0
    return base &+ group &+ offset
  }

  /// The vector group that a supervisor is told for a vector's address; nil if the address is not a hosted vector.
  func vector(of pc: UInt64) -> ExceptionVector? { ExceptionVector(rawValue: pc &- HostedVectors.base) }

  /// Returns from an exception, for a guest's ERET or for a hosted supervisor, and leaves PC and NZCV in the exit slots. `target` is the
  /// destination of ERETAA, which is the authenticated ELR_EL1. `Slot.retired` must be exact. Arm ARM: AArch64.ExceptionReturn.
  func exceptionReturn(byGuest: Bool = false, to target: UInt64? = nil) {
    let s = state
    var new = ProcessorState(rawValue: self[.SPSR_EL1] & s.pointee.features.stateMask)
    let old = s.pointee.processorState
    // A return is illegal if it goes to EL2 or above, to AArch32, to EL0 with SP_EL1, or has M[1] set. It keeps the Exception level and
    // sets IL.
    if new.exceptionLevel > 1 || new.rawValue & 0x12 != 0 || (new.exceptionLevel == 0 && new.usesOwnStackPointer) {
      new.exceptionLevel = old.exceptionLevel
      new.usesOwnStackPointer = old.usesOwnStackPointer
      new.rawValue &= ~0x12
      new.isIllegal = true
    }
    new.softwareStep = returnedStep(from: old, to: new)
    s.pointee.debug.didStep = false
    self[Slot.exitPC] = s.pointee.regime.strippingInstructionTag(target ?? self[.ELR_EL1])
    setNZCV(new.nzcv)
    new.nzcv = 0
    let type = new.branchType
    new.branchType = 0
    s.pointee.processorState = new
    // The guest's ERET has not been counted yet.
    clearBranchType()
    if _slowPath(type != 0) { setBranchType(type, at: self[Slot.retired] &+ (byGuest ? 1 : 0)) }
    updateVectorTrap()
    s.pointee.monitor.clear()
    // Arm ARM: SendEventLocal. The PE that returns is not waiting, so it only needs the event register.
    s.pointee.interrupts.eventRegister = true
    if s.pointee.systemRegisters.vbar != HostedVectors.base && new.usesOwnStackPointer != old.usesOwnStackPointer {
      selectStackPointer(own: new.usesOwnStackPointer)
    }
    if byGuest { selectFastTable() }
    if _slowPath(s.pointee.trace.intersects(.exceptionReturn)) { recordReturn(type) }
  }

  /// Out of line, and called last, so that an exception return without a trace saves no registers for it.
  @inline(never)
  private func recordReturn(_ type: UInt64) {
    var state = owner.pstate
    state.branchType = type
    owner.record(.exceptionReturn, self[Slot.exitPC], state.rawValue)
  }

  /// Selects the stack pointer in use: SP_EL1 if `own`, else SP_EL0.
  func selectStackPointer(own: Bool) {
    if own {
      self[Slot.bankedSP] = self[.SP_EL0]
      self[.SP_EL0] = self[.SP_EL1]
    } else {
      self[.SP_EL1] = self[.SP_EL0]
      self[.SP_EL0] = self[Slot.bankedSP]
    }
  }

  /// Sets NZCV (bits 3:0) in the exit slots.
  func setNZCV(_ value: UInt64) {
    self[Slot.flagKind] = FlagKind.nzcv
    self[Slot.exitA] = value & 15
    self[Slot.exitB] = 0
  }

  /// Takes the Data Abort of the instruction at `p` and leaves the handlers. Fast handlers and the general executor both turn a fault
  /// record into an exception here and nowhere else.
  @inline(never)
  func deliver(_ fault: FaultRecord, at p: Raw, _ fa: UInt64, _ fb: UInt64) {
    let fromLower = state.pointee.processorState.exceptionLevel == 0
    take(ExceptionSyndrome(fault: fault, fromLowerEL: fromLower), far: fault.address.rawValue, returnTo: pc(at: p), at: p, fa, fb)
  }

  /// Takes an exception and leaves the handlers. The instructions before `p` have retired.
  func take(_ syndrome: ExceptionSyndrome, far: UInt64?, returnTo: UInt64, at p: Raw, _ fa: UInt64, _ fb: UInt64) {
    self[Slot.retired] = retired(at: p)
    let vector = takeException(syndrome, far: far, returnTo: returnTo, nzcv: nzcv(c, fa, fb))
    leave(c, p, fa, fb, pc: vector, .exception)
  }
}
