// Owns how data processing, branches and system instructions are written in base form.
// It does not know loads and stores, which are in AssemblerForm+LoadsAndStores.swift.
import Architecture

extension AssemblerForm {
  /// The base form of an instruction at `pc`; nil for `.undefined`.
  init?(_ instruction: Instruction, at pc: UInt64) {
    guard
      let form = Self.dataProcessing(instruction, pc) ?? Self.branch(instruction, pc) ?? Self.access(instruction, pc)
        ?? Self.vector(instruction) ?? Self.simdFloat(instruction) ?? Self.system(instruction) ?? Self.pointerAuthentication(instruction)
        ?? Self.integerExtension(instruction) ?? Self.memoryTagging(instruction)
    else { return nil }
    self = form
  }

  private static func dataProcessing(_ instruction: Instruction, _ pc: UInt64) -> AssemblerForm? {
    switch instruction {
    case .addSubtract(let i):
      return AssemblerForm(
        (i.subtract ? "sub" : "add") + (i.setsFlags ? "s" : ""),
        [.of(i.width, i.d), .of(i.width, i.n), operand(i.operand, i.width)])
    case .addSubtractWithCarry(let subtract, let setsFlags, let width, let d, let n, let m):
      return AssemblerForm((subtract ? "sbc" : "adc") + (setsFlags ? "s" : ""), [.of(width, d), .of(width, n), .of(width, m)])
    case .logical(let i):
      let name =
        switch (i.operation, i.invert) {
        case (.and, false): "and"
        case (.and, true): "bic"
        case (.orr, false): "orr"
        case (.orr, true): "orn"
        case (.eor, false): "eor"
        case (.eor, true): "eon"
        }
      return AssemblerForm(
        name + (i.setsFlags ? "s" : ""), [.of(i.width, i.d), .of(i.width, i.n), operand(i.operand, i.width)])
    case .moveWide(let kind, let width, let d, let immediate, let shift):
      return AssemblerForm("\(kind)", [.of(width, d), .shiftedImmediate(UInt64(immediate), shift: shift)])
    case .pcRelative(let page, let d, let offset):
      let base = page ? pc & ~0xfff : pc
      return AssemblerForm(page ? "adrp" : "adr", [.x(d), .address(base &+ UInt64(bitPattern: offset))])
    case .bitfield(let kind, let width, let d, let n, let immr, let imms):
      return AssemblerForm("\(kind)", [.of(width, d), .of(width, n), .immediate(UInt64(immr)), .immediate(UInt64(imms))])
    case .extract(let width, let d, let n, let m, let lsb):
      return AssemblerForm("extr", [.of(width, d), .of(width, n), .of(width, m), .immediate(UInt64(lsb))])
    case .conditionalSelect(let kind, let width, let d, let n, let m, let condition):
      return AssemblerForm("\(kind)", [.of(width, d), .of(width, n), .of(width, m), self.condition(condition)])
    case .conditionalCompare(let negative, let width, let n, let operand, let nzcv, let condition):
      let second: AssemblerOperand =
        switch operand {
        case .immediate(let value): .immediate(UInt64(value))
        case .register(let m): .of(width, m)
        }
      return AssemblerForm(
        negative ? "ccmn" : "ccmp", [.of(width, n), second, .immediate(UInt64(nzcv)), self.condition(condition)])
    case .shiftVariable(let type, let width, let d, let n, let m):
      return AssemblerForm("\(type)v", [.of(width, d), .of(width, n), .of(width, m)])
    case .divide(let signed, let width, let d, let n, let m):
      return AssemblerForm(signed ? "sdiv" : "udiv", [.of(width, d), .of(width, n), .of(width, m)])
    case .multiplyAdd(let subtract, let width, let d, let n, let m, let a):
      return AssemblerForm(subtract ? "msub" : "madd", [.of(width, d), .of(width, n), .of(width, m), .of(width, a)])
    case .multiplyAddLong(let signed, let subtract, let d, let n, let m, let a):
      return AssemblerForm((signed ? "s" : "u") + (subtract ? "msubl" : "maddl"), [.x(d), .w(n), .w(m), .x(a)])
    case .multiplyHigh(let signed, let d, let n, let m): return AssemblerForm(signed ? "smulh" : "umulh", [.x(d), .x(n), .x(m)])
    case .unary(let operation, let width, let d, let n): return AssemblerForm("\(operation)", [.of(width, d), .of(width, n)])
    case .crc32(let castagnoli, let size, let d, let n, let m):
      let suffix =
        switch size {
        case .byte: "b"
        case .half: "h"
        case .word: "w"
        case .double: "x"
        }
      return AssemblerForm("crc32\(castagnoli ? "c" : "")\(suffix)", [.w(d), .w(n), .transfer(size, m)])
    default: return nil
    }
  }

  private static func branch(_ instruction: Instruction, _ pc: UInt64) -> AssemblerForm? {
    func target(_ offset: Int64) -> AssemblerOperand { .address(pc &+ UInt64(bitPattern: offset)) }
    switch instruction {
    case .branch(let link, let offset): return AssemblerForm(link ? "bl" : "b", [target(offset)])
    case .branchConditional(let condition, let offset): return AssemblerForm("b.\(name(condition))", [target(offset)])
    case .compareAndBranch(let nonzero, let width, let t, let offset):
      return AssemblerForm(nonzero ? "cbnz" : "cbz", [.of(width, t), target(offset)])
    case .testAndBranch(let nonzero, let bit, let t, let offset):
      return AssemblerForm(nonzero ? "tbnz" : "tbz", [.of(bit > 31 ? .x : .w, t), .immediate(UInt64(bit)), target(offset)])
    case .branchRegister(.ret, n: Register(30)): return AssemblerForm("ret", [])
    case .branchRegister(let kind, let n): return AssemblerForm("\(kind)", [.x(n)])
    case .exceptionReturn: return AssemblerForm("eret", [])
    case .exceptionGeneration(let kind, let immediate): return AssemblerForm("\(kind)", [.immediate(UInt64(immediate))])
    default: return nil
    }
  }

  private static func system(_ instruction: Instruction) -> AssemblerForm? {
    switch instruction {
    case .hint(let number):
      if let name = hintNames[Int(number)] {
        let words = name.split(separator: " ", maxSplits: 1)
        return AssemblerForm(String(words[0]), words.dropFirst().map { .keyword(String($0)) })
      }
      return AssemblerForm("hint", [.immediate(UInt64(number))])
    case .barrier(.sb, _): return AssemblerForm("sb", [])
    case .barrier(let kind, let option):
      if (kind == .isb || kind == .clrex) && option == 15 { return AssemblerForm("\(kind)", []) }
      let name = kind == .dsb || kind == .dmb ? barrierOptions[Int(option)] : nil
      return AssemblerForm("\(kind)", [name.map { .keyword($0) } ?? .immediate(UInt64(option))])
    case .readSystemRegister(let t, let register): return AssemblerForm("mrs", [.x(t), .keyword("\(register)".lowercased())])
    case .writeSystemRegister(let register, let t): return AssemblerForm("msr", [.keyword("\(register)".lowercased()), .x(t)])
    case .writeProcessorState(let op1, let op2, let immediate):
      return AssemblerForm("msr", [.keyword(processorStateName(op1, op2)), .immediate(UInt64(immediate))])
    case .system(let register, let t):
      return AssemblerForm("sys", systemFields(register) + (t == .zero ? [] : [.x(t)]))
    case .systemRead(let register, let t): return AssemblerForm("sysl", [.x(t)] + systemFields(register))
    default: return nil
    }
  }

  private static func systemFields(_ register: SystemRegister) -> [AssemblerOperand] {
    [
      .immediate(UInt64(register.op1)), .keyword("c\(register.crn)"), .keyword("c\(register.crm)"),
      .immediate(UInt64(register.op2)),
    ]
  }

  private static func processorStateName(_ op1: UInt8, _ op2: UInt8) -> String {
    switch (op1, op2) {
    case (0, 3): "uao"
    case (0, 4): "pan"
    case (0, 5): "spsel"
    case (3, 1): "ssbs"
    case (3, 2): "dit"
    case (3, 4): "tco"
    case (3, 6): "daifset"
    case (3, 7): "daifclr"
    default: "s0_\(op1)_c4_\(op2)"
    }
  }

  private static func operand(_ operand: Operand, _ width: Width) -> AssemblerOperand {
    switch operand {
    case .immediate(let value): .immediate(value)
    case .shifted(let m, let type, let amount): .modified(AssemblerOperand.general(m, width), by: "\(type)", amount: amount)
    case .extended(let m, let type, let amount):
      // Only the extends of 64-bit values read an X register.
      .modified(AssemblerOperand.general(m, type.rawValue & 3 == 3 ? width : .w), by: "\(type)", amount: amount)
    }
  }

  /// Disassemblers write two conditions as hs and lo, which are the manual's second names.
  private static func name(_ condition: Condition) -> String {
    condition == .cs ? "hs" : condition == .cc ? "lo" : "\(condition)"
  }
  static func condition(_ condition: Condition) -> AssemblerOperand { .keyword(name(condition)) }

  /// The options of DMB and DSB that have names, by CRm. Arm ARM C6.2 DMB.
  private static let barrierOptions: [String?] = [
    nil, "oshld", "oshst", "osh", nil, "nshld", "nshst", "nsh", nil, "ishld", "ishst", "ish", nil, "ld", "st", "sy",
  ]

  /// The hints that have names, by CRm:op2. Arm ARM C4.1.94, hints.
  private static let hintNames: [Int: String] = [
    0: "nop", 1: "yield", 2: "wfe", 3: "wfi", 4: "sev", 5: "sevl", 6: "dgh",
    7: "xpaclri", 8: "pacia1716", 10: "pacib1716", 12: "autia1716", 14: "autib1716",
    16: "esb", 17: "psb csync", 18: "tsb csync", 20: "csdb",
    24: "paciaz", 25: "paciasp", 26: "pacibz", 27: "pacibsp", 28: "autiaz", 29: "autiasp", 30: "autibz", 31: "autibsp",
    32: "bti", 34: "bti c", 36: "bti j", 38: "bti jc",
  ]
}
