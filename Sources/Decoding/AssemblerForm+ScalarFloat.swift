// Owns how scalar floating-point instructions are written in base form. Debian 12's Capstone does not know half precision.
// It does not know moves, which are no operations on numbers, or vectors.
import Architecture

extension AssemblerForm {
  static func scalarFloat(_ simd: SIMDInstruction) -> AssemblerForm? {
    let o = simd.operands
    let size = o.arrangement.log2Size
    func float(_ number: UInt8) -> AssemblerOperand { .scalar(size, VectorRegister(number)) }
    let condition = Condition(rawValue: o.a).map(Self.condition) ?? .keyword("")
    // Conversions of fixed-point numbers name the number of fraction bits; conversions of integers do not.
    let fractionBits = o.immediate == 0 ? [] : [AssemblerOperand.immediate(UInt64(o.immediate))]
    switch simd.operation {
    case .floatOneSource(let operation):
      let (name, result): (String, UInt8) =
        switch operation {
        case .fcvtToHalf: ("fcvt", 1)
        case .fcvtToSingle: ("fcvt", 2)
        case .fcvtToDouble: ("fcvt", 3)
        case .bfcvt: ("bfcvt", 1)
        default: ("\(operation)", size)
        }
      return AssemblerForm(name, [.scalar(result, VectorRegister(o.d)), float(o.n)])
    case .floatTwoSource(let operation): return AssemblerForm("\(operation)", [float(o.d), float(o.n), float(o.m)])
    case .floatThreeSource(let operation):
      return AssemblerForm("\(operation)", [float(o.d), float(o.n), float(o.m), float(o.a)])
    case .floatCompare(let signals, let zero):
      return AssemblerForm(signals ? "fcmpe" : "fcmp", [float(o.n), zero ? .keyword("#0.0") : float(o.m)])
    case .floatConditionalCompare(let signals):
      return AssemblerForm(signals ? "fccmpe" : "fccmp", [float(o.n), float(o.m), .immediate(UInt64(o.immediate)), condition])
    case .floatSelect: return AssemblerForm("fcsel", [float(o.d), float(o.n), float(o.m), condition])
    case .floatToGeneral(let operation, let width):
      return AssemblerForm("\(operation)", [.of(width, Register(o.d)), float(o.n)] + fractionBits)
    case .generalToFloat(let unsigned, let width):
      return AssemblerForm(unsigned ? "ucvtf" : "scvtf", [float(o.d), .of(width, Register(o.n))] + fractionBits)
    case .floatToJavaScript: return AssemblerForm("fjcvtzs", [.w(Register(o.d)), float(o.n)])
    default: return nil
    }
  }
}
