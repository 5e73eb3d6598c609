// Owns the comparison of our operands with the linked Capstone's details, word by word over a sample.
// It does not know versions: words that this Capstone does not know are skipped, and aliases are compared by mnemonic only.
import Testing

@testable import Decoding

struct CapstoneAgreementTests {
  /// Aliases that Capstone prefers, with the base forms for which they stand. Their operands differ from those of the base form.
  static let aliases: [String: Set<String>] = [
    "mov": ["add", "orr", "movz", "movn", "umov", "dup", "ins"], "mvn": ["orn"], "cmp": ["subs"], "cmn": ["adds"], "tst": ["ands"],
    "neg": ["sub"], "negs": ["subs"], "ngc": ["sbc"], "ngcs": ["sbcs"],
    "lsl": ["ubfm", "lslv"], "lsr": ["ubfm", "lsrv"], "asr": ["sbfm", "asrv"], "ror": ["extr", "rorv"],
    "ubfx": ["ubfm"], "ubfiz": ["ubfm"], "uxtb": ["ubfm"], "uxth": ["ubfm"], "uxtw": ["ubfm"],
    "sbfx": ["sbfm"], "sbfiz": ["sbfm"], "sxtb": ["sbfm"], "sxth": ["sbfm"], "sxtw": ["sbfm"],
    "bfi": ["bfm"], "bfxil": ["bfm"], "bfc": ["bfm"],
    "cset": ["csinc"], "csetm": ["csinv"], "cinc": ["csinc"], "cinv": ["csinv"], "cneg": ["csneg"],
    "mul": ["madd"], "mneg": ["msub"], "smull": ["smaddl"], "umull": ["umaddl"], "smnegl": ["smsubl"], "umnegl": ["umsubl"],
    "at": ["sys"], "dc": ["sys"], "ic": ["sys"], "tlbi": ["sys"], "cfp": ["sys"], "dvp": ["sys"], "cpp": ["sys"],
    "rev64": ["rev"], "ssbb": ["dsb"], "pssbb": ["dsb"], "dfb": ["dsb"],
    "mvni": ["movi"], "fmov": ["movi"],
    "ldnp": ["ldp"], "stnp": ["stp"],  // SIMD&FP: `Instruction` does not keep the hint
  ]
  /// Unscaled forms, which `Instruction` does not distinguish from scaled ones.
  static let unscaled: [String: String] = [
    "ldur": "ldr", "ldurb": "ldrb", "ldurh": "ldrh", "ldursb": "ldrsb", "ldursh": "ldrsh", "ldursw": "ldrsw",
    "stur": "str", "sturb": "strb", "sturh": "strh", "prfum": "prfm",
  ]
  /// Families whose base form is written differently by Capstone, so that only their mnemonics are compared.
  static let unlikeOperands: Set<String> = ["movi", "orr", "bic", "fmov", "sys", "sysl", "hint", "msr", "mrs"]

  /// Registers, numbers and amounts in order. Zeros are left out, because Capstone writes some and not others.
  static func tokens(_ operands: [AssemblerOperand]) -> [String] {
    operands.flatMap { operand -> [String] in
      switch operand {
      case .register(let name): [name]
      case .modified(let name, _, let amount): [name] + number(Int64(amount))
      case .vector(let name, _): [name]
      case .immediate(let value), .address(let value): number(Int64(bitPattern: value))
      case .shiftedImmediate(let value, let shift): number(Int64(bitPattern: value << UInt64(shift)))
      case .memory(let base, let offset, _): [base] + number(offset)
      case .indexed(let base, let index, _, let amount): [base, index] + number(Int64(amount))
      case .keyword: []
      }
    }
  }
  static func tokens(_ operands: [CapstoneOperand]) -> [String] {
    operands.flatMap { operand -> [String] in
      switch operand {
      case .register(let name, let shift): [plain(name)] + number(Int64(shift))
      case .immediate(let value): number(value)
      case .memory(let base, let index, let displacement, let shift):
        [plain(base)] + (index.map { [plain($0)] } ?? []) + number(displacement) + number(Int64(shift))
      case .other: []
      }
    }
  }
  /// Capstone 5 calls X29 and X30 by their roles.
  private static func plain(_ name: String) -> String { ["fp": "x29", "lr": "x30"][name] ?? name }
  private static func number(_ value: Int64) -> [String] { value == 0 ? [] : ["#\(value)"] }

  @Test func operandsAgree() throws {
    let decoder = try Decoder()
    let capstone = try CapstoneDecoder(details: true)
    let pc: UInt64 = 0x1_2345_6000
    var compared = 0
    var wrong: [String] = []
    for word in SampleWords(seed: 1, count: 1 << 18) {
      let instruction = decoder.decode(word)
      guard let answer = capstone.describe(word, at: pc), let form = AssemblerForm(instruction, at: pc) else { continue }
      let mnemonic = Self.unscaled[answer.mnemonic] ?? answer.mnemonic
      // Capstone 4 writes most hints as numbers, and SB, WFET and WFIT as an MSR of a register with op0 = 0.
      if case .hint(let number) = instruction, mnemonic == "hint" {
        if answer.operands != [.immediate(Int64(number))] { wrong.append("\(hex(word)) hint \(number) / \(answer.operandText)") }
        continue
      }
      if instruction == .barrier(.sb, option: 0) && mnemonic == "msr" { continue }
      if case .waitWithTimeout = instruction, mnemonic == "msr" { continue }
      if form.mnemonic != mnemonic {
        if Self.aliases[mnemonic]?.contains(form.mnemonic) != true {
          wrong.append("\(hex(word)) \(form.text) / \(answer.mnemonic) \(answer.operandText)")
        }
        continue
      }
      if Self.unlikeOperands.contains(mnemonic) && !Self.isPlain(instruction) { continue }
      // Capstone 5 omits the operation of a prefetch that has no name.
      if mnemonic.hasPrefix("prf") && answer.operandText.hasPrefix(",") { continue }
      compared += 1
      let ours = Self.tokens(form.operands)
      let theirs = Self.tokens(answer.operands)
      if ours != theirs { wrong.append("\(hex(word)) \(form.text) \(ours) / \(answer.mnemonic) \(answer.operandText) \(theirs)") }
    }
    #expect(wrong.isEmpty, "\(wrong.count) differ: \(wrong.prefix(40).joined(separator: "\n"))")
    #expect(compared > 50_000)
  }

  /// ORR, BIC and FMOV have plain forms beside the immediate ones.
  private static func isPlain(_ instruction: Instruction) -> Bool {
    switch instruction {
    case .logical, .vectorLogical, .moveVectorScalar, .moveGeneralToVector, .moveVectorToGeneral: true
    default: false
    }
  }

  /// If the linked Capstone knows a word of the extension list, both must give it the same name.
  @Test func extensionsThatCapstoneKnowsToo() throws {
    let decoder = try Decoder()
    let capstone = try CapstoneDecoder(details: true)
    for row in GoldenRow.loadsAndStores where ExtensionDecoder.recognises(row.word) {
      guard let answer = capstone.describe(row.word, at: 0) else { continue }
      let form = try #require(AssemblerForm(decoder.decode(row.word), at: 0))
      #expect(form.mnemonic == Self.unscaled[answer.mnemonic] ?? answer.mnemonic, "\(row.testDescription)")
      #expect(Self.tokens(form.operands) == Self.tokens(answer.operands), "\(row.testDescription)")
    }
  }
}
