// Owns the base form of an instruction as an assembler writes it: mnemonic and operands, with no aliases except those of hints and
// the stores of FEAT_LSE. It does not know words or Capstone: tests compare it with Capstone's details, and `Disassembler` prints
// it.
import Architecture

/// A mnemonic and its operands in assembler order.
struct AssemblerForm: Hashable {
  let mnemonic: String
  let operands: [AssemblerOperand]

  init(_ mnemonic: String, _ operands: [AssemblerOperand]) {
    self.mnemonic = mnemonic
    self.operands = operands
  }

  var text: String { operands.isEmpty ? mnemonic : "\(mnemonic) \(operands.map(\.text).joined(separator: ", "))" }
}

enum AssemblerOperand: Hashable {
  case register(String)
  /// A register shifted or extended: `x2, lsl #3`.
  case modified(String, by: String, amount: UInt8)
  /// A vector register or one of its elements, with its arrangement: `v1.s[2]`.
  case vector(String, suffix: String)
  case immediate(UInt64)
  /// An immediate with `lsl #shift` (MOVZ, MOVN, MOVK).
  case shiftedImmediate(UInt64, shift: UInt8)
  /// The address of a branch target or literal.
  case address(UInt64)
  case memory(base: String, offset: Int64, MemoryForm)
  case indexed(base: String, index: String, by: String, amount: UInt8)
  /// A condition, system register, barrier option or prefetch operation.
  case keyword(String)

  enum MemoryForm: Hashable { case plain, preIndex, postIndex }

  var text: String {
    switch self {
    case .register(let name): name
    case .modified(let name, "lsl", 0): name
    case .modified(let name, let modifier, let amount):
      // An extend of 0 is left out, a shift of 0 is written.
      amount == 0 && modifier.contains("xt") ? "\(name), \(modifier)" : "\(name), \(modifier) #\(amount)"
    case .vector(let name, let suffix): "\(name).\(suffix)"
    case .immediate(let value): "#\(Self.number(value))"
    case .shiftedImmediate(let value, let shift): shift == 0 ? "#\(Self.number(value))" : "#\(Self.number(value)), lsl #\(shift)"
    case .address(let address): "#\(hexadecimal(address))"
    case .memory(let base, let offset, .plain): offset == 0 ? "[\(base)]" : "[\(base), #\(offset)]"
    case .memory(let base, let offset, .preIndex): "[\(base), #\(offset)]!"
    case .memory(let base, let offset, .postIndex): "[\(base)], #\(offset)"
    case .indexed(let base, let index, let modifier, let amount):
      modifier == "lsl" && amount == 0
        ? "[\(base), \(index)]" : amount == 0 ? "[\(base), \(index), \(modifier)]" : "[\(base), \(index), \(modifier) #\(amount)]"
    case .keyword(let word): word
    }
  }

  /// Small numbers in decimal, others in hexadecimal, as Capstone writes them.
  private static func number(_ value: UInt64) -> String { value < 10 ? "\(value)" : hexadecimal(value) }
}

// MARK: Names

extension AssemblerOperand {
  /// A general register of a width: x1, w1, xzr, wsp.
  static func general(_ register: Register, _ width: Width) -> String {
    switch (register, width) {
    case (.zero, .x): "xzr"
    case (.zero, .w): "wzr"
    case (.sp, .x): "sp"
    case (.sp, .w): "wsp"
    case (_, .x): "x\(register.rawValue)"
    case (_, .w): "w\(register.rawValue)"
    }
  }
  static func x(_ register: Register) -> AssemblerOperand { .register(general(register, .x)) }
  static func w(_ register: Register) -> AssemblerOperand { .register(general(register, .w)) }
  static func of(_ width: Width, _ register: Register) -> AssemblerOperand { .register(general(register, width)) }

  /// The register that an access of a size transfers: X for doublewords, else W.
  static func transfer(_ size: AccessSize, _ register: Register) -> AssemblerOperand { of(size == .double ? .x : .w, register) }

  /// A scalar SIMD&FP register: b0, h0, s0, d0, q0.
  static func scalar(_ log2Size: UInt8, _ register: VectorRegister) -> AssemblerOperand {
    .register("\(["b", "h", "s", "d", "q"][Int(log2Size)])\(register.rawValue)")
  }
  /// A whole vector: v0.8b.
  static func arranged(_ register: VectorRegister, _ log2Size: UInt8, full: Bool) -> AssemblerOperand {
    .vector("v\(register.rawValue)", suffix: "\((full ? 16 : 8) >> log2Size)\(["b", "h", "s", "d"][Int(log2Size)])")
  }
  /// One element: v0.b[3].
  static func element(_ register: VectorRegister, _ log2Size: UInt8, _ index: UInt8) -> AssemblerOperand {
    .vector("v\(register.rawValue)", suffix: "\(["b", "h", "s", "d"][Int(log2Size)])[\(index)]")
  }

  static func place(_ addressing: Addressing, pc: UInt64) -> AssemblerOperand {
    switch addressing {
    case .offset(let n, let offset): .memory(base: general(n, .x), offset: offset, .plain)
    case .preIndex(let n, let offset): .memory(base: general(n, .x), offset: offset, .preIndex)
    case .postIndex(let n, let offset): .memory(base: general(n, .x), offset: offset, .postIndex)
    case .register(let n, let m, let type, let shift):
      .indexed(
        base: general(n, .x), index: general(m, type.rawValue & 3 == 3 ? .x : .w),
        by: type == .uxtx ? "lsl" : "\(type)", amount: shift)
    case .literal(let offset): .address(pc &+ UInt64(bitPattern: offset))
    }
  }
}
