// Owns alignment: of data by instruction, by memory type and by SCTLR_EL1, of the stack pointer, and of the PC.
// It does not know translation faults. Arm ARM B2.8, D1.3.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct AlignmentTests {
  typealias Form = DataAbortTests.Form

  static let orderedLoads: [Form] = [
    Form("ldar", 0xc8df_fc01), Form("ldarh", 0x48df_fc01), Form("ldapr", 0xb8bf_c001), Form("ldxr", 0xc85f_7c01),
    Form("ldaxrh", 0x485f_fc01), Form("ldxp", 0x887f_0801), Form("ldlar", 0x88df_7c01),
  ]
  static let orderedStores: [Form] = [
    Form("stlr", 0xc89f_fc01), Form("stlrh", 0x489f_fc01), Form("stxr", 0xc803_7c01),
    Form("stlxrh", 0x4803_fc01), Form("stxp", 0x8823_0801), Form("stllr", 0x889f_7c01),
  ]
  static let bytes: [Form] = [
    Form("ldarb", 0x08df_fc01), Form("stlrb", 0x089f_fc01), Form("ldxrb", 0x085f_7c01),
    Form("ldaddb", 0x3821_0002), Form("casb", 0x08a1_7c02), Form("swpb", 0x3821_8002),
  ]

  private func check(_ forms: [Form], _ va: UInt64, _ esr: UInt64, sourceLocation: SourceLocation = #_sourceLocation) throws {
    for fastTable in [true, false] {
      let machine = try BareMachine(fastTable: fastTable)
      for form in forms {
        #expect(
          machine.exception(of: form.word, x0: va) == TakenException(esr: esr, far: va, elr: BareMachine.code), "\(form.text)",
          sourceLocation: sourceLocation)
      }
    }
  }

  @Test func misalignedOrderedLoads() throws { try check(Self.orderedLoads, 0x3001, 0x9200_0021) }
  @Test func misalignedOrderedStores() throws { try check(Self.orderedStores, 0x3001, 0x9200_0061) }
  /// An alignment fault of an atomic is reported as a read.
  @Test func misalignedAtomics() throws {
    let wide = DataAbortTests.atomics.filter { !$0.text.hasSuffix("b") }
    #expect(wide.count == 17)
    try check(wide, 0x3001, 0x9200_0021)
  }
  /// Alignment is checked before translation.
  @Test func misalignedAndNotMapped() throws {
    try check(Self.orderedLoads, 0x7001, 0x9200_0021)
    try check(Self.orderedStores, 0x7001, 0x9200_0061)
  }
  /// A pair must be aligned to its whole size.
  @Test func exclusivePairsAlignAsAWhole() throws {
    try check([Form("ldxp", 0xc87f_0801), Form("casp", 0x4824_7c06)], 0x3008, 0x9200_0021)
    try check([Form("casp w", 0x0824_7c06)], 0x3004, 0x9200_0021)
  }
  @Test func bytesAreAlwaysAligned() throws {
    let machine = try BareMachine()
    for form in Self.bytes { #expect(machine.exception(of: form.word, x0: 0x3001)?.esr == 0x5600_0000, "\(form.text)") }
  }
  /// FEAT_LSE2: an access inside 16 aligned bytes does not fault, and an ordered access across them does.
  @Test func largeSystemExtensions2() throws {
    var features = ProcessorFeatures()
    features.lse2 = true
    let machine = try BareMachine(features: features)
    for form in Self.orderedLoads + Self.orderedStores {
      #expect(machine.exception(of: form.word, x0: 0x3001)?.esr == 0x5600_0000, "\(form.text)")
      #expect(machine.exception(of: form.word, x0: 0x300f).map { $0.esr & 0x3f } == 0x21, "\(form.text)")
    }
    machine.put(BareMachine.dataPA, 0x0807_0605_0403_0201)
    #expect(machine.exception(of: 0xb821_0002, x0: 0x3001) { $0[x: 1] = 0x10 }?.esr == 0x5600_0000)  // ldadd w1, w2, [x0]
    #expect(machine[0][x: 2] == 0x0504_0302)
    #expect(machine.get(BareMachine.dataPA) == 0x0807_0605_0403_1201)
  }

  /// FEAT_LSE2: an exclusive or atomic pair is one access of its whole size; a plain pair is still aligned by register.
  @Test func pairsUnderLargeSystemExtensions2() throws {
    var features = ProcessorFeatures()
    features.lse2 = true
    let machine = try BareMachine(features: features)
    // ldxp w1, w2, [x0]; stxp w3, w1, w2, [x0]; casp w6, w7, w6, w7, [x0]; the same of x registers
    for (word, va, esr) in [
      (0x887f_0801, 0x3004, 0x5600_0000), (0x887f_0801, 0x300c, 0x9200_0021), (0x8823_0801, 0x3004, 0x5600_0000),
      (0x8823_0801, 0x300c, 0x9200_0061), (0x0826_7c06, 0x3004, 0x5600_0000), (0x0826_7c06, 0x300c, 0x9200_0021),
      (0xc87f_0801, 0x3008, 0x9200_0021), (0xc823_0801, 0x3008, 0x9200_0061), (0x4826_7c06, 0x3008, 0x9200_0021),
    ] as [(UInt32, UInt64, UInt64)] {
      #expect(machine.exception(of: word, x0: va)?.esr == esr, "\(String(word, radix: 16)) \(String(va, radix: 16))")
    }
    // ldp x1, x2, [x0] across 16 bytes. With SCTLR_EL1.A, every unaligned access faults.
    #expect(machine.exception(of: 0xa940_0801, x0: 0x3001)?.esr == 0x5600_0000)
    machine[0].write(.SCTLR_EL1, 0x30d0_081b)
    for word in [0xa940_0801, 0xc85f_7c01, 0xf821_0002, 0xc8df_fc01] as [UInt32] {  // ldp, ldxr, ldadd, ldar
      #expect(machine.exception(of: word, x0: 0x3001)?.esr == 0x9200_0021)
    }
  }

  /// A bug: SCTLR_EL1.nAA once did nothing. Under FEAT_LSE2 it lets ordered accesses cross 16 bytes, but not exclusives and
  /// atomics.
  @Test func noAlignmentCheckForOrderedAccesses() throws {
    var features = ProcessorFeatures()
    for (lse2, ordered, exclusive) in [(true, 0x5600_0000, 0x9200_0021), (false, 0x9200_0021, 0x9200_0021)] as [(Bool, UInt64, UInt64)] {
      features.lse2 = lse2
      let machine = try BareMachine(features: features)
      machine[0].write(.SCTLR_EL1, 0x30d0_0859)
      // ldar x1, [x0]; ldapr w1, [x0]; ldarh w1, [x0]; ldlar x1, [x0]
      for word in [0xc8df_fc01, 0xb8bf_c001, 0x48df_fc01, 0xc8df_7c01] as [UInt32] {
        #expect(machine.exception(of: word, x0: 0x300f)?.esr == ordered)
      }
      #expect(machine.exception(of: 0xc89f_fc01, x0: 0x300f)?.esr == (lse2 ? 0x5600_0000 : 0x9200_0061))  // stlr x1, [x0]
      // ldxr x1, [x0]; ldaxrh w1, [x0]; ldadd x1, x2, [x0]; casal w1, w2, [x0]
      for word in [0xc85f_7c01, 0x485f_fc01, 0xf821_0002, 0x88e1_fc02] as [UInt32] {
        #expect(machine.exception(of: word, x0: 0x300f)?.esr == exclusive)
      }
    }
  }

  private static let plain: [Form] = [
    Form("ldr", 0xf940_0001), Form("ldrh", 0x7940_0001), Form("ldp", 0xa940_0801), Form("ldr q", 0x3dc0_0001),
    Form("ldp q", 0xad40_0801),
  ]
  @Test func plainAccessesMayBeMisaligned() throws {
    let machine = try BareMachine()
    for form in Self.plain { #expect(machine.exception(of: form.word, x0: 0x3001)?.esr == 0x5600_0000, "\(form.text)") }
  }
  /// SCTLR_EL1.A: plain accesses fault too. Pairs are aligned by register.
  @Test func alignmentChecking() throws {
    let machine = try BareMachine()
    _ = machine.exception(of: 0xf900_0001, x0: 0x3000)  // str x1, [x0]
    machine[0].write(.SCTLR_EL1, 0x30d0_081b)
    for form in Self.plain { #expect(machine.exception(of: form.word, x0: 0x3001)?.esr == 0x9200_0021, "\(form.text)") }
    #expect(machine.exception(of: 0xb900_0001, x0: 0x3002)?.esr == 0x9200_0061)  // str w1, [x0]
    #expect(machine.exception(of: 0xa940_0801, x0: 0x3008)?.esr == 0x5600_0000)  // ldp x1, x2, [x0]
    #expect(machine.exception(of: 0x3dc0_0001, x0: 0x3008)?.esr == 0x9200_0021)  // ldr q1, [x0]
  }
  /// Device memory takes no misaligned access.
  @Test(arguments: [true, false]) func deviceMemory(fastTable: Bool) throws {
    let machine = try BareMachine(fastTable: fastTable)
    for form in Self.plain {
      #expect(machine.exception(of: form.word, x0: 0x8001) == TakenException(esr: 0x9200_0021, far: 0x8001, elr: 0x1000), "\(form.text)")
    }
    #expect(machine.exception(of: 0xf900_0001, x0: 0x8004)?.esr == 0x9200_0061)  // str x1, [x0]
    #expect(machine.exception(of: 0xf900_0001, x0: 0x8008) { $0[x: 1] = 77 }?.esr == 0x5600_0000)  // str x1, [x0]
    #expect(machine.get(0x4020_3008) == 77)
    // An access from the page before into Device memory faults as a whole.
    machine.put(BareMachine.table + 0x38, 0x0060_0000_4020_4f43)
    #expect(machine.exception(of: 0xf900_0001, x0: 0x7ffc)?.esr == 0x9200_0061)  // str x1, [x0]
    #expect(machine.get(0x4020_4ff8) == 0)
  }

  /// A bug: a misaligned access to Device memory without the permission once was a permission fault.
  @Test(arguments: [true, false]) func deviceAlignmentComesBeforePermission(fastTable: Bool) throws {
    let machine = try BareMachine(fastTable: fastTable)
    machine.put(BareMachine.table + 0x40, 0x0060_0000_4020_3fc7)  // read-only
    #expect(machine.exception(of: 0xf900_0001, x0: 0x8004)?.esr == 0x9200_0061)  // str x1, [x0]
    #expect(machine.exception(of: 0xf900_0001, x0: 0x8008)?.esr == 0x9200_004f)
    machine.put(BareMachine.table + 0x40, 0x0060_0000_4020_3f07)  // EL1's
    machine[0].el1.invalidateTLB(.VMALLE1)
    for form in Self.plain { #expect(machine.exception(of: form.word, x0: 0x8001)?.esr == 0x9200_0021, "\(form.text)") }
    #expect(machine.exception(of: 0xf940_0001, x0: 0x8008)?.esr == 0x9200_000f)  // ldr x1, [x0]
  }

  // MARK: SP and PC

  /// Every form whose base is SP.
  @Test(arguments: [true, false]) func misalignedStackPointer(fastTable: Bool) throws {
    let words: [UInt32] = [
      0xf940_03e1, 0xf900_03e1, 0x3940_03e1, 0x7900_03e1, 0xf940_07e1, 0xf841_07e1,
      0xf81f_0fe1, 0xf862_6be1, 0xa940_0be1, 0xa9bf_0be1, 0xa8c1_0be1,
      0x3dc0_03e1, 0xad00_0be1, 0xc85f_7fe1, 0xc803_7fe1, 0xc8df_ffe1, 0xc89f_ffe1,
      0xf821_03e2, 0xf821_83e2, 0xc8a1_7fe2, 0x4824_7fe6, 0xf840_0be1, 0xb880_03e1,
    ]
    let machine = try BareMachine(fastTable: fastTable)
    _ = machine.exception(of: 0xf900_0001, x0: 0x3f00)  // str x1, [x0]
    for word in words {
      let taken = machine.exception(of: word, x0: 0) {
        $0.sp = 0x3f08
        $0[x: 2] = 0
      }
      #expect(taken?.esr == 0x9a00_0000 && taken?.elr == 0x1000, "\(String(word, radix: 16))")
      #expect(machine[0].sp == 0x3f08)
    }
    // A prefetch and arithmetic check nothing, and neither does any access with SA0 clear.
    #expect(machine.exception(of: 0xf980_03e0, x0: 0) { $0.sp = 0x3f08 }?.esr == 0x5600_0000)  // prfm pldl1keep, [sp]
    #expect(machine.exception(of: 0x9100_07e1, x0: 0) { $0.sp = 0x3f08 }?.esr == 0x5600_0000)  // add x1, sp, #1
    machine[0].write(.SCTLR_EL1, 0x30d0_0809)
    #expect(machine.exception(of: 0xf940_03e1, x0: 0) { $0.sp = 0x3f08 }?.esr == 0x5600_0000)  // ldr x1, [sp]
  }

  /// The branch retires; the fault belongs to its target.
  @Test(arguments: [true, false]) func misalignedPC(fastTable: Bool) throws {
    let machine = try BareMachine(fastTable: fastTable)
    for target in [0x1001, 0x1002, 0x6003, 0x7001] as [UInt64] {
      let before = machine[0].instructionsRetired
      let expected = TakenException(esr: 0x8a00_0000, far: target, elr: target, spsr: 0x400)  // BTYPE 1
      #expect(machine.exception(of: 0xd61f_0000, x0: target) == expected)  // br x0
      #expect(machine[0].instructionsRetired == before + 1)
    }
  }
}
