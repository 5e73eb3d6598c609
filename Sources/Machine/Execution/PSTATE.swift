// Owns which bits of PSTATE a processor has, and the fields that MRS, MSR (register) and MSR (immediate) name.
// It does not know which Exception level may access them: the general executor checks that. Arm ARM C5.2.
import Architecture

extension ProcessorFeatures {
  /// The bits of SPSR_EL1 that ERET copies to PSTATE. A bit whose feature is absent reads as 0. Arm ARM: SetPSTATEFromPSR.
  var stateMask: UInt64 {
    let always: UInt64 = 0xf030_03df  // NZCV, SS, IL, DAIF, M
    return always | (pan ? 1 &<< 22 : 0) | (uao ? 1 &<< 23 : 0) | (dit ? 1 &<< 24 : 0) | (ssbs ? 1 &<< 12 : 0)
      | (bti ? 3 &<< 10 : 0)
  }
}

extension Context {
  /// The bit of PSTATE that a one-bit register shows, in the same place in both; nil if the processor lacks it.
  private func stateBit(_ register: SystemRegister) -> UInt64? {
    let features = state.pointee.features
    return switch register {
    case .PAN where features.pan: 22
    case .UAO where features.uao: 23
    case .DIT where features.dit: 24
    case .SSBS where features.ssbs: 12
    default: nil
    }
  }

  /// A field of PSTATE as MRS reads it; nil if no field has this name.
  func stateField(_ register: SystemRegister) -> UInt64? {
    let current = state.pointee.processorState
    return switch register {
    case .DAIF: current.daif &<< 6
    case .CurrentEL: current.exceptionLevel &<< 2
    case .SPSel: current.usesOwnStackPointer ? 1 : 0
    default: stateBit(register).map { current.rawValue & 1 &<< $0 }
    }
  }

  /// Writes a field of PSTATE; false if no writable field has this name.
  func setStateField(_ register: SystemRegister, _ value: UInt64) -> Bool {
    let s = state
    switch register {
    case .DAIF: s.pointee.processorState.daif = value &>> 6
    case .SPSel:
      let own = value & 1 != 0
      if own != s.pointee.processorState.usesOwnStackPointer {
        s.pointee.processorState.usesOwnStackPointer = own
        selectStackPointer(own: own)
      }
    default:
      guard let bit = stateBit(register) else { return false }
      let raw = s.pointee.processorState.rawValue
      s.pointee.processorState.rawValue = raw & ~(1 &<< bit) | value & 1 &<< bit
      // PAN changes what EL1 may access.
      if register == .PAN { selectFastTable() }
    }
    return true
  }
}
