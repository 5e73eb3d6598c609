// Owns the assembler text of Advanced SIMD instructions on floating-point lanes, in base form. It does not know the scalar floating-point
// classes or the integer ones.
import Architecture

extension AssemblerForm {
  static func simdFloat(_ instruction: Instruction) -> AssemblerForm? {
    guard case .simd(let simd) = instruction else { return nil }
    let o = simd.operands
    switch simd.operation {
    case .threeSameFloat(let operation):
      switch operation {
      case .fmlal, .fmlal2, .fmlsl, .fmlsl2:
        return AssemblerForm("\(operation)", [o.register(o.d), o.halfLanes(o.n), o.halfLanes(o.m)])
      default: return AssemblerForm("\(operation)", [o.register(o.d), o.register(o.n), o.register(o.m)])
      }
    case .threeSameExtra(let operation):
      switch operation {
      case .fcmla, .fcadd:
        return AssemblerForm(
          "\(operation)", [o.register(o.d), o.register(o.n), o.register(o.m), rotation(o.immediate)])
      case .bfdot, .bfmmla, .bfmlalb, .bfmlalt:
        return AssemblerForm("\(operation)", [o.register(o.d), o.bfloats(o.n), o.bfloats(o.m)])
      default: return nil
      }
    case .twoRegisterFloat(let operation): return twoRegister(operation, o)
    case .acrossLanes(let operation):
      switch operation {
      case .fmaxv, .fminv, .fmaxnmv, .fminnmv:
        return AssemblerForm("\(operation)", [.scalar(o.arrangement.log2Size, VectorRegister(o.d)), o.register(o.n)])
      default: return nil
      }
    case .pairwise(let operation):
      if operation == .addp { return nil }
      let pair = AssemblerOperand.vector("v\(o.n)", suffix: "2\(o.letter)")
      return AssemblerForm("\(operation)", [o.register(o.d), pair])
    case .byElementFloat(let operation): return byElement(operation, o)
    default: return nil
    }
  }

  private static func twoRegister(_ operation: TwoRegisterFloat, _ o: SIMDOperands) -> AssemblerForm {
    let name = "\(operation)"
    let size = o.arrangement.log2Size
    switch operation {
    case .fcvtn, .fcvtxn, .bfcvtn:
      let wide = o.arrangement.lanes == .scalar ? AssemblerOperand.scalar(size + 1, VectorRegister(o.n)) : o.wide(o.n)
      return AssemblerForm(o.arrangement.lanes == .full ? name + "2" : name, [o.register(o.d), wide])
    case .fcvtl: return AssemblerForm(o.arrangement.lanes == .full ? name + "2" : name, [o.wide(o.d), o.register(o.n)])
    case .fcmgtZero, .fcmgeZero, .fcmeqZero, .fcmleZero, .fcmltZero:
      return AssemblerForm(String(name.dropLast(4)), [o.register(o.d), o.register(o.n), .keyword("#0.0")])
    default:
      let fractionBits = o.immediate == 0 ? [] : [AssemblerOperand.immediate(UInt64(o.immediate))]
      return AssemblerForm(name, [o.register(o.d), o.register(o.n)] + fractionBits)
    }
  }

  private static func byElement(_ operation: ByElementFloat, _ o: SIMDOperands) -> AssemblerForm {
    let m = VectorRegister(o.m)
    let index = UInt8(truncatingIfNeeded: o.immediate)
    switch operation {
    case .fmla, .fmls, .fmul, .fmulx:
      return AssemblerForm(
        "\(operation)", [o.register(o.d), o.register(o.n), .element(m, o.arrangement.log2Size, index)])
    case .fmlal, .fmlal2, .fmlsl, .fmlsl2:
      return AssemblerForm("\(operation)", [o.register(o.d), o.halfLanes(o.n), .element(m, 1, index)])
    case .fcmla:
      return AssemblerForm(
        "\(operation)",
        [o.register(o.d), o.register(o.n), .element(m, o.arrangement.log2Size, index), rotation(o.immediate >> 8)])
    case .bfdot:
      return AssemblerForm("\(operation)", [o.register(o.d), o.bfloats(o.n), .vector("v\(o.m)", suffix: "2h[\(index)]")])
    case .bfmlalb, .bfmlalt:
      return AssemblerForm("\(operation)", [o.register(o.d), o.bfloats(o.n), .element(m, 1, index)])
    }
  }

  /// A rotation in degrees, in decimal.
  private static func rotation(_ quarterTurns: UInt16) -> AssemblerOperand { .keyword("#\(quarterTurns * 90)") }
}

extension SIMDOperands {
  fileprivate var letter: String { ["b", "h", "s", "d"][Int(arrangement.log2Size)] }

  /// A register in the instruction's arrangement.
  fileprivate func register(_ number: UInt8) -> AssemblerOperand {
    arrangement.lanes == .scalar
      ? .scalar(arrangement.log2Size, VectorRegister(number))
      : .arranged(VectorRegister(number), arrangement.log2Size, full: arrangement.lanes == .full)
  }
  /// All of a register in lanes of twice the size.
  fileprivate func wide(_ number: UInt8) -> AssemblerOperand {
    .arranged(VectorRegister(number), arrangement.log2Size + 1, full: true)
  }
  /// As many half-precision lanes as the instruction has lanes.
  fileprivate func halfLanes(_ number: UInt8) -> AssemblerOperand { .vector("v\(number)", suffix: "\(arrangement.count)h") }
  /// Twice as many half-precision lanes as the instruction has lanes: pairs of BFloat16 numbers.
  fileprivate func bfloats(_ number: UInt8) -> AssemblerOperand {
    .vector("v\(number)", suffix: "\(arrangement.count * 2)h")
  }
}
