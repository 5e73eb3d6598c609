// Owns the files of scalar floating-point vectors: the words of the operations, and rows of operands and results.
// It does not know the operations: `FloatOperation` lists them.
import Architecture

extension VectorFile {
  static let scalarFloat: [VectorFile] = [
    words,
    scalar("arithmetic", rows: 150, FloatOperation.arithmetic),
    scalar("conversions", rows: 60, FloatOperation.conversions),
  ]

  /// The operations that have a scalar instruction.
  private static let words = VectorFile(name: "float/words.tsv") { sources in
    let operations = (FloatOperation.arithmetic + FloatOperation.conversions).filter { !$0.isVector }
    let texts = try sources.llvm.lines(operations.map(\.word), aliases: false)
    let header =
      "# operation\tword\twhere the result is: V3, X9 or NZCV\tinstruction, with a, b and c in V0, V1 and V2, or a in X9; "
      + "as \(sources.llvmName) writes it"
    return [header]
      + zip(operations, texts).map { operation, text in
        let place =
          switch operation.result {
          case .vector: "V3"
          case .general, .generalAndFlags: "X9"
          case .flags: "NZCV"
          }
        return [operation.name, bareHexadecimal(operation.word, digits: 8), place, text ?? "-"].joined(separator: "\t")
      }
  }

  private static func scalar(_ name: String, rows: Int, _ operations: [FloatOperation]) -> VectorFile {
    VectorFile(name: "float/\(name).tsv") { sources in
      let turns = operations.flatMap { Array(repeating: $0, count: rows) }
      let drawn = turns.map { operation in
        let operands = operation.operands.map { operand(operand: $0, &sources.random) } + [0, 0]
        let control = sources.random.control() & ~(Exclusion.row(of: operation.word)?.control ?? 0)
        return (operands: Array(operands[..<3]), control: control)
      }
      let cases = zip(turns, drawn).map { operation, drawn in
        var vector = VectorCase(operation.word)
        vector.input.fpcr = drawn.control
        if case .general = operation.operands[0] { vector.input.x[9] = drawn.operands[0] }
        for register in 0..<3 { vector.setVector(register, low: drawn.operands[register]) }
        if operation.accumulates { vector.setVector(3, low: drawn.operands[2]) }
        return vector
      }
      let results = try sources.judge.run(cases)
      let header =
        "# operation\ta\tb\tc\tFPCR\tresult\tFPSR\tNZCV, in hexadecimal; as \(sources.judgeName) computes them, FPSR being 0 before"
      return [header]
        + turns.indices.map { row in
          let (value, flags) = result(turns[row].result, results[row])
          return
            ([turns[row].name] + (drawn[row].operands + [drawn[row].control, value, results[row].fpsr, flags]).map { bareHexadecimal($0) })
            .joined(separator: "\t")
        }
    }
  }

  private static func operand(operand: FloatOperation.Operand, _ random: inout RandomOperands) -> UInt64 {
    switch operand {
    case .number(let format): random.floatingPoint(format)
    case .brainFloats(let count): (0..<count).reduce(0) { numbers, _ in numbers << 16 | random.floatingPoint(.single) >> 16 }
    case .integer(let bits): random.general() & (1 << UInt64(bits) - 1)
    case .general: random.general()
    }
  }

  /// The result and NZCV, if the operation has them.
  private static func result(_ place: FloatOperation.Result, _ state: StretchState) -> (value: UInt64, flags: UInt64) {
    switch place {
    case .vector(let bits): (bits == 64 ? state.v[6] : state.v[6] & (1 << UInt64(bits) - 1), 0)
    case .general: (state.x[9], 0)
    case .flags: (0, state.nzcv >> 28)
    case .generalAndFlags: (state.x[9], state.nzcv >> 28)
    }
  }
}
