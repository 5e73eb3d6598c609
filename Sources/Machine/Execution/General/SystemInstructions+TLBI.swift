// Owns the TLBI instructions: which encodings exist on this processor, and which operand each passes on.
// It does not know what a TLB holds.
import Architecture
import Decoding

extension Context {
  /// SYS with CRn 8: TLBI. UNDEFINED at EL0, and where the processor lacks the form. Arm ARM C5.5.
  func tlbMaintenance(_ register: SystemRegister, _ operand: UInt64) throws(GeneralExit) {
    guard state.pointee.processorState.exceptionLevel != 0,
      let operation = TLBIOperation.encodings.first(where: { $0.register == register })?.operation,
      state.pointee.features.has(operation)
    else { throw .undefined }
    owner.invalidateTLB(operation, operand)
  }
}
