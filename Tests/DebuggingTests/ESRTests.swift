// Owns tests of explained syndromes. Expected texts are written by hand from the Arm ARM (ESR_EL1), never from our tables.
// It does not know how a syndrome is made.
import Architecture
import Debugging
import Testing

@Suite("ESR explanations") struct ESRTests {
  /// Arm ARM ESR_EL1, "ISS encoding for an exception from a Data Abort", DFSC: code, kind, level.
  private static let statuses: [(code: UInt64, kind: String, level: Int?)] = [
    (0b000000, "address size", 0), (0b000001, "address size", 1), (0b000010, "address size", 2), (0b000011, "address size", 3),
    (0b000100, "translation", 0), (0b000101, "translation", 1), (0b000110, "translation", 2), (0b000111, "translation", 3),
    (0b001000, "access flag", 0), (0b001001, "access flag", 1), (0b001010, "access flag", 2), (0b001011, "access flag", 3),
    (0b001100, "permission", 0), (0b001101, "permission", 1), (0b001110, "permission", 2), (0b001111, "permission", 3),
    (0b010000, "synchronous external abort", nil), (0b010001, "synchronous tag check", nil),
    (0b010011, "synchronous external abort on translation table walk", -1),
    (0b010100, "synchronous external abort on translation table walk", 0),
    (0b010101, "synchronous external abort on translation table walk", 1),
    (0b010110, "synchronous external abort on translation table walk", 2),
    (0b010111, "synchronous external abort on translation table walk", 3),
    (0b011000, "synchronous parity or ECC error", nil),
    (0b011011, "synchronous parity or ECC error on translation table walk", -1),
    (0b011100, "synchronous parity or ECC error on translation table walk", 0),
    (0b011101, "synchronous parity or ECC error on translation table walk", 1),
    (0b011110, "synchronous parity or ECC error on translation table walk", 2),
    (0b011111, "synchronous parity or ECC error on translation table walk", 3),
    (0b100001, "alignment", nil), (0b101001, "address size", -1), (0b101011, "translation", -1), (0b110000, "TLB conflict", nil),
    (0b110001, "unsupported atomic hardware update", nil), (0b110100, "implementation defined fault (lockdown)", nil),
    (0b110101, "implementation defined fault (unsupported exclusive or atomic)", nil),
  ]

  @Test("every fault status of a data abort has its kind and level")
  func dataStatuses() throws {
    for row in Self.statuses {
      let explanation = ESRExplanation(ExceptionSyndrome(rawValue: 0x9200_0040 | row.code))
      let field = try #require(explanation.fields.first { $0.name == "DFSC" })
      #expect(field.value == row.code)
      #expect(field.meaning.hasPrefix(row.kind), "status \(row.code)")
      if let level = row.level {
        #expect(field.meaning.hasSuffix(", level \(level)"), "status \(row.code)")
      } else {
        #expect(!field.meaning.contains("level"), "status \(row.code)")
      }
      #expect(explanation.summary == "Data Abort from a lower Exception level, write, \(field.meaning)")
    }
  }

  @Test("fault statuses that are not allocated are reserved")
  func reservedStatuses() {
    let known = Set(Self.statuses.map(\.code))
    for code in (0..<64 as Range<UInt64>) where !known.contains(code) {
      let summary = ESRExplanation(ExceptionSyndrome(rawValue: 0x8200_0000 | code)).summary
      #expect(summary == "Instruction Abort from a lower Exception level, reserved", "status \(code)")
    }
  }

  private static let summaries: [(UInt64, String)] = [
    (0x9200_0047, "Data Abort from a lower Exception level, write, translation fault, level 3"),
    (0x9200_0007, "Data Abort from a lower Exception level, read, translation fault, level 3"),
    (0x9200_004f, "Data Abort from a lower Exception level, write, permission fault, level 3"),
    (0x9200_000b, "Data Abort from a lower Exception level, read, access flag fault, level 3"),
    (0x9200_0021, "Data Abort from a lower Exception level, read, alignment fault"),
    (0x9600_0046, "Data Abort from the current Exception level, write, translation fault, level 2"),
    (0x8200_0006, "Instruction Abort from a lower Exception level, translation fault, level 2"),
    (0x8600_000f, "Instruction Abort from the current Exception level, permission fault, level 3"),
    (0x5600_0000, "SVC in AArch64, #0"),
    (0x5600_002a, "SVC in AArch64, #42"),
    (0xf200_0001, "BRK in AArch64, #1"),
    (0x0200_0000, "Unknown reason"),
    (0x8a00_0000, "PC alignment fault"),
    (0x9a00_0000, "SP alignment fault"),
    (0x3600_0002, "Branch Target Exception"),
    (0x1fe0_0000, "Trapped SVE, Advanced SIMD or floating point access"),
    (0x6230_0001, "Trapped MSR, MRS or System instruction, MRS X0, MIDR_EL1"),
    (0x6212_dc76, "Trapped MSR, MRS or System instruction, DC CVAU, X3"),
    (0x0a00_0000, "Reserved exception class"),
    (0x5230_4080, "Trapped MSRR, MRRS or 128-bit System instruction, MSRR CCSIDR_EL1, X4, X5"),
    (0x5230_0881, "Trapped MSRR, MRRS or 128-bit System instruction, MRRS X4, X5, TTBR0_EL1"),
    (0x5210_200e, "Trapped MSRR, MRRS or 128-bit System instruction, SYSP #0, C8, C7, #0, X0, X1"),
    (0x4a00_0007, "HVC in AArch32, #7"),
  ]

  @Test("summaries of well-known values")
  func wellKnown() {
    for (value, text) in Self.summaries { #expect(ESRExplanation(ExceptionSyndrome(rawValue: value)).summary == text) }
  }

  private func meaning(_ value: UInt64, _ name: String) -> String? {
    ESRExplanation(ExceptionSyndrome(rawValue: value)).fields.first { $0.name == name }?.meaning
  }

  @Test("fields mean what the Arm ARM says")
  func fields() {
    #expect(meaning(0x9200_0146, "CM") == "cache maintenance or address translation")
    #expect(meaning(0x9200_0410, "FnV") == "FAR_EL1 is not valid")
    #expect(meaning(0x9200_0410, "SET") == "recoverable (UER)")
    #expect(meaning(0x9200_0087, "S1PTW") == "a stage 2 fault on a stage 1 walk")
    // ISV: a word to X5, seen as a 64-bit register.
    #expect(meaning(0x9385_8047, "SAS") == "word")
    #expect(meaning(0x9385_8047, "SRT") == "X5")
    #expect(meaning(0x9385_8047, "SF") == "64-bit register")
    #expect(meaning(0x9200_0047, "SAS") == nil)
    // ISS2.
    #expect(meaning(0x20_9200_004f, "DirtyBit") == "dirty state")
    #expect(meaning(0x07e0_0001, "TI") == "WFE")
    #expect(meaning(0x7200_0003, "key") == "key B")
    #expect(meaning(0x7200_0003, "key type") == "data key")
    #expect(meaning(0xbe00_0011, "DFSC") == "asynchronous SError")
    #expect(meaning(0x5400_0000, "IL") == "16-bit instruction")
    #expect(meaning(0xf200_ffff, "imm16") == "the instruction's immediate, #65535")
  }

  /// Arm ARM ESR_EL1: "MCR or MRC access", "MCRR or MRRC access", "LDC or STC instruction". Each value sets every field to a number of
  /// its own.
  @Test("accesses to coprocessors, by field")
  func coprocessors() {
    // MRC p15, #1, R3, c9, c13, #2, condition GE.
    for (esr, name) in [(0x0fa4_647b, "15"), (0x17a4_647b, "14")] as [(UInt64, String)] {
      let explanation = ESRExplanation(ExceptionSyndrome(rawValue: esr))
      #expect(explanation.summary == "Trapped MCR or MRC of coprocessor \(name) in AArch32")
      let values = explanation.fields.filter { $0.depth == 1 }.map { "\($0.name) \($0.value)" }
      #expect(values == ["CV 1", "COND 10", "Opc2 2", "Opc1 1", "CRn 9", "Rt 3", "CRm 13", "Direction 1"])
      #expect(meaning(esr, "Direction") == "read: MRC or VMRS" && meaning(esr & ~1, "Direction") == "write: MCR")
    }
    // MCRR p15, #1, R2, R3, c14.
    for (esr, name) in [(0x13e1_0c5c, "MCRR or MRRC of coprocessor 15"), (0x33e1_0c5c, "MRRC of coprocessor 14")] as [(UInt64, String)] {
      let explanation = ESRExplanation(ExceptionSyndrome(rawValue: esr))
      #expect(explanation.summary == "Trapped \(name) in AArch32")
      let values = explanation.fields.filter { $0.depth == 1 }.map { "\($0.name) \($0.value)" }
      #expect(values == ["CV 1", "COND 14", "Opc1 1", "Rt2 3", "Rt 2", "CRm 14", "Direction 0"])
    }
    // LDC p14, c5, [R7, #-0x90]!
    let esr: UInt64 = 0x1be2_40e7
    let explanation = ESRExplanation(ExceptionSyndrome(rawValue: esr))
    #expect(explanation.summary == "Trapped LDC or STC in AArch32")
    let values = explanation.fields.filter { $0.depth == 1 }.map { "\($0.name) \($0.value)" }
    #expect(values == ["CV 1", "COND 14", "imm8 36", "Rn 7", "Offset 0", "AM 3", "Direction 1"])
    #expect(meaning(esr, "AM") == "pre-indexed" && meaning(esr, "Offset") == "subtracted")
    #expect(meaning(esr, "Direction") == "read from memory: LDC")
  }

  /// The numbers of EC that the Arm ARM allocates, over ESR_EL1, ESR_EL2 and ESR_EL3.
  @Test("only numbers that are not allocated are reserved")
  func everyClassHasAName() {
    let reserved: Set<UInt64> = [
      0x02, 0x0b, 0x0f, 0x10, 0x23, 0x29, 0x2a, 0x2b, 0x2e, 0x36, 0x37, 0x39, 0x3b, 0x3e, 0x3f,
    ]
    for code in 0..<64 as Range<UInt64> {
      let summary = ESRExplanation(ExceptionSyndrome(rawValue: code << 26)).summary
      #expect((summary == "Reserved exception class") == reserved.contains(code), "EC \(code)")
    }
  }

  @Test("classes of EL2 and EL3, by field")
  func higherLevels() {
    #expect(meaning(0x6a00_0003, "ERETA") == "ERETAB" && meaning(0x6a00_0000, "ERET") == "ERET")
    #expect(meaning(0x6e00_00a0, "Rd") == "X5")
    #expect(meaning(0x7a03_4047, "GPCSC") == "protection fault of the granule protection table, level 1")
    #expect(meaning(0x7a03_4047, "xFSC") == "translation fault, level 3")
    #expect(meaning(0x4f08_0000, "CCKNOWNPASS") == "the condition may have failed")
    #expect(meaning(0xf600_0001, "SYNC") == "synchronous")
    #expect(meaning(0xea00_0022, "IFSC") != nil)
  }

  @Test("bits that no field has are named where they are set")
  func reservedBits() {
    let field = ESRExplanation(ExceptionSyndrome(rawValue: 0x9201_8047)).fields.first { $0.name == "RES0" }
    #expect(field?.high == 16)
    #expect(field?.low == 15)
    #expect(ESRExplanation(ExceptionSyndrome(rawValue: 0x9200_0047)).fields.allSatisfy { $0.name != "RES0" })
  }

  @Test("every class takes every kind of syndrome")
  func everyClass() {
    for code in 0..<64 as Range<UInt64> {
      for iss in [0, 0x1ff_ffff, 0x0aa_aaaa, 0x155_5555] as [UInt64] {
        let explanation = ESRExplanation(ExceptionSyndrome(rawValue: code << 26 | iss | 0xffff_ffff_0000_0000))
        #expect(explanation.lines.count == 1 + explanation.fields.count + (explanation.instruction == nil ? 0 : 1))
      }
    }
  }

  @Test("the text in full")
  func text() {
    #expect(
      ESRExplanation(ExceptionSyndrome(rawValue: 0x5600_0000)).lines == [
        "ESR 0x56000000: SVC in AArch64, #0",
        "  EC       31:26  0x15       SVC in AArch64",
        "  IL       25     1          32-bit instruction",
        "  ISS      24:0   0x0000000",
        "    imm16  15:0   0x0000     the instruction's immediate, #0",
      ])
  }
}
