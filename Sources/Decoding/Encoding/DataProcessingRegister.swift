// Owns the operands of data processing (register), C4.1.95.
// It does not know what recognised the word.
import Architecture

enum DataProcessingRegister {
  static func decode(_ w: Word) -> Instruction {
    if !w[28] { return w[24] ? (w[21] ? addSubtractExtended(w) : addSubtractShifted(w)) : logicalShifted(w) }
    if w[24] { return threeSource(w) }
    switch w[23, 21] {
    case 0b000: return w[15, 10] == 0 ? withCarry(w) : IntegerExtensions.rotateAndEvaluate(w)
    case 0b010: return conditionalCompare(w)
    case 0b100: return conditionalSelect(w)
    case 0b110: return w[30] ? oneSource(w) : twoSource(w)
    default: return .undefined
    }
  }

  private static func logicalShifted(_ w: Word) -> Instruction {
    if !w[31] && w[15] { return .undefined }
    let operations: [LogicalOperation] = [.and, .orr, .eor, .and]
    return .logical(
      Logical(
        operation: operations[w[30, 29]], invert: w[21], setsFlags: w[30, 29] == 3, width: w.width, d: w.d, n: w.n,
        operand: .shifted(w.m, ShiftType(rawValue: UInt8(w[23, 22]))!, amount: UInt8(w[15, 10]))))
  }

  private static func addSubtractShifted(_ w: Word) -> Instruction {
    if w[23, 22] == 3 || (!w[31] && w[15]) { return .undefined }
    return .addSubtract(
      AddSubtract(
        subtract: w[30], setsFlags: w[29], width: w.width, d: w.d, n: w.n,
        operand: .shifted(w.m, ShiftType(rawValue: UInt8(w[23, 22]))!, amount: UInt8(w[15, 10]))))
  }

  private static func addSubtractExtended(_ w: Word) -> Instruction {
    if w[23, 22] != 0 || w[12, 10] > 4 { return .undefined }
    return .addSubtract(
      AddSubtract(
        subtract: w[30], setsFlags: w[29], width: w.width, d: w[29] ? w.d : w.registerOrSP(0), n: w.nOrSP,
        operand: .extended(w.m, Extend(rawValue: UInt8(w[15, 13]))!, amount: UInt8(w[12, 10]))))
  }

  private static func withCarry(_ w: Word) -> Instruction {
    .addSubtractWithCarry(subtract: w[30], setsFlags: w[29], w.width, d: w.d, n: w.n, m: w.m)
  }

  private static func conditionalCompare(_ w: Word) -> Instruction {
    if !w[29] || w[10] || w[4] { return .undefined }
    let operand: CompareOperand = w[11] ? .immediate(UInt8(w[20, 16])) : .register(w.m)
    return .conditionalCompare(negative: !w[30], w.width, n: w.n, operand, nzcv: UInt8(w[3, 0]), w.condition)
  }

  private static func conditionalSelect(_ w: Word) -> Instruction {
    if w[29] || w[11] { return .undefined }
    let kinds: [ConditionalSelect] = [.csel, .csinc, .csinv, .csneg]
    return .conditionalSelect(kinds[w[30, 30] * 2 + w[10, 10]], w.width, d: w.d, n: w.n, m: w.m, w.condition)
  }

  private static func oneSource(_ w: Word) -> Instruction {
    if !w[29] && w[20, 16] == 1 { return PointerAuthentication.oneSource(w) }
    if w[29] || w[20, 16] != 0 { return .undefined }
    let operation: UnaryOperation
    switch (w[31], w[15, 10]) {
    case (_, 0): operation = .rbit
    case (_, 1): operation = .rev16
    case (false, 2), (true, 3): operation = .rev
    case (true, 2): operation = .rev32
    case (_, 4): operation = .clz
    case (_, 5): operation = .cls
    case (_, 6...8): return IntegerExtensions.unary(w)
    default: return .undefined
    }
    return .unary(operation, w.width, d: w.d, n: w.n)
  }

  private static func twoSource(_ w: Word) -> Instruction {
    if let tagging = MemoryTagging.twoSource(w) { return tagging }
    if w[29] { return .undefined }
    let opcode = w[15, 10]
    switch opcode {
    case 2, 3: return .divide(signed: opcode == 3, w.width, d: w.d, n: w.n, m: w.m)
    case 8...11: return .shiftVariable(ShiftType(rawValue: UInt8(opcode - 8))!, w.width, d: w.d, n: w.n, m: w.m)
    case 12: return PointerAuthentication.generic(w)
    case 24...27: return IntegerExtensions.minMax(w)
    case 16...23:
      let sizes: [AccessSize] = [.byte, .half, .word, .double]
      if w[31] != (opcode & 3 == 3) { return .undefined }
      return .crc32(castagnoli: opcode & 4 != 0, size: sizes[opcode & 3], d: w.d, n: w.n, m: w.m)
    default: return .undefined
    }
  }

  private static func threeSource(_ w: Word) -> Instruction {
    if w[30, 29] != 0 { return .undefined }
    let subtract = w[15]
    switch w[23, 21] {
    case 0b000: return .multiplyAdd(subtract: subtract, w.width, d: w.d, n: w.n, m: w.m, a: w.a)
    case 0b001, 0b101:
      return w[31] ? .multiplyAddLong(signed: !w[23], subtract: subtract, d: w.d, n: w.n, m: w.m, a: w.a) : .undefined
    case 0b010, 0b110: return w[31] && !subtract ? .multiplyHigh(signed: !w[23], d: w.d, n: w.n, m: w.m) : .undefined
    default: return .undefined
    }
  }
}
