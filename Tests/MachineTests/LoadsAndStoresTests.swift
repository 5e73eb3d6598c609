// Owns what loads, stores and atomics move: widths, signs, addressing modes, writeback, pairs and vectors, from literal memory.
// It does not know faults.
import TestSupport
import Testing

@testable import Machine

struct LoadsAndStoresTests {
  private static let builds = [true, false]

  /// Memory at 0x3100: bytes f0 f1 ... ff, 80 81 ... 8f.
  private func machine(fastTable: Bool) throws -> BareMachine {
    let machine = try BareMachine(fastTable: fastTable)
    machine.put(0x4020_0100, 0xf7f6_f5f4_f3f2_f1f0)
    machine.put(0x4020_0108, 0xfffe_fdfc_fbfa_f9f8)
    machine.put(0x4020_0110, 0x8786_8584_8382_8180)
    machine.put(0x4020_0118, 0x8f8e_8d8c_8b8a_8988)
    return machine
  }

  /// A load, what X1 gets, and what the base X0 is afterwards. X0 is 0x3108 before, X2 is -8, X3 2.
  @Test(arguments: builds) func loads(fastTable: Bool) throws {
    let rows: [(UInt32, UInt64, UInt64)] = [
      (0x3940_0001, 0xf8, 0x3108),  // ldrb w1, [x0]
      (0x7940_0001, 0xf9f8, 0x3108),  // ldrh w1, [x0]
      (0xb940_0001, 0xfbfa_f9f8, 0x3108),  // ldr w1, [x0]
      (0xf940_0001, 0xfffe_fdfc_fbfa_f9f8, 0x3108),  // ldr x1, [x0]
      (0x3980_0001, 0xffff_ffff_ffff_fff8, 0x3108),  // ldrsb x1, [x0]
      (0x39c0_0001, 0xffff_fff8, 0x3108),  // ldrsb w1, [x0]
      (0x7980_0001, 0xffff_ffff_ffff_f9f8, 0x3108),  // ldrsh x1, [x0]
      (0x79c0_0001, 0xffff_f9f8, 0x3108),  // ldrsh w1, [x0]
      (0xb980_0001, 0xffff_ffff_fbfa_f9f8, 0x3108),  // ldrsw x1, [x0]
      (0xf940_0401, 0x8786_8584_8382_8180, 0x3108),  // ldr x1, [x0, #8]
      (0xf85f_8001, 0xf7f6_f5f4_f3f2_f1f0, 0x3108),  // ldur x1, [x0, #-8]
      (0xf840_3001, 0x8281_80ff_fefd_fcfb, 0x3108),  // ldur x1, [x0, #3]
      (0xf840_8c01, 0x8786_8584_8382_8180, 0x3110),  // ldr x1, [x0, #8]!
      (0xf85f_8401, 0xfffe_fdfc_fbfa_f9f8, 0x3100),  // ldr x1, [x0], #-8
      (0x3840_1c01, 0xf9, 0x3109),  // ldrb w1, [x0, #1]!
      (0x7880_2401, 0xffff_ffff_ffff_f9f8, 0x310a),  // ldrsh x1, [x0], #2
      (0xf862_6801, 0xf7f6_f5f4_f3f2_f1f0, 0x3108),  // ldr x1, [x0, x2]
      (0xf862_c801, 0xf7f6_f5f4_f3f2_f1f0, 0x3108),  // ldr x1, [x0, w2, sxtw]
      (0xb863_7801, 0x8382_8180, 0x3108),  // ldr w1, [x0, x3, lsl #2]
      (0x7863_5801, 0xfdfc, 0x3108),  // ldrh w1, [x0, w3, uxtw #1]
      (0x3863_6801, 0xfa, 0x3108),  // ldrb w1, [x0, x3]
      (0xb8a3_7801, 0xffff_ffff_8382_8180, 0x3108),  // ldrsw x1, [x0, x3, lsl #2]
      (0xf840_8801, 0x8786_8584_8382_8180, 0x3108),  // ldtr x1, [x0, #8]
      (0x38c0_0801, 0xffff_fff8, 0x3108),  // ldtrsb w1, [x0]
      (0xc8df_fc01, 0xfffe_fdfc_fbfa_f9f8, 0x3108),  // ldar x1, [x0]
      (0xb8bf_c001, 0xfbfa_f9f8, 0x3108),  // ldapr w1, [x0]
      (0x08df_fc01, 0xf8, 0x3108),  // ldarb w1, [x0]
      (0xa940_1401, 0xfffe_fdfc_fbfa_f9f8, 0x3108),  // ldp x1, x5, [x0]
      (0x29ff_1401, 0xf3f2_f1f0, 0x3100),  // ldp w1, w5, [x0, #-8]!
      (0xa8c1_0405, 0x8786_8584_8382_8180, 0x3118),  // ldp x5, x1, [x0], #16
      (0x6940_0405, 0xffff_ffff_fffe_fdfc, 0x3108),  // ldpsw x5, x1, [x0]
      (0xa840_0405, 0x8786_8584_8382_8180, 0x3108),  // ldnp x5, x1, [x0]
    ]
    let machine = try machine(fastTable: fastTable)
    for (word, value, base) in rows {
      #expect(
        machine.exception(of: word, x0: 0x3108) {
          $0[x: 1] = 0x5a5a_5a5a_5a5a_5a5a
          $0[x: 2] = ~7
          $0[x: 3] = 2
        }?.esr == 0x5600_0000)
      #expect(machine[0][x: 1] == value, "\(String(word, radix: 16))")
      #expect(machine[0][x: 0] == base, "\(String(word, radix: 16))")
    }
  }

  /// A load to XZR reads and discards; the base may be the target's neighbour, or the target where nothing is written back.
  @Test(arguments: builds) func targets(fastTable: Bool) throws {
    let machine = try machine(fastTable: fastTable)
    #expect(machine.exception(of: 0xf840_841f, x0: 0x3108)?.esr == 0x5600_0000)  // ldr xzr, [x0], #8
    #expect(machine[0][x: 0] == 0x3110)
    #expect(machine.exception(of: 0xf940_0000, x0: 0x3108)?.esr == 0x5600_0000)  // ldr x0, [x0]
    #expect(machine[0][x: 0] == 0xfffe_fdfc_fbfa_f9f8)
    #expect(machine.exception(of: 0xa940_0400, x0: 0x3108)?.esr == 0x5600_0000)  // ldp x0, x1, [x0]
    #expect(machine[0][x: 0] == 0xfffe_fdfc_fbfa_f9f8 && machine[0][x: 1] == 0x8786_8584_8382_8180)
    #expect(machine.exception(of: 0xa940_0001, x0: 0x3108)?.esr == 0x5600_0000)  // ldp x1, x0, [x0]
    #expect(machine[0][x: 1] == 0xfffe_fdfc_fbfa_f9f8 && machine[0][x: 0] == 0x8786_8584_8382_8180)
    // A store of XZR is a store of zero; a store may store its own base.
    #expect(machine.exception(of: 0xf900_001f, x0: 0x3108)?.esr == 0x5600_0000)  // str xzr, [x0]
    #expect(machine.get(0x4020_0108) == 0)
    #expect(machine.exception(of: 0xf900_0000, x0: 0x3108)?.esr == 0x5600_0000)  // str x0, [x0]
    #expect(machine.get(0x4020_0108) == 0x3108)
    #expect(machine.exception(of: 0xa900_001f, x0: 0x3108)?.esr == 0x5600_0000)  // stp xzr, x0, [x0]
    #expect(machine.get(0x4020_0108) == 0 && machine.get(0x4020_0110) == 0x3108)
  }

  /// A store of X1 = 0x1122334455667788 and X4 = 0x99aabbccddeeff00: the two doublewords from 0x3108, and the base.
  @Test(arguments: builds) func stores(fastTable: Bool) throws {
    let rows: [(UInt32, UInt64, UInt64, UInt64)] = [
      (0x3900_0001, 0xfffe_fdfc_fbfa_f988, 0x8786_8584_8382_8180, 0x3108),  // strb w1, [x0]
      (0x7900_0001, 0xfffe_fdfc_fbfa_7788, 0x8786_8584_8382_8180, 0x3108),  // strh w1, [x0]
      (0xb900_0001, 0xfffe_fdfc_5566_7788, 0x8786_8584_8382_8180, 0x3108),  // str w1, [x0]
      (0xf900_0001, 0x1122_3344_5566_7788, 0x8786_8584_8382_8180, 0x3108),  // str x1, [x0]
      (0xf800_3001, 0x4455_6677_88fa_f9f8, 0x8786_8584_8311_2233, 0x3108),  // stur x1, [x0, #3]
      (0xf800_8c01, 0xfffe_fdfc_fbfa_f9f8, 0x1122_3344_5566_7788, 0x3110),  // str x1, [x0, #8]!
      (0xb81f_c401, 0xfffe_fdfc_5566_7788, 0x8786_8584_8382_8180, 0x3104),  // str w1, [x0], #-4
      (0xb823_7801, 0xfffe_fdfc_fbfa_f9f8, 0x8786_8584_5566_7788, 0x3108),  // str w1, [x0, x3, lsl #2]
      (0x3823_c801, 0xfffe_fdfc_fb88_f9f8, 0x8786_8584_8382_8180, 0x3108),  // strb w1, [x0, w3, sxtw]
      (0xc89f_fc01, 0x1122_3344_5566_7788, 0x8786_8584_8382_8180, 0x3108),  // stlr x1, [x0]
      (0x489f_fc01, 0xfffe_fdfc_fbfa_7788, 0x8786_8584_8382_8180, 0x3108),  // stlrh w1, [x0]
      (0xb800_4801, 0x5566_7788_fbfa_f9f8, 0x8786_8584_8382_8180, 0x3108),  // sttr w1, [x0, #4]
      (0xa900_1001, 0x1122_3344_5566_7788, 0x99aa_bbcc_ddee_ff00, 0x3108),  // stp x1, x4, [x0]
      (0x2900_1001, 0xddee_ff00_5566_7788, 0x8786_8584_8382_8180, 0x3108),  // stp w1, w4, [x0]
      (0x2981_1001, 0xfffe_fdfc_fbfa_f9f8, 0xddee_ff00_5566_7788, 0x3110),  // stp w1, w4, [x0, #8]!
      (0xa881_0404, 0x99aa_bbcc_ddee_ff00, 0x1122_3344_5566_7788, 0x3118),  // stp x4, x1, [x0], #16
      (0x3d80_0001, 0x1122_3344_5566_7788, 0x99aa_bbcc_ddee_ff00, 0x3108),  // str q1, [x0]
      (0xfd00_0001, 0x1122_3344_5566_7788, 0x8786_8584_8382_8180, 0x3108),  // str d1, [x0]
      (0xbd00_0401, 0x5566_7788_fbfa_f9f8, 0x8786_8584_8382_8180, 0x3108),  // str s1, [x0, #4]
      (0x7d00_0001, 0xfffe_fdfc_fbfa_7788, 0x8786_8584_8382_8180, 0x3108),  // str h1, [x0]
      (0x3c00_1401, 0xfffe_fdfc_fbfa_f988, 0x8786_8584_8382_8180, 0x3109),  // str b1, [x0], #1
      (0x6d00_0801, 0x1122_3344_5566_7788, 0xd2d2, 0x3108),  // stp d1, d2, [x0]
      (0x2d01_0801, 0xfffe_fdfc_fbfa_f9f8, 0x0000_d2d2_5566_7788, 0x3108),  // stp s1, s2, [x0, #8]
      (0xadbf_8801, 0xd2d2, 0xe2e2, 0x30f8),  // stp q1, q2, [x0, #-16]!
    ]
    for (word, low, high, base) in rows {
      let machine = try machine(fastTable: fastTable)
      for _ in 0..<2 {
        #expect(
          machine.exception(of: word, x0: 0x3108) {
            $0[x: 1] = 0x1122_3344_5566_7788
            $0[x: 4] = 0x99aa_bbcc_ddee_ff00
            $0[x: 3] = 2
            $0.setVector(1, low: 0x1122_3344_5566_7788, high: 0x99aa_bbcc_ddee_ff00)
            $0.setVector(2, low: 0xd2d2, high: 0xe2e2)
          }?.esr == 0x5600_0000)
        #expect(machine.get(0x4020_0108) == low && machine.get(0x4020_0110) == high, "\(String(word, radix: 16))")
        #expect(machine[0][x: 0] == base, "\(String(word, radix: 16))")
      }
    }
  }

  /// Loads of vector registers clear what they do not load.
  @Test(arguments: builds) func vectorLoads(fastTable: Bool) throws {
    let rows: [(UInt32, UInt64, UInt64)] = [
      (0x3dc0_0001, 0xfffe_fdfc_fbfa_f9f8, 0x8786_8584_8382_8180),  // ldr q1, [x0]
      (0xfd40_0001, 0xfffe_fdfc_fbfa_f9f8, 0),  // ldr d1, [x0]
      (0xbd40_0001, 0xfbfa_f9f8, 0),  // ldr s1, [x0]
      (0x7d40_0001, 0xf9f8, 0),  // ldr h1, [x0]
      (0x3d40_0001, 0xf8, 0),  // ldr b1, [x0]
      (0x3ce3_6801, 0x8180_fffe_fdfc_fbfa, 0x8988_8786_8584_8382),  // ldr q1, [x0, x3]
      (0xbc63_7801, 0x8382_8180, 0),  // ldr s1, [x0, x3, lsl #2]
      (0x6d40_0402, 0x8786_8584_8382_8180, 0),  // ldp d2, d1, [x0]
      (0x2d40_0402, 0xfffe_fdfc, 0),  // ldp s2, s1, [x0]
      (0xad7f_8801, 0, 0),  // ldp q1, q2, [x0, #-16]
      (0xad7f_8402, 0xfffe_fdfc_fbfa_f9f8, 0x8786_8584_8382_8180),  // ldp q2, q1, [x0, #-16]
      (0x3cdf_8001, 0xf7f6_f5f4_f3f2_f1f0, 0xfffe_fdfc_fbfa_f9f8),  // ldur q1, [x0, #-8]
    ]
    let machine = try machine(fastTable: fastTable)
    for (word, low, high) in rows {
      #expect(
        machine.exception(of: word, x0: 0x3108) {
          $0[x: 3] = 2
          $0.setVector(1, low: ~0, high: ~0)
        }?.esr == 0x5600_0000)
      let value = machine[0].vector(1)
      let expected = word == 0xad7f_8801 ? (0, 0xf7f6_f5f4_f3f2_f1f0) : (low, high)
      #expect(value.low == expected.0 && value.high == expected.1, "\(String(word, radix: 16))")
    }
  }

  /// An atomic with X1 = 0x1122334455667788 on the doubleword at 0x3108: what memory holds, and what X5 gets.
  @Test(arguments: builds) func atomicsChangeMemoryAndReturnTheOldValue(fastTable: Bool) throws {
    let rows: [(UInt32, UInt64, UInt64)] = [
      (0xf821_0005, 0x1121_3141_5161_7180, 0xfffe_fdfc_fbfa_f9f8),  // ldadd x1, x5, [x0]
      (0xb8e1_0005, 0xfffe_fdfc_5161_7180, 0xfbfa_f9f8),  // ldaddal w1, w5, [x0]
      (0x7821_0005, 0xfffe_fdfc_fbfa_7180, 0xf9f8),  // ldaddh w1, w5, [x0]
      (0x3821_0005, 0xfffe_fdfc_fbfa_f980, 0xf8),  // ldaddb w1, w5, [x0]
      (0xf821_1005, 0xeedc_ccb8_aa98_8870, 0xfffe_fdfc_fbfa_f9f8),  // ldclr x1, x5, [x0]
      (0xb821_2005, 0xfffe_fdfc_ae9c_8e70, 0xfbfa_f9f8),  // ldeor w1, w5, [x0]
      (0xf821_3005, 0xfffe_fffc_fffe_fff8, 0xfffe_fdfc_fbfa_f9f8),  // ldset x1, x5, [x0]
      (0xf821_4005, 0x1122_3344_5566_7788, 0xfffe_fdfc_fbfa_f9f8),  // ldsmax x1, x5, [x0]
      (0xf821_5005, 0xfffe_fdfc_fbfa_f9f8, 0xfffe_fdfc_fbfa_f9f8),  // ldsmin x1, x5, [x0]
      (0xb821_6005, 0xfffe_fdfc_fbfa_f9f8, 0xfbfa_f9f8),  // ldumax w1, w5, [x0]
      (0xb821_7005, 0xfffe_fdfc_5566_7788, 0xfbfa_f9f8),  // ldumin w1, w5, [x0]
      (0xf821_8005, 0x1122_3344_5566_7788, 0xfffe_fdfc_fbfa_f9f8),  // swp x1, x5, [x0]
      (0x3821_8005, 0xfffe_fdfc_fbfa_f988, 0xf8),  // swpb w1, w5, [x0]
      (0xf821_001f, 0x1121_3141_5161_7180, 0x5a5a),  // stadd x1, [x0]
      (0xf83f_0005, 0xfffe_fdfc_fbfa_f9f8, 0xfffe_fdfc_fbfa_f9f8),  // ldadd xzr, x5, [x0]
      (0xf83f_8005, 0, 0xfffe_fdfc_fbfa_f9f8),  // swp xzr, x5, [x0]
      (0xc8a5_7c01, 0xfffe_fdfc_fbfa_f9f8, 0xfffe_fdfc_fbfa_f9f8),  // cas x5, x1, [x0]
      (0xc8a6_7c01, 0x1122_3344_5566_7788, 0x5a5a),  // cas x6, x1, [x0]
      (0x08e6_fc01, 0xfffe_fdfc_fbfa_f988, 0x5a5a),  // casalb w6, w1, [x0]
      (0x88a5_7c01, 0xfffe_fdfc_fbfa_f9f8, 0xfbfa_f9f8),  // cas w5, w1, [x0]
    ]
    for (word, memory, x5) in rows {
      let machine = try machine(fastTable: fastTable)
      #expect(
        machine.exception(of: word, x0: 0x3108) {
          $0[x: 1] = 0x1122_3344_5566_7788
          $0[x: 5] = 0x5a5a
          $0[x: 6] = 0xfffe_fdfc_fbfa_f9f8
        }?.esr == 0x5600_0000)
      #expect(machine.get(0x4020_0108) == memory, "\(String(word, radix: 16))")
      #expect(machine.get(0x4020_0110) == 0x8786_8584_8382_8180, "\(String(word, radix: 16))")
      #expect(machine[0][x: 5] == x5, "\(String(word, radix: 16))")
    }
  }

  /// CASP compares and stores both registers of a pair, or neither.
  @Test(arguments: builds) func compareAndSwapPairs(fastTable: Bool) throws {
    for (x5, stores) in [(0xfffe_fdfc_fbfa_f9f8, true), (0, false)] as [(UInt64, Bool)] {
      let machine = try machine(fastTable: fastTable)
      #expect(
        machine.exception(of: 0x4864_fc06, x0: 0x3100) {  // caspal x4, x5, x6, x7, [x0]
          $0[x: 4] = 0xf7f6_f5f4_f3f2_f1f0
          $0[x: 5] = x5
          $0[x: 6] = 66
          $0[x: 7] = 77
        }?.esr == 0x5600_0000)
      #expect(machine.get(0x4020_0100) == (stores ? 66 : 0xf7f6_f5f4_f3f2_f1f0))
      #expect(machine.get(0x4020_0108) == (stores ? 77 : 0xfffe_fdfc_fbfa_f9f8))
      #expect(machine[0][x: 4] == 0xf7f6_f5f4_f3f2_f1f0 && machine[0][x: 5] == 0xfffe_fdfc_fbfa_f9f8)
    }
    let machine = try machine(fastTable: fastTable)
    #expect(
      machine.exception(of: 0x0824_7c06, x0: 0x3100) {  // casp w4, w5, w6, w7, [x0]
        $0[x: 4] = 0xffff_ffff_f3f2_f1f0
        $0[x: 5] = 0xf7f6_f5f4
        $0[x: 6] = 66
        $0[x: 7] = 77
      }?.esr == 0x5600_0000)
    #expect(machine.get(0x4020_0100) == 77 << 32 | 66)
    #expect(machine[0][x: 4] == 0xf3f2_f1f0 && machine[0][x: 5] == 0xf7f6_f5f4)
  }
}
