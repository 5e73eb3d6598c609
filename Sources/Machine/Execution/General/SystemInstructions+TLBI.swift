// Owns the TLBI instructions: the encodings that exist on this processor, and the operand that each takes. It does not know the contents of
// a TLB.
import Architecture
import Decoding

extension Context {
  /// Executes SYS with CRn 8, which is TLBI. It is UNDEFINED at EL0, and if the processor lacks the form. Arm ARM C5.5.
  func tlbMaintenance(_ register: SystemRegister, _ operand: UInt64) throws(GeneralExit) {
    guard state.pointee.processorState.exceptionLevel != 0,
      let operation = TLBIOperation.encodings.first(where: { $0.register == register })?.operation,
      state.pointee.features.has(operation)
    else { throw .undefined }
    owner.invalidateTLB(operation, operand)
  }
}
