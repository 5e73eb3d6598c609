// Owns the assembler text of the instructions of FEAT_FlagM, FEAT_FlagM2, FEAT_CSSC and FEAT_WFxT. It does not know the effect of the
// instructions.
import Architecture

extension AssemblerForm {
  static func integerExtension(_ instruction: Instruction) -> AssemblerForm? {
    switch instruction {
    case .commonUnary(let operation, let width, let d, let n): AssemblerForm("\(operation)", [.of(width, d), .of(width, n)])
    case .minMax(let operation, let width, let d, let n, .register(let m)):
      AssemblerForm("\(operation)", [.of(width, d), .of(width, n), .of(width, m)])
    case .minMax(let operation, let width, let d, let n, .immediate(let value)):
      AssemblerForm("\(operation)", [.of(width, d), .of(width, n), .keyword("#\(value)")])
    case .flagManipulation(.rmif(let n, let rotation, let mask)):
      AssemblerForm("rmif", [.x(n), .immediate(UInt64(rotation)), .immediate(UInt64(mask))])
    case .flagManipulation(.setf(let n, let bits)): AssemblerForm("setf\(bits)", [.w(n)])
    case .flagManipulation(let operation): AssemblerForm("\(operation)", [])
    case .waitWithTimeout(let event, let t): AssemblerForm(event ? "wfet" : "wfit", [.x(t)])
    default: nil
    }
  }
}
