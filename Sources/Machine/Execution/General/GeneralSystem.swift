// Owns the system instructions of the general executor: exceptions, hints, system registers, cache maintenance. It does not know how an
// exception is handled.
import Architecture
import Decoding

extension Context {
  private var isEL0: Bool { state.pointee.processorState.exceptionLevel == 0 }

  func generateException(_ kind: ExceptionGeneration, _ immediate: UInt16, at p: Raw) throws(GeneralExit) {
    switch kind {
    case .svc:
      // The preferred return address is the next instruction, so SPSR must also hold the state after this one.
      advanceStep()
      throw .call(ExceptionSyndrome(.SVC64, iss: UInt32(immediate)))
    case .brk: throw .exception(ExceptionSyndrome(.BRK64, iss: UInt32(immediate)), far: nil)
    case .hvc, .smc, .hlt: try callPlatform(kind, immediate, at: p)
    }
  }

  func returnFromException(at retired: UInt64) throws(GeneralExit) {
    if isEL0 { throw .undefined }
    self[Slot.retired] = retired
    exceptionReturn(byGuest: true)
    throw .leave(pc: self[Slot.exitPC], .limit)
  }

  /// Executes a hint. YIELD, WFE and WFI end the PE's turn, SEV and SEVL send events, and the rest do nothing here. Arm ARM D1.6.
  func hint(_ number: UInt8, _ general: GeneralState) throws(GeneralExit) {
    switch number {
    case 1: throw .leave(pc: general.pc &+ 4, .yield)  // YIELD
    case 2, 3: try wait(event: number == 2, until: nil, general)  // WFE, WFI
    case 4: for processor in owner.machine.processors { processor.sendEvent() }  // SEV
    case 5: sendEvent()  // SEVL
    default: break
    }
  }

  /// WFE and WFI, and with a register WFET and WFIT, whose wait the virtual counter ends too. WFE does not wait if the event register is
  /// set, and the next event of the event stream ends its wait. WFI with an interrupt pending only ends the turn. Arm ARM D1.6,
  /// FEAT_WFxT.
  func wait(event: Bool, until t: Register?, _ general: GeneralState) throws(GeneralExit) {
    let s = state
    let now = systemCount(retired: general.retired)
    if event && takeEvent(at: now) { return }
    let limit = t == nil ? ~0 : read(t!)
    if now < limit && (event || s.pointee.interrupts.pending == 0) {
      let sctlr = s.pointee.regime.sctlr
      if isEL0 && !(event ? sctlr.userWFENotTrapped : sctlr.userWFINotTrapped) {
        throw .exception(.trappedWait(isWFE: event, timeout: t?.rawValue), far: nil)
      }
      s.pointee.interrupts.waiting = event ? .event : .interrupt
      let end = event ? min(limit, s.pointee.timer.eventStream.next(after: now)) : limit
      s.pointee.interrupts.waitLimit = end == ~0 ? nil : end
    }
    throw .leave(pc: general.pc &+ 4, .yield)
  }

  /// The syndrome of a trapped MRS, MSR or SYS. Arm ARM ESR_EL1, ISS encoding for EC 0x18.
  private func trapped(_ register: SystemRegister, t: Register, isRead: Bool) -> GeneralExit {
    .exception(.trapped(register, t: t.rawValue, isRead: isRead), far: nil)
  }

  func readSystemRegister(_ t: Register, _ register: SystemRegister, _ general: inout GeneralState) throws(GeneralExit) {
    if register == .NZCV { return write(t, general.nzcv &<< 28) }
    if (register == .RNDR || register == .RNDRRS) && state.pointee.features.rng {
      // NZCV = 0000 says that a random number was available.
      general.nzcv = 0
      general.wroteFlags = true
      return write(t, state.pointee.random.next())
    }
    if isEL0 {
      let s = state
      switch register {
      case .FPCR, .FPSR, .TPIDR_EL0, .TPIDRRO_EL0, .SSBS, .DIT: break
      case .TCO where s.pointee.features.mte: break
      case .DCZID_EL0:
        // DZP tells EL0 whether DC ZVA is forbidden.
        return write(t, s.pointee.features.zeroBlockLog2Words | (s.pointee.regime.sctlr.userZeroEnabled ? 0 : 16))
      case .CTR_EL0: if !s.pointee.regime.sctlr.userCacheTypeAccess { throw trapped(register, t: t, isRead: true) }
      case .SCXTNUM_EL0 where s.pointee.features.hasContextNumbers:
        if s.pointee.regime.sctlr.trapsContextNumber { throw trapped(register, t: t, isRead: true) }
      case .DAIF: if !s.pointee.regime.sctlr.userMaskAccess { throw trapped(register, t: t, isRead: true) }
      case .MDCCSR_EL0, .DBGDTR_EL0, .DBGDTRRX_EL0: if s.pointee.debug.trapsChannel { throw trapped(register, t: t, isRead: true) }
      default:
        if let isAllowed = timerAllowsEL0(register) {
          if !isAllowed { throw trapped(register, t: t, isRead: true) }
          break
        }
        throw absent(register, t: t)
      }
    }
    if register == .FPCR || register == .FPSR { try requireVectorAccess() }
    // While SP_EL0 is the stack pointer in use, it cannot be accessed as a system register.
    if register == .SP_EL0 && !state.pointee.processorState.usesOwnStackPointer { throw .undefined }
    guard let value = systemRegister(register, retired: general.retired) else { throw absent(register, t: t) }
    write(t, value)
  }

  /// What MRS of a register raises that the running level may not read or that does not exist: EC 0x18 in the feature ID space, where
  /// op1 is 0, 1 or 3, else UNDEFINED. Arm ARM: FEAT_IDST.
  private func absent(_ register: SystemRegister, t: Register) -> GeneralExit {
    let isIdentification = register.op0 == 3 && [0, 1, 3].contains(register.op1) && register.crn == 0 && register.crm <= 7
    return isIdentification && state.pointee.features.idst ? trapped(register, t: t, isRead: true) : .undefined
  }

  func writeSystemRegister(_ register: SystemRegister, _ t: Register, _ general: inout GeneralState) throws(GeneralExit) {
    let value = read(t)
    if register == .NZCV {
      general.nzcv = value &>> 28 & 15
      general.wroteFlags = true
      return
    }
    if isEL0 {
      switch register {
      case .FPCR, .FPSR, .TPIDR_EL0, .SSBS, .DIT: break
      case .TCO where state.pointee.features.mte: break
      case .DAIF: if !state.pointee.regime.sctlr.userMaskAccess { throw trapped(register, t: t, isRead: false) }
      case .SCXTNUM_EL0 where state.pointee.features.hasContextNumbers:
        if state.pointee.regime.sctlr.trapsContextNumber { throw trapped(register, t: t, isRead: false) }
      case .DBGDTR_EL0, .DBGDTRRX_EL0: if state.pointee.debug.trapsChannel { throw trapped(register, t: t, isRead: false) }
      case .CNTV_CTL_EL0, .CNTV_CVAL_EL0, .CNTV_TVAL_EL0, .CNTP_CTL_EL0, .CNTP_CVAL_EL0, .CNTP_TVAL_EL0:
        if timerAllowsEL0(register) == false { throw trapped(register, t: t, isRead: false) }
        // TVAL counts from the present moment.
        _ = setTimerRegister(register, value, retired: general.retired)
        throw .leave(pc: general.pc &+ 4, .limit)
      default: throw .undefined
      }
    }
    if register == .FPCR || register == .FPSR { try requireVectorAccess() }
    if register == .SP_EL0 && !state.pointee.processorState.usesOwnStackPointer { throw .undefined }
    if !setTimerRegister(register, value, retired: general.retired) && !setSystemRegister(register, value) { throw .undefined }
    if !isEL0 { throw .leave(pc: general.pc &+ 4, .limit) }
  }

  /// MSR (immediate): SPSel, DAIFSet, DAIFClr, PAN, UAO, SSBS, DIT, TCO. Arm ARM C6.2 MSR (immediate).
  func writeProcessorState(_ op1: UInt8, _ op2: UInt8, _ immediate: UInt8, _ general: GeneralState) throws(GeneralExit) {
    let s = state
    switch (op1, op2) {
    case (3, 6), (3, 7):
      if isEL0 && !s.pointee.regime.sctlr.userMaskAccess {
        // The trap reports the encoding of the instruction itself: op0 = 0, CRn = 4, Rt = 31.
        throw trapped(SystemRegister(0, UInt16(op1), 4, UInt16(immediate), UInt16(op2)), t: .zero, isRead: false)
      }
      let mask = UInt64(immediate)
      s.pointee.processorState.daif = op2 == 6 ? s.pointee.processorState.daif | mask : s.pointee.processorState.daif & ~mask
      return
    case (0, 5) where !isEL0: _ = setSystemRegister(.SPSel, UInt64(immediate & 1))
    case (0, 4) where !isEL0 && s.pointee.features.pan: _ = setSystemRegister(.PAN, UInt64(immediate & 1) &<< 22)
    case (0, 3) where !isEL0 && s.pointee.features.uao: _ = setSystemRegister(.UAO, UInt64(immediate & 1) &<< 23)
    case (3, 1) where s.pointee.features.ssbs: _ = setSystemRegister(.SSBS, UInt64(immediate & 1) &<< 12)
    case (3, 2) where s.pointee.features.dit: _ = setSystemRegister(.DIT, UInt64(immediate & 1) &<< 24)
    // TCO is RES0 without FEAT_MTE2.
    case (3, 4) where s.pointee.features.mte: break
    default: throw .undefined
    }
    throw .leave(pc: general.pc &+ 4, .limit)
  }

  /// SYS: DC, IC, AT and TLBI. Arm ARM C5.
  func system(_ register: SystemRegister, _ t: Register, _ general: GeneralState) throws(GeneralExit) {
    let va = read(t)
    let sctlr = state.pointee.regime.sctlr
    if register.crn == 8 { return try tlbMaintenance(register, va) }
    if register.crn == 7 && (register.crm == 8 || register.crm == 9) { return try addressTranslation(register, va) }
    if !exists(register, state.pointee.features) { throw .undefined }
    switch register {
    case SystemRegister(1, 3, 7, 4, 1), SystemRegister(1, 3, 7, 4, 4):  // DC ZVA, GZVA
      if isEL0 && !sctlr.userZeroEnabled { throw trapped(register, t: t, isRead: false) }
      try zeroBlock(va)
    case SystemRegister(1, 3, 7, 4, 3):  // DC GVA, which stores tags only: they are lost
      if isEL0 && !sctlr.userZeroEnabled { throw trapped(register, t: t, isRead: false) }
      _ = try span(va, 1, AccessRules(kind: .write, needsNormal: true))
    // DC CVAC, CVAU, CIVAC, CVAP, CVADP; IC IVAU; then those with G and GD for tags, which cost nothing more
    case SystemRegister(1, 3, 7, 10, 1), SystemRegister(1, 3, 7, 11, 1), SystemRegister(1, 3, 7, 14, 1), SystemRegister(1, 3, 7, 12, 1),
      SystemRegister(1, 3, 7, 13, 1), SystemRegister(1, 3, 7, 5, 1),
      SystemRegister(1, 3, 7, 10, 3), SystemRegister(1, 3, 7, 12, 3), SystemRegister(1, 3, 7, 13, 3), SystemRegister(1, 3, 7, 14, 3),
      SystemRegister(1, 3, 7, 10, 5), SystemRegister(1, 3, 7, 12, 5), SystemRegister(1, 3, 7, 13, 5), SystemRegister(1, 3, 7, 14, 5):
      if isEL0 && !sctlr.userCacheMaintenance { throw trapped(register, t: t, isRead: false) }
      // Stores to code take effect at once, so these instructions only translate the address.
      _ = try span(va, 1, AccessRules(kind: .cacheMaintenance))
    case SystemRegister(1, 0, 7, 1, 0), SystemRegister(1, 0, 7, 5, 0), SystemRegister(1, 0, 7, 6, 2),
      SystemRegister(1, 0, 7, 10, 2), SystemRegister(1, 0, 7, 14, 2):  // IC IALLUIS, IALLU; DC ISW, CSW, CISW
      if isEL0 { throw .undefined }
    case SystemRegister(1, 0, 7, 6, 1):  // DC IVAC
      if isEL0 { throw .undefined }
      _ = try span(va, 1, AccessRules(kind: .cacheInvalidation))
      try checkWatchpoints(64, AccessRequest(va & ~63, .cacheInvalidation, .el1), far: va)
    default: throw .undefined
    }
  }

  /// Whether the processor has a cache maintenance instruction: FEAT_DPB and FEAT_DPB2 bring the points of persistence, CRm 12 and 13,
  /// and FEAT_MTE the instructions for tags, op2 above 1. True for all other encodings.
  private func exists(_ register: SystemRegister, _ features: ProcessorFeatures) -> Bool {
    guard register.op1 == 3, register.crn == 7 else { return true }
    if register.op2 > 1 && !features.mte { return false }
    return switch register.crm {
    case 12: features.dpb
    case 13: features.dpb && features.dpb2
    default: true
    }
  }

  /// DC ZVA stores zeroes to the whole block. FAR is the address as the instruction gives it, and Device memory causes an alignment fault.
  /// Arm ARM C6.2 DC ZVA.
  private func zeroBlock(_ va: UInt64) throws(GeneralExit) {
    let size: UInt64 = 4 &<< state.pointee.features.zeroBlockLog2Words
    let span = try span(va, 1, AccessRules(kind: .write, needsNormal: true))
    let first = span.first & ~(size &- 1)
    try checkWatchpoints(size, AccessRequest(va & ~(size &- 1), .write, privilege), far: va)
    // RAM or a device must answer for the whole block. A device gets a write for each byte.
    try requireAnswer(first, size, AccessRequest(va, .write, privilege))
    let isRAM = host(first, count: size) != nil
    withUnsafeTemporaryAllocation(byteCount: Int(size), alignment: 16) { zeroes in
      zeroes.initializeMemory(as: UInt8.self, repeating: 0)
      if isRAM { return writePiece(first, size, from: zeroes.baseAddress!) }
      for at in 0..<size { writePiece(first &+ at, 1, from: zeroes.baseAddress!) }
    }
  }
}
