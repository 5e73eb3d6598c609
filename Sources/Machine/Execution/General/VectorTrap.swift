// Owns the trap of FP and SIMD instructions by CPACR_EL1.FPEN.
// It does not know what the instructions do. Arm ARM: AArch64.CheckFPEnabled, CPACR_EL1.
import Architecture
import Decoding

extension Context {
  /// Whether FP and SIMD instructions trap now. Call this after a change of CPACR_EL1 or of the Exception level.
  @inline(__always)
  func updateVectorTrap() {
    let s = state
    let enabled = s.pointee.systemRegisters.cpacr &>> 20 & 3
    // 0b11 traps nothing, 0b01 traps EL0, the rest trap EL0 and EL1.
    let traps = enabled != 3 && (enabled != 1 || s.pointee.processorState.exceptionLevel == 0)
    self[Slot.vectorTrap] = traps ? 1 : 0
  }

  var vectorTrap: GeneralExit { .exception(.trappedVector, far: nil) }

  func requireVectorAccess() throws(GeneralExit) {
    if self[Slot.vectorTrap] != 0 { throw vectorTrap }
  }
}

extension Instruction {
  /// Whether the instruction reads or writes a SIMD&FP register.
  var usesVectorRegisters: Bool {
    switch self {
    case .simd, .structures, .loadVector, .storeVector, .loadVectorPair, .storeVectorPair, .vectorImmediate, .moveVectorScalar,
      .moveVectorScalarImmediate, .moveGeneralToVector, .moveVectorToGeneral, .duplicateElement, .duplicateGeneral,
      .insertElement, .insertGeneral, .moveElementToGeneral, .vectorLogical:
      true
    default: false
    }
  }
}
