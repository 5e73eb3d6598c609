// Owns the system registers that need storage, and the effects of reading and writing each.
// It does not know which Exception level may access them: the general executor checks that.
import Architecture

/// Storage of the registers that are neither slots nor part of the translation regime.
struct SystemRegisterFile {
  var vbar: UInt64 = 0
  /// FPEN traps nothing until CPACR_EL1 is written: the reset value is UNKNOWN, and a hosted EL1 never traps.
  var cpacr: UInt64 = 3 &<< 20
  var contextID: UInt64 = 0
  var par: UInt64 = 0
  var csselr: UInt64 = 0
  /// SCXTNUM_EL0, SCXTNUM_EL1.
  var contextNumber0: UInt64 = 0
  var contextNumber1: UInt64 = 0
  var pointerKeys = PointerKeys()
}

extension Context {
  /// The value of a register as EL1 reads it; nil if the register does not exist here.
  func systemRegister(_ register: SystemRegister, retired: UInt64) -> UInt64? {
    let s = state
    if register.op0 == 2 { return debugRegister(register) }
    if let slot = Self.slots.first(where: { $0.0 == register })?.1 { return self[slot] }
    if s.pointee.features.hasPAuth, let key = s.pointee.systemRegisters.pointerKeys.read(register) { return key }
    switch register {
    case .SCTLR_EL1: return s.pointee.regime.sctlr.rawValue
    case .TCR_EL1: return s.pointee.regime.tcr.rawValue
    case .TCR2_EL1 where s.pointee.features.hasTCR2: return s.pointee.regime.tcr2
    case .TTBR0_EL1: return s.pointee.regime.ttbr0
    case .TTBR1_EL1: return s.pointee.regime.ttbr1
    case .MAIR_EL1: return s.pointee.regime.mair
    case .VBAR_EL1: return s.pointee.systemRegisters.vbar
    case .CPACR_EL1: return s.pointee.systemRegisters.cpacr
    case .CONTEXTIDR_EL1: return s.pointee.systemRegisters.contextID
    case .PAR_EL1: return s.pointee.systemRegisters.par
    case .ISR_EL1: return s.pointee.interrupts.pending &<< 6
    case .SP_EL0: return s.pointee.processorState.usesOwnStackPointer ? self[Slot.bankedSP] : self[.SP_EL0]
    case .MPIDR_EL1: return 0x8000_0000 | UInt64(owner.number)
    // Registers of implementation defined content hold nothing.
    case .ACTLR_EL1, .AFSR0_EL1, .AFSR1_EL1, .AMAIR_EL1, .AIDR_EL1: return 0
    // No region is implemented, so every LORegion register is RES0.
    case .LORSA_EL1 where s.pointee.features.lor, .LOREA_EL1 where s.pointee.features.lor, .LORN_EL1 where s.pointee.features.lor,
      .LORC_EL1 where s.pointee.features.lor, .LORID_EL1 where s.pointee.features.lor:
      return 0
    // EL1 is the highest level here, so it has the address at which a reset begins; a board chooses another one for an image.
    case .RVBAR_EL1: return 0
    case .SCXTNUM_EL0 where s.pointee.features.hasContextNumbers: return s.pointee.systemRegisters.contextNumber0
    case .SCXTNUM_EL1 where s.pointee.features.hasContextNumbers: return s.pointee.systemRegisters.contextNumber1
    // One level of separate caches with 64-byte lines, whose content has no visible effect. Arm ARM CLIDR_EL1, CCSIDR_EL1.
    case .CLIDR_EL1: return 0x0900_0003
    case .CCSIDR_EL1: return 0x700f_e01a
    case .CSSELR_EL1: return s.pointee.systemRegisters.csselr
    // PSTATE.TCO is RES0 without FEAT_MTE2.
    case .TCO where s.pointee.features.mte: return 0
    case .DAIF, .CurrentEL, .SPSel, .PAN, .UAO, .DIT, .SSBS: return stateField(register)
    default: return timerRegister(register, retired: retired) ?? s.pointee.features.identification(register)
    }
  }

  /// Writes a register as EL1 does; false if it does not exist or is read-only.
  func setSystemRegister(_ register: SystemRegister, _ value: UInt64) -> Bool {
    let s = state
    if register.op0 == 2 { return setDebugRegister(register, value) }
    if let slot = Self.slots.first(where: { $0.0 == register })?.1 {
      let features = s.pointee.features
      self[slot] = register == .FPCR ? value & features.floatControlMask : register == .FPSR ? value & features.floatStatusMask : value
      updateHostFloat()
      return true
    }
    if s.pointee.features.hasPAuth && s.pointee.systemRegisters.pointerKeys.write(register, value) { return true }
    switch register {
    case .SCTLR_EL1: s.pointee.regime.sctlr = SystemControl(rawValue: value & ~s.pointee.features.absentSystemControl)
    case .TCR_EL1: s.pointee.regime.tcr = TranslationControl(rawValue: value & ~s.pointee.features.absentTranslationControl)
    case .TCR2_EL1 where s.pointee.features.hasTCR2: s.pointee.regime.tcr2 = value & 1 &<< 11
    case .TTBR0_EL1: s.pointee.regime.ttbr0 = value & ~s.pointee.features.absentTableBase
    case .TTBR1_EL1: s.pointee.regime.ttbr1 = value & ~s.pointee.features.absentTableBase
    case .MAIR_EL1: s.pointee.regime.mair = value
    case .VBAR_EL1:
      s.pointee.systemRegisters.vbar = value & ~0x7ff
      return true
    case .CPACR_EL1:
      s.pointee.systemRegisters.cpacr = value & 3 &<< 20
      updateVectorTrap()
      return true
    case .CONTEXTIDR_EL1:
      s.pointee.systemRegisters.contextID = value
      return true
    case .PAR_EL1:
      s.pointee.systemRegisters.par = value
      return true
    case .SP_EL0:
      if s.pointee.processorState.usesOwnStackPointer { self[Slot.bankedSP] = value } else { self[.SP_EL0] = value }
      return true
    case .DAIF, .SPSel, .PAN, .UAO, .DIT, .SSBS: return setStateField(register, value)
    case .ACTLR_EL1, .AFSR0_EL1, .AFSR1_EL1, .AMAIR_EL1: return true
    case .TCO: return s.pointee.features.mte
    case .LORSA_EL1, .LOREA_EL1, .LORN_EL1, .LORC_EL1: return s.pointee.features.lor
    case .SCXTNUM_EL0 where s.pointee.features.hasContextNumbers:
      s.pointee.systemRegisters.contextNumber0 = value
      return true
    case .SCXTNUM_EL1 where s.pointee.features.hasContextNumbers:
      s.pointee.systemRegisters.contextNumber1 = value
      return true
    case .CSSELR_EL1:
      s.pointee.systemRegisters.csselr = value & 0xf
      return true
    default: return setTimerRegister(register, value, retired: self[Slot.retired])
    }
    // A register of the translation regime changed. Outside a run no fast table is selected; the next run selects one.
    s.pointee.regime.update()
    s.pointee.walkCache.clear()
    if self[Slot.pageOps] != 0 { selectFastTable() }
    return true
  }

  private static let slots: [(SystemRegister, RegisterSlot)] = [
    (.ELR_EL1, .ELR_EL1), (.SPSR_EL1, .SPSR_EL1), (.ESR_EL1, .ESR_EL1), (.FAR_EL1, .FAR_EL1),
    (.TPIDR_EL0, .TPIDR_EL0), (.TPIDRRO_EL0, .TPIDRRO_EL0), (.TPIDR_EL1, .TPIDR_EL1), (.FPCR, .FPCR), (.FPSR, .FPSR),
  ]
}
