// Owns the system registers that need storage and what reading and writing each does.
// It does not know who may access them: the general executor checks that.
import Architecture

/// Storage of the registers that are neither slots nor part of the translation regime.
struct SystemRegisterFile {
  var vbar: UInt64 = 0
  /// FPEN lets everyone in until somebody writes it: the reset value is UNKNOWN, and a hosted EL1 never traps.
  var cpacr: UInt64 = 3 &<< 20
  var contextID: UInt64 = 0
  var par: UInt64 = 0
}

extension Context {
  /// The value of a register as EL1 reads it, or nil where it does not exist here.
  func systemRegister(_ register: SystemRegister, retired: UInt64) -> UInt64? {
    let s = state
    if register.op0 == 2 { return debugRegister(register) }
    if let slot = Self.slots.first(where: { $0.0 == register })?.1 { return self[slot] }
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
    case .DAIF: return s.pointee.processorState.daif &<< 6
    case .CurrentEL: return s.pointee.processorState.exceptionLevel &<< 2
    case .SPSel: return s.pointee.processorState.usesOwnStackPointer ? 1 : 0
    case .PAN where s.pointee.features.pan: return s.pointee.processorState.pan ? 1 &<< 22 : 0
    case .SP_EL0: return s.pointee.processorState.usesOwnStackPointer ? self[Slot.bankedSP] : self[.SP_EL0]
    case .MPIDR_EL1: return 0x8000_0000 | UInt64(owner.number)
    default: return timerRegister(register, retired: retired) ?? s.pointee.features.identification(register)
    }
  }

  /// Writes a register as EL1 does; false where it does not exist or is read-only.
  func setSystemRegister(_ register: SystemRegister, _ value: UInt64) -> Bool {
    let s = state
    if register.op0 == 2 { return setDebugRegister(register, value) }
    if let slot = Self.slots.first(where: { $0.0 == register })?.1 {
      self[slot] = value
      return true
    }
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
    case .DAIF:
      s.pointee.processorState.daif = value &>> 6
      return true
    case .SP_EL0:
      if s.pointee.processorState.usesOwnStackPointer { self[Slot.bankedSP] = value } else { self[.SP_EL0] = value }
      return true
    case .SPSel:
      let own = value & 1 != 0
      if own != s.pointee.processorState.usesOwnStackPointer {
        s.pointee.processorState.usesOwnStackPointer = own
        selectStackPointer(own: own)
      }
      return true
    case .PAN where s.pointee.features.pan:
      s.pointee.processorState.pan = value & 1 &<< 22 != 0
      flushFastTable()
      return true
    default: return setTimerRegister(register, value, retired: self[Slot.retired])
    }
    // A register of the translation regime changed: the fast table holds answers under the old one.
    s.pointee.regime.update()
    s.pointee.walkCache.clear()
    flushFastTable()
    return true
  }

  private static let slots: [(SystemRegister, RegisterSlot)] = [
    (.ELR_EL1, .ELR_EL1), (.SPSR_EL1, .SPSR_EL1), (.ESR_EL1, .ESR_EL1), (.FAR_EL1, .FAR_EL1),
    (.TPIDR_EL0, .TPIDR_EL0), (.TPIDRRO_EL0, .TPIDRRO_EL0), (.TPIDR_EL1, .TPIDR_EL1), (.FPCR, .FPCR), (.FPSR, .FPSR),
  ]
}

extension ProcessorFeatures {
  /// The identification registers claim only what executes. Arm ARM D23, ID_AA64*.
  func identification(_ register: SystemRegister) -> UInt64? {
    switch register {
    case .MIDR_EL1: return 0x000f_0510
    case .REVIDR_EL1: return 0
    case .CTR_EL0: return 0x8444_c004
    case .DCZID_EL0: return zeroBlockLog2Words
    case .ID_AA64PFR0_EL1: return 0x11
    case .ID_AA64DFR0_EL1:
      // Armv8.0 debug with the OS double lock; no trace, no performance monitors.
      return 6 | UInt64(DebugUnits.breakpointCount - 1) << 12 | UInt64(DebugUnits.watchpointCount - 1) << 20
        | UInt64(DebugUnits.contextAwareCount - 1) << 28
    case .ID_AA64ISAR0_EL1: return (crc32 ? 1 &<< 16 : 0) | (lse ? 2 &<< 20 : 0) | UInt64(tlbMaintenance.rawValue) &<< 56
    case .ID_AA64ISAR1_EL1: return lrcpc ? 1 &<< 20 : 0
    case .ID_AA64MMFR0_EL1: return memoryModel0
    case .ID_AA64MMFR1_EL1: return memoryModel1 | (lor ? 1 &<< 16 : 0)
    case .ID_AA64MMFR2_EL1: return memoryModel2 | (lse2 ? 1 &<< 32 : 0) | (idst ? 1 &<< 36 : 0)
    case .ID_AA64MMFR3_EL1: return hasTCR2 ? 1 : 0
    default:
      // The rest of the identification space reads as zero. Arm ARM D23.3.1.
      return register.op0 == 3 && register.op1 == 0 && register.crn == 0 && register.crm <= 7 && register.crm > 0 ? 0 : nil
    }
  }
}
