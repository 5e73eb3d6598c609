// Owns the assembler text of the integer SIMD instructions of later versions than Armv8.0: FEAT_RDM, FEAT_DotProd, FEAT_I8MM. It does not
// know the rest of Advanced SIMD, which every Capstone knows.
import Architecture

extension AssemblerForm {
  static func simd(_ simd: SIMDInstruction) -> AssemblerForm? {
    let o = simd.operands, size = o.arrangement.log2Size, full = o.arrangement.lanes == .full
    let d = VectorRegister(o.d), n = VectorRegister(o.n), m = VectorRegister(o.m)
    switch simd.operation {
    case .threeSameExtra(let operation):
      switch operation {
      case .sqrdmlah, .sqrdmlsh: return AssemblerForm("\(operation)", [d, n, m].map { lanes($0, o.arrangement) })
      case .sdot, .udot, .usdot, .smmla, .ummla, .usmmla:
        return AssemblerForm("\(operation)", [.arranged(d, size, full: full), .arranged(n, 0, full: full), .arranged(m, 0, full: full)])
      default: return nil
      }
    case .byElement(let operation):
      let index = UInt8(o.immediate)
      switch operation {
      case .sqrdmlah, .sqrdmlsh:
        return AssemblerForm("\(operation)", [lanes(d, o.arrangement), lanes(n, o.arrangement), .element(m, size, index)])
      case .sdot, .udot, .usdot, .sudot:
        let element = AssemblerOperand.vector("v\(m.rawValue)", suffix: "4b[\(index)]")
        return AssemblerForm("\(operation)", [.arranged(d, size, full: full), .arranged(n, 0, full: full), element])
      default: return nil
      }
    default: return scalarFloat(simd) ?? crypto(simd)
    }
  }

  /// A vector, or a scalar register of the lanes' size.
  private static func lanes(_ register: VectorRegister, _ arrangement: Arrangement) -> AssemblerOperand {
    arrangement.lanes == .scalar
      ? .scalar(arrangement.log2Size, register) : .arranged(register, arrangement.log2Size, full: arrangement.lanes == .full)
  }
}
