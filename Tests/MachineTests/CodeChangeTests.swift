// Owns tests of decoded code whose bytes change, and tests that decoded code belongs to a physical page.
// It does not know what changes code, nor caches: after IC IVAU and ISB the new word runs. Arm ARM B2.4.4.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct CodeChangeTests {
  /// SCTLR_EL1 of the standard machine with UCI: EL0 may clean and invalidate caches.
  private func machine(_ words: [UInt32], writable: [UInt32] = []) throws -> BareMachine {
    let machine = try BareMachine()
    machine[0].write(.SCTLR_EL1, 0x34d0_0819)
    machine.load(words)
    machine.put(0x4010_1000, words: writable)
    machine[0][x: 0] = 0x6000
    return machine
  }

  @Test func aStoredWordRuns() throws {
    let machine = try machine(
      [
        0xd63f_0000,  // blr x0
        0x2a02_03e3,  // mov w3, w2
        0xb900_0001,  // str w1, [x0]
        0xd50b_7b20,  // dc cvau, x0
        0xd503_3b9f,  // dsb ish
        0xd50b_7520,  // ic ivau, x0
        0xd503_3b9f,  // dsb ish
        0xd503_3fdf,  // isb
        0xd63f_0000,  // blr x0
        0xd400_0001,  // svc #0
      ],
      writable: [
        0x5280_0022,  // mov w2, #1
        0xd65f_03c0,  // ret
      ])
    machine[0][x: 1] = 0x5280_09a2
    #expect(machine.runToException()?.esr == 0x5600_0000)
    #expect(machine[0][x: 3] == 1)
    #expect(machine[0][x: 2] == 77)
  }

  /// The word is behind the store, in the page that runs.
  @Test func aStoreAheadInTheSamePageRuns() throws {
    let program: [UInt32] = [
      0xb900_1401,  // str w1, [x0, #20]
      0x9100_5003,  // add x3, x0, #20
      0xd50b_7523,  // ic ivau, x3
      0xd503_3b9f,  // dsb ish
      0xd503_3fdf,  // isb
      0x5280_0022,  // mov w2, #1
      0xd400_0001,  // svc #0
    ]
    let machine = try machine([], writable: program)
    machine[0][x: 1] = 0x5280_0042
    for _ in 0..<2 {
      machine[0].pc = 0x6000
      #expect(machine.runToException()?.esr == 0x5600_0000)
      #expect(machine[0][x: 2] == 2)
      machine[0].el1.exceptionReturn()
      // The same with a word that was decoded before.
      machine.put(0x4010_1000, words: program)
    }
  }

  /// The pair has run as one op; then its second word changes, then its first.
  @Test func bothHalvesOfAFusedPairChange() throws {
    let machine = try machine(
      [],
      writable: [
        0x7100_04bf,  // cmp w5, #1
        0x5400_0040,  // b.eq #8
        0xd400_0021,  // svc #1
        0xd400_0041,  // svc #2
      ])
    func result(_ w5: UInt64) -> UInt64? {
      machine[0].pc = 0x6000
      machine[0][x: 5] = w5
      defer { machine[0].el1.exceptionReturn() }
      return machine.runToException()?.esr
    }
    #expect(result(1) == 0x5600_0002)
    #expect(result(2) == 0x5600_0001)
    machine.put(0x4010_1004, words: [0x5400_0041])  // b.ne #8
    #expect(result(1) == 0x5600_0001)
    #expect(result(2) == 0x5600_0002)
    machine.put(0x4010_1000, words: [0x7100_08bf])  // cmp w5, #2
    #expect(result(1) == 0x5600_0002)
    #expect(result(2) == 0x5600_0001)
  }

  /// Every way in which bytes can get into a page of code.
  @Test func everyKindOfStoreIsNoticed() throws {
    let word = UInt64(0xd400_0041 as UInt32) | UInt64(0xd400_0061 as UInt32) << 32
    let stores: [(String, UInt32)] = [
      ("str w", 0xb900_0041), ("str x", 0xf900_0041), ("strh", 0x7900_0041), ("strb", 0x3900_0041),
      ("stp w", 0x2900_0441), ("stp x", 0xa900_0441), ("str q", 0x3d80_0041), ("stp q", 0xad00_0441),
      ("str d", 0xfd00_0041), ("swp", 0xb821_8043), ("stlr", 0x889f_fc41), ("cas", 0x88a4_7c41),
      ("casp", 0x4824_7c46), ("post-index", 0xf800_8441), ("sttr", 0xf800_0841),
    ]
    for (name, store) in stores {
      // VA 0x4000 is the same page, writable.
      let machine = try machine([store, 0xd63f_0000], writable: [0xd400_0021, 0xd400_0021])  // blr x0
      machine.put(BareMachine.table + 0x20, 0x0060_0000_4010_1f43)
      machine[0].pc = 0x6000
      #expect(machine.runToException()?.esr == 0x5600_0001)
      machine[0].el1.exceptionReturn()
      machine[0].pc = BareMachine.code
      machine[0][x: 1] = word
      machine[0][x: 2] = 0x4000
      machine[0][x: 4] = UInt64(0xd400_0021 as UInt32)
      machine[0][x: 4] |= name == "casp" ? machine[0][x: 4] << 32 : 0
      machine[0][x: 6] = word
      machine[0].setVector(1, low: word, high: word)
      #expect(machine.runToException()?.esr == 0x5600_0002, "\(name)")
    }
  }

  @Test func aSupervisorsStoreIsNoticed() throws {
    let machine = try machine([0xd400_0021])  // svc #0x1
    #expect(machine.runToException()?.esr == 0x5600_0001)
    machine[0].el1.store(PhysicalAddress(BareMachine.codePA), 0xd400_0041 as UInt32)
    machine[0].el1[.ELR_EL1] = BareMachine.code
    machine[0].el1.exceptionReturn()
    #expect(machine.runToException()?.esr == 0x5600_0002)
    machine[0].el1.zeroFrame(PhysicalAddress(BareMachine.codePA))
    machine[0].el1[.ELR_EL1] = BareMachine.code
    machine[0].el1.exceptionReturn()
    #expect(machine.runToException()?.esr == 0x0200_0000)
  }

  /// A store across the end of a page changes the last word of a page, but none of the page's first bytes.
  @Test func aStoreOverThePageEndIsNoticed() throws {
    let machine = try machine([0xf81f_c041, 0xd61f_0060])  // stur x1, [x2, #-4]; br x3
    // 0x4000 -> the writable page, 0x5000 -> its physical neighbour; 0x6000 is the same as 0x4000.
    machine.put(BareMachine.table + 0x20, 0x0060_0000_4010_1f43)
    machine.put(BareMachine.table + 0x28, 0x0060_0000_4010_2f43)
    machine.put(BareMachine.table + 0x38, 0x0020_0000_4010_2fc3)
    machine.put(0x4010_1ffc, words: [0x9100_0529])  // add x9, x9, #1
    machine.put(0x4010_2000, words: [0xd400_0021])  // svc #0x1
    machine[0].pc = 0x6ffc
    #expect(machine.runToException()?.esr == 0x5600_0001)
    machine[0].el1.exceptionReturn()
    machine[0].pc = BareMachine.code
    machine[0][x: 1] = UInt64(0x9100_4129 as UInt32) | UInt64(0xd400_0041 as UInt32) << 32
    machine[0][x: 2] = 0x5000
    machine[0][x: 3] = 0x6ffc
    #expect(machine.runToException()?.esr == 0x5600_0002)
    #expect(machine[0][x: 9] == 17)
  }

  /// One page of code at two addresses: PC-relative results follow the address at which it runs.
  @Test func onePageAtTwoAddresses() throws {
    let machine = try machine([
      0x1000_0041,  // adr x1, #8
      0xb000_0002,  // adrp x2, #0x1000
      0x9400_0001,  // bl #4
      0x5800_00a3,  // ldr x3, #20
      0xf940_0c24,  // ldr x4, [x1, #24]
      0x1400_0001,  // b #4
      0x10ff_ffe5,  // adr x5, #-4
      0xd400_0001,  // svc #0
    ])
    machine.put(BareMachine.codePA + 32, 0xfeed_f00d_dead_beef)
    for base in [0x1000, 0x9000, 0x1000, 0x9000] as [UInt64] {
      machine[0].pc = base
      #expect(machine.runToException()?.elr == base + 32)
      #expect(machine[0][x: 1] == base + 8)
      #expect(machine[0][x: 2] == base + 0x1000)
      #expect(machine[0][x: 30] == base + 12)
      #expect(machine[0][x: 3] == 0xfeed_f00d_dead_beef)
      #expect(machine[0][x: 4] == 0xfeed_f00d_dead_beef)
      #expect(machine[0][x: 5] == base + 20)
      machine[0].el1.exceptionReturn()
    }
  }

  /// After the last word of the page at 0x1000 comes the page at 0x2000, not the physical neighbour.
  @Test func theStreamCrossesIntoAnUnrelatedPage() throws {
    let machine = try machine([])
    machine.put(BareMachine.codePA + 0xffc, words: [0x7100_04bf])  // cmp w5, #1
    machine.put(0x4030_0000, words: [0x5400_0040, 0xd400_0021, 0xd400_0041])  // b.eq #8; svc #0x1; svc #0x2
    machine.put(0x4010_1000, words: [0xd400_0121, 0xd400_0121, 0xd400_0121])  // svc #0x9
    for (w5, esr) in [(1, 0x5600_0002), (0, 0x5600_0001)] as [(UInt64, UInt64)] {
      machine[0].pc = 0x1ffc
      machine[0][x: 5] = w5
      #expect(machine.runToException()?.esr == esr)
      machine[0].el1.exceptionReturn()
    }
  }

  /// Running off into an unmapped page is an instruction abort at that page's first byte, with the last word retired.
  @Test func theStreamEndsInAnUnmappedPage() throws {
    let machine = try machine([])
    machine.put(0x4010_1ffc, words: [0x5280_00a5])  // mov w5, #5
    machine[0].pc = 0x6ffc
    let taken = machine.runToException()
    #expect(taken == TakenException(esr: 0x8200_0007, far: 0x7000, elr: 0x7000))
    #expect(machine[0][x: 5] == 5)
    #expect(machine[0].instructionsRetired == 1)
  }

  /// Remapping code needs only a TLBI; after it the new page runs.
  @Test func remappedCodeRuns() throws {
    let machine = try machine([0xd400_0021])  // svc #0x1
    machine.put(0x4030_0000, words: [0xd400_0041])  // svc #0x2
    #expect(machine.runToException()?.esr == 0x5600_0001)
    machine.put(BareMachine.table + 8, 0x0020_0000_4030_0fc3)
    machine[0].el1.invalidateTLB(.VAE1IS, 1)
    machine[0].el1[.ELR_EL1] = BareMachine.code
    machine[0].el1.exceptionReturn()
    #expect(machine.runToException()?.esr == 0x5600_0002)
  }
}
