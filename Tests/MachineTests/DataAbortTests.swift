// Owns tests of the syndrome of every kind of data access to every kind of bad page: status, level, WnR and CM, as literal ESR
// values.
// It does not know the walker's own faults nor alignment. Arm ARM: ESR_EL1, ISS encoding for an exception from a Data Abort.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct DataAbortTests {
  struct Form: CustomTestStringConvertible {
    let text: String
    let word: UInt32
    init(_ text: String, _ word: UInt32) {
      self.text = text
      self.word = word
    }
    var testDescription: String { text }
  }

  static let loads: [Form] = [
    Form("ldr", 0xf940_0001), Form("ldrb", 0x3940_0001), Form("ldrsh", 0x7980_0001),
    Form("ldr post", 0xf840_8401), Form("ldr register", 0xf87f_6801), Form("ldtr", 0xf840_0801),
    Form("ldp", 0xa940_0801), Form("ldpsw", 0x6940_0801), Form("ldr q", 0x3dc0_0001),
    Form("ldp q", 0xad40_0801), Form("ldar", 0xc8df_fc01), Form("ldapr", 0xf8bf_c001),
    Form("ldxr", 0xc85f_7c01), Form("ldaxr", 0x885f_fc01), Form("ldxp", 0xc87f_0801),
    Form("ldr b", 0x3d40_0001), Form("ldlar", 0xc8df_7c01),
  ]
  static let stores: [Form] = [
    Form("str", 0xf900_0001), Form("strb", 0x3900_0001), Form("str pre", 0xf800_0c01),
    Form("str register", 0xf83f_6801), Form("sttr", 0xf800_0801), Form("stp", 0xa900_0801),
    Form("stp q", 0xad00_0801), Form("str q", 0x3d80_0001), Form("str h", 0x7d00_0001),
    Form("stlr", 0xc89f_fc01), Form("stllr", 0xc89f_7c01), Form("stxr", 0xc803_7c01),
    Form("stlxrb", 0x0803_fc01), Form("stxp", 0xc823_0801), Form("dc zva", 0xd50b_7420),
  ]
  static let atomics: [Form] = [
    Form("ldadd x", 0xf821_0002), Form("ldaddal w", 0xb8e1_0002), Form("ldaddb", 0x3821_0002),
    Form("ldclr", 0xf821_1002), Form("ldeor", 0xf821_2002), Form("ldset", 0xf821_3002),
    Form("ldsmax", 0xf821_4002), Form("ldsmin", 0xf821_5002), Form("ldumax", 0xf821_6002),
    Form("ldumin", 0xf821_7002), Form("stadd", 0xf821_001f), Form("stsetl", 0xb861_301f),
    Form("stclrb", 0x3821_101f), Form("swp", 0xf821_8002), Form("swpalh", 0x78e1_8002),
    Form("cas", 0xc8a1_7c02), Form("casalb", 0x08e1_fc02), Form("casp x", 0x4824_7c06),
    Form("caspal w", 0x0864_fc06), Form("ldadd of zero", 0xf83f_0002),
  ]

  /// EL0 executes DC ZVA and the cache maintenance instructions.
  static let sctlr: UInt64 = 0x34d0_4819

  /// Every form faults in the same way with the fast table empty, warm, or off, and changes no register and no byte.
  private func check(_ forms: [Form], _ va: UInt64, _ esr: UInt64, sourceLocation: SourceLocation = #_sourceLocation) throws {
    for fastTable in [true, false] {
      for warm in [true, false] {
        for form in forms {
          let machine = try BareMachine(fastTable: fastTable)
          machine[0].write(.SCTLR_EL1, Self.sctlr)
          if warm { _ = machine.exception(of: 0xf940_0009, x0: va) }  // ldr x9, [x0]
          machine[0].el1[.FAR_EL1] = 0
          let memory = machine.emulator.memory.read(BareMachine.dataPA, count: 0x5000)
          let taken = machine.exception(of: form.word, x0: va) { processor in
            for n in 1..<31 { processor[x: n] = 0x0101_0101_0101_0101 &* UInt64(n) }
          }
          #expect(
            taken == TakenException(esr: esr, far: va, elr: BareMachine.code), "\(form.text), warm \(warm)",
            sourceLocation: sourceLocation)
          #expect((1..<31).allSatisfy { machine[0][x: $0] == 0x0101_0101_0101_0101 &* UInt64($0) }, "\(form.text)")
          #expect(machine[0][x: 0] == va, "\(form.text)")
          #expect(machine.emulator.memory.read(BareMachine.dataPA, count: 0x5000) == memory, "\(form.text)")
        }
      }
    }
  }

  // Not mapped: a translation fault at level 3. An atomic reports a read, because a read would have faulted too.
  @Test func loadsOfNothing() throws { try check(Self.loads, 0x7040, 0x9200_0007) }
  @Test func storesToNothing() throws { try check(Self.stores, 0x7040, 0x9200_0047) }
  @Test func atomicsOnNothing() throws { try check(Self.atomics, 0x7040, 0x9200_0007) }

  // Read-only: an atomic reports a write, because a read would have been allowed.
  @Test func storesToReadOnly() throws { try check(Self.stores, 0x5040, 0x9200_004f) }
  @Test func atomicsOnReadOnly() throws { try check(Self.atomics, 0x5040, 0x9200_004f) }

  // EL1 only: a read is refused too.
  @Test func loadsOfPrivilegedPages() throws { try check(Self.loads, 0xc040, 0x9200_000f) }
  @Test func storesToPrivilegedPages() throws { try check(Self.stores, 0xc040, 0x9200_004f) }
  @Test func atomicsOnPrivilegedPages() throws { try check(Self.atomics, 0xc040, 0x9200_000f) }

  // The access flag is clear, and hardware does not set it.
  @Test func loadsWithoutAccessFlag() throws { try check(Self.loads, 0xb040, 0x9200_000b) }
  @Test func storesWithoutAccessFlag() throws { try check(Self.stores, 0xb040, 0x9200_004b) }
  @Test func atomicsWithoutAccessFlag() throws { try check(Self.atomics, 0xb040, 0x9200_000b) }

  // Beyond RAM: no device answers there, so a synchronous external abort.
  @Test func loadsBeyondRAM() throws { try check(Self.loads, 0xa040, 0x9200_0010) }
  @Test func storesBeyondRAM() throws { try check(Self.stores, 0xa040, 0x9200_0050) }
  @Test func atomicsBeyondRAM() throws { try check(Self.atomics, 0xa040, 0x9200_0010) }

  /// Loads of a read-only page do not fault.
  @Test func loadsOfReadOnlyPages() throws {
    let machine = try BareMachine()
    for form in Self.loads { #expect(machine.exception(of: form.word, x0: 0x5040)?.esr == 0x5600_0000, "\(form.text)") }
  }

  /// A CAS that would not store still needs write permission.
  @Test func aFailingCompareStillNeedsWritePermission() throws {
    let machine = try BareMachine()
    machine.put(0x4020_2000, 5)
    let taken = machine.exception(of: 0xc8a1_7c02, x0: 0x5000) { $0[x: 1] = 6 }  // cas x1, x2, [x0]
    #expect(taken?.esr == 0x9200_004f)
  }

  /// Cache maintenance by VA reports CM and WnR.
  @Test func cacheMaintenanceOfNothing() throws {
    try check([Form("dc cvau", 0xd50b_7b20), Form("dc civac", 0xd50b_7e20), Form("ic ivau", 0xd50b_7520)], 0x7040, 0x9200_0147)
  }

  /// Prefetches never fault.
  @Test func prefetchesNeverFault() throws {
    let machine = try BareMachine()
    for va in [0x7000, 0xa000, 0xc000, 0x7fff_ffff_ffff_f000] as [UInt64] {
      #expect(machine.exception(of: 0xf980_0000, x0: va)?.esr == 0x5600_0000)  // prfm pldl1keep, [x0]
    }
  }

  /// Accesses that cross from a good page into a bad one: FAR is the bad page's first byte, and no byte of the good page changes.
  @Test func crossingIntoABadPage() throws {
    let rows: [(UInt32, UInt64, UInt64)] = [
      (0xf900_0001, 0x4ffc, 0x9200_004f),  // str x1, [x0]
      (0xa900_0801, 0x4ff8, 0x9200_004f),  // stp x1, x2, [x0]
      (0xa900_0801, 0x4ff4, 0x9200_004f),  // stp x1, x2, [x0]
      (0x3d80_0001, 0x4ff8, 0x9200_004f),  // str q1, [x0]
      (0xad00_0801, 0x4ff0, 0x9200_004f),  // stp q1, q2, [x0]
      (0xad00_0801, 0x4fe8, 0x9200_004f),  // stp q1, q2, [x0]
      (0xb800_4401, 0x4ffd, 0x9200_004f),  // str w1, [x0], #4
    ]
    for fastTable in [true, false] {
      for (word, va, esr) in rows {
        let machine = try BareMachine(fastTable: fastTable)
        _ = machine.exception(of: 0xf900_001f, x0: 0x4000)  // str xzr, [x0]
        let taken = machine.exception(of: word, x0: va) {
          $0[x: 1] = ~0; $0[x: 2] = ~0; $0.setVector(1, low: ~0, high: ~0)
        }
        #expect(taken == TakenException(esr: esr, far: 0x5000, elr: BareMachine.code), "\(String(word, radix: 16))")
        #expect(machine.emulator.memory.read(0x4020_1fe0, count: 32) == [UInt8](repeating: 0, count: 32), "\(String(word, radix: 16))")
        #expect(machine[0][x: 0] == va)
      }
    }
  }

  /// If the bad page comes first, no byte of the good page behind it changes.
  @Test(arguments: [true, false]) func crossingOutOfABadPage(fastTable: Bool) throws {
    for (word, va) in [(0xa900_0801, 0x5ff8), (0xad00_0801, 0x5ff0), (0xf900_0001, 0x5ffc)] as [(UInt32, UInt64)] {
      let machine = try BareMachine(fastTable: fastTable)
      let taken = machine.exception(of: word, x0: va) {
        $0[x: 1] = ~0
        $0[x: 2] = ~0
        $0.setVector(1, low: ~0, high: ~0)
        $0.setVector(2, low: ~0, high: ~0)
      }
      #expect(taken == TakenException(esr: 0x9200_004f, far: va, elr: BareMachine.code))
      #expect(machine.get(0x4010_1000) == 0 && machine.get(0x4010_1008) == 0)
    }
  }

  /// If both pages are good and physically apart, each gets its bytes.
  @Test(arguments: [true, false]) func crossingIntoAnotherPage(fastTable: Bool) throws {
    let machine = try BareMachine(fastTable: fastTable)
    machine.put(BareMachine.table + 0x28, 0x0060_0000_4020_4f43)  // 0x5000 -> 0x4020_4000, writable
    #expect(
      machine.exception(of: 0xa900_0801, x0: 0x4ff4) {  // stp x1, x2, [x0]
        $0[x: 1] = 0x1716_1514_1312_1110
        $0[x: 2] = 0x2726_2524_2322_2120
      }?.esr == 0x5600_0000)
    #expect(machine.get(0x4020_1ff4) == 0x1716_1514_1312_1110)
    #expect(machine.emulator.memory.read(0x4020_1ffc, count: 4) == [0x20, 0x21, 0x22, 0x23])
    #expect(machine.emulator.memory.read(0x4020_4000, count: 5) == [0x24, 0x25, 0x26, 0x27, 0])
    #expect(machine.exception(of: 0xf940_0001, x0: 0x4ffa)?.esr == 0x5600_0000)  // ldr x1, [x0]
    #expect(machine[0][x: 1] == 0x2524_2322_2120_1716)
  }
}
