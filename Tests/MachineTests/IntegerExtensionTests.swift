// Owns what the integer extensions do: FEAT_FlagM, FEAT_FlagM2, FEAT_LRCPC2, FEAT_CSSC, FEAT_WFxT, FEAT_SB, FEAT_DPB; and their absence.
// It does not know how they are encoded.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct IntegerExtensionTests {
  /// Every NZCV through CFINV, AXFLAG and XAFLAG; the results are those of qemu-aarch64 7.2 -cpu max.
  @Test(
    arguments: [
      (0xd500_401f, "2301 6745 ab89 efcd"), (0xd500_405f, "0424 4464 0424 4464"), (0xd500_403f, "8822 3366 8822 3366"),
    ] as [(UInt32, String)]) func flagsByFlags(word: UInt32, results: String) throws
  {
    let machine = try BareMachine()
    let expected = results.compactMap(\.hexDigitValue)
    for nzcv in 0..<16 as Range<UInt64> {
      _ = machine.exception(of: word, x0: 0) { $0.write(.NZCV, nzcv << 28) }
      #expect(machine[0].el1[.SPSR_EL1] >> 28 == UInt64(expected[Int(nzcv)]), "NZCV \(nzcv)")
    }
  }

  static let values: [UInt64] = [
    0, 1, 0x80, 0x7f, 0xff, 0x100, 0x180, 0x8000, 0x7fff, 0xffff, 0x1_0000, 0x1_8000, 0x1234_5678_9abc_def0, 0xffff_ffff_ffff_ff00,
    0xffff_ffff_ffff_0000, 0x8000_0000_0000_0000, 0xfedc_ba98_7654_3210,
  ]
  /// SETF and RMIF of x1 = each value, from an NZCV; the results are those of qemu-aarch64 7.2 -cpu max.
  @Test(
    arguments: [
      (0x3a00_082d, 0x0, "40909584884495440"), (0x3a00_082d, 0xf, "62b2b7a6aa66b7662"), (0x3a00_482d, 0x0, "40000009095898540"),
      (0x3a00_482d, 0xf, "6222222b2b7aba762"), (0xba00_042f, 0x0, "010ff000ff0000000"), (0xba00_842f, 0x0, "000ff000ff0080008"),
      (0xba1f_842a, 0xf, "575ff555ff5555555"), (0xba02_0425, 0x0, "00055000550050001"), (0xba1e_0420, 0x9, "99999999999999999"),
      (0xba10_042f, 0x5, "0000000000008ff08"), (0xba06_0427, 0x8, "88888888ff88df88b"),
    ] as [(UInt32, UInt64, String)]) func flagsByValue(word: UInt32, nzcv: UInt64, results: String) throws
  {
    let machine = try BareMachine()
    let expected = results.compactMap(\.hexDigitValue)
    for (value, result) in zip(Self.values, expected) {
      _ = machine.exception(of: word, x0: 0) {
        $0[x: 1] = value
        $0.write(.NZCV, nzcv << 28)
      }
      #expect(machine[0].el1[.SPSR_EL1] >> 28 == UInt64(result), "\(String(value, radix: 16))")
    }
  }

  /// LDAPUR and STLUR at an offset, with and without extension.
  @Test func releaseConsistency() throws {
    let machine = try BareMachine()
    machine.put(BareMachine.dataPA + 0x10, 0x8182_8384_8586_8788)
    let loads: [(UInt32, UInt64)] = [
      (0xd940_8001, 0x8182_8384_8586_8788), (0x9940_8001, 0x8586_8788), (0x5940_8001, 0x8788), (0x1940_8001, 0x88),
      (0x9980_8001, 0xffff_ffff_8586_8788), (0x5980_8001, 0xffff_ffff_ffff_8788), (0x59c0_8001, 0xffff_8788),
      (0x1980_8001, 0xffff_ffff_ffff_ff88), (0x19c0_8001, 0xffff_ff88),
    ]
    for (word, expected) in loads {  // ldapur... x1, [x0, #8]
      #expect(machine.exception(of: word, x0: 0x3008)?.esr == 0x5600_0000)
      #expect(machine[0][x: 1] == expected, "\(String(word, radix: 16))")
      // Unaligned they fault, as acquires do; bytes cannot be.
      if word >> 30 != 0 { #expect(machine.exception(of: word, x0: 0x3009)?.esr == 0x9200_0021) }
    }
    let stores: [(UInt32, UInt64)] = [
      (0x191f_8001, 0x11), (0x591f_8001, 0x2211), (0x991f_8001, 0x4433_2211), (0xd91f_8001, 0x8877_6655_4433_2211),
    ]
    for (word, expected) in stores {  // stlur... x1, [x0, #-8]
      machine.put(BareMachine.dataPA + 0x20, 0)
      #expect(machine.exception(of: word, x0: 0x3028) { $0[x: 1] = 0x8877_6655_4433_2211 }?.esr == 0x5600_0000)
      #expect(machine.get(BareMachine.dataPA + 0x20) == expected)
      if word >> 30 != 0 { #expect(machine.exception(of: word, x0: 0x3029)?.esr == 0x9200_0061) }
    }
  }

  /// Arm ARM C6.2: ABS, CNT, CTZ, SMAX, UMAX, SMIN, UMIN. QEMU 7.2 does not have them.
  @Test func commonShortSequences() throws {
    var features = ProcessorFeatures()
    features.cssc = true
    let machine = try BareMachine(features: features)
    let rows: [(UInt32, UInt64, UInt64, UInt64)] = [
      (0xdac0_2003, 0xffff_ffff_ffff_fffb, 0, 5), (0xdac0_2003, 0x8000_0000_0000_0000, 0, 0x8000_0000_0000_0000), (0xdac0_2003, 7, 0, 7),
      (0x5ac0_2003, 0x1234_5678_ffff_fffb, 0, 5), (0x5ac0_2003, 0x8000_0000, 0, 0x8000_0000),  // abs x3, x0; abs w3, w0
      (0xdac0_1c03, 0xf0f0_0000_0000_0001, 0, 9), (0x5ac0_1c03, 0xffff_ffff_0000_0003, 0, 2),  // cnt
      (0xdac0_1803, 0x8000_0000_0000_0000, 0, 63), (0xdac0_1803, 0, 0, 64), (0x5ac0_1803, 0xff_0000_0000, 0, 32),
      (0x5ac0_1803, 8, 0, 3),  // ctz
      (0x9ac1_6003, 0xffff_ffff_ffff_ffff, 1, 1), (0x1ac1_6003, 0xffff_ffff, 1, 1),
      (0x1ac1_6003, 0x7fff_ffff, 0x8000_0000, 0x7fff_ffff),  // smax
      (0x9ac1_6403, 0xffff_ffff_ffff_ffff, 1, 0xffff_ffff_ffff_ffff), (0x1ac1_6403, 0xffff_ffff_0000_0001, 2, 2),  // umax
      (0x9ac1_6803, 0xffff_ffff_ffff_ffff, 1, 0xffff_ffff_ffff_ffff), (0x1ac1_6803, 0xffff_ffff, 1, 0xffff_ffff),  // smin
      (0x9ac1_6c03, 0xffff_ffff_ffff_ffff, 1, 1), (0x1ac1_6c03, 0xffff_ffff_0000_0003, 0xff_0000_0004, 3),  // umin
      (0x91c2_0003, 0xffff_ffff_ffff_ff00, 0, 0xffff_ffff_ffff_ff80), (0x11c2_0003, 0xffff_ff00, 0, 0xffff_ff80),  // smax x3, x0, #-128
      (0x91c7_fc03, 3, 0, 255), (0x11c7_fc03, 0x1_0000_0000, 0, 255), (0x91c9_fc03, 200, 0, 127), (0x11cf_fc03, 0xffff_ffff, 0, 255),
    ]
    for (word, x0, x1, expected) in rows {
      #expect(machine.exception(of: word, x0: x0) { $0[x: 1] = x1 }?.esr == 0x5600_0000)
      #expect(machine[0][x: 3] == expected, "\(String(word, radix: 16)) \(String(x0, radix: 16))")
    }
  }

  /// WFET and WFIT end the turn and wait until the counter gets there; an event ends WFET at once.
  @Test func waitingWithATimeout() throws {
    var features = ProcessorFeatures()
    features.wfxt = true
    let machine = try BareMachine(features: features)
    machine[0].write(.SCTLR_EL1, 0x30d5_0819)  // nTWI, nTWE
    for (word, kind) in [(0xd503_1000, .event), (0xd503_1020, .interrupt)] as [(UInt32, WaitKind)] {
      machine.load([word, 0xd400_0001])  // wfet x0 or wfit x0; svc #0
      machine[0].pstate = .EL0t
      machine[0].pc = BareMachine.code
      machine[0][x: 0] = machine[0].systemCount + 1000
      #expect(machine.run() == .yielded)
      #expect(machine[0].waiting == kind && machine[0].pc == BareMachine.code + 4)
      #expect(machine[0].timerDeadline == machine[0][x: 0])
      machine[0].systemCount = machine[0][x: 0] - 1
      machine[0].updateTimer()
      #expect(machine[0].waiting == kind)
      machine[0].systemCount = machine[0][x: 0]
      machine[0].updateTimer()
      #expect(machine[0].waiting == nil && machine[0].timerDeadline == nil)
      // A time that has passed is no wait.
      machine[0].pc = BareMachine.code
      machine[0][x: 0] = 5
      #expect(machine.run() == .yielded)
      #expect(machine[0].waiting == nil)
    }
    machine.load([0xd503_1000, 0xd400_0001])
    machine[0].sendEvent()
    machine[0].pc = BareMachine.code
    machine[0][x: 0] = .max
    #expect(machine.runToException()?.esr == 0x5600_0000)
    // Trapped from EL0: TI, RV and RN. Arm ARM: ESR_EL1, ISS encoding for a trapped WF* instruction.
    let trapping = try BareMachine(features: features)
    #expect(trapping.exception(of: 0xd503_1003, x0: 0) { $0[x: 3] = .max }?.esr == 0x07e0_0067)  // wfet x3
    #expect(trapping.exception(of: 0xd503_1023, x0: 0) { $0[x: 3] = .max }?.esr == 0x07e0_0066)  // wfit x3
  }

  /// Each instruction is UNDEFINED where its feature is absent, and only there.
  static let words: [(WritableKeyPath<ProcessorFeatures, Bool> & Sendable, [UInt32])] = [
    (\.flagm, [0xd500_401f, 0xba00_0401, 0x3a00_080d, 0x3a00_480d]), (\.flagm2, [0xd500_403f, 0xd500_405f]),
    (\.lrcpc2, [0xd940_0001, 0x1900_0001]), (\.sb, [0xd503_30ff]),
    (\.cssc, [0xdac0_2001, 0xdac0_1c01, 0x5ac0_1801, 0x9ac0_6001, 0x11c0_0401]), (\.wfxt, [0xd503_101f, 0xd503_103f]),
    (\.dpb, [0xd50b_7c20]), (\.dpb2, [0xd50b_7d20]),  // dc cvap, x0; dc cvadp, x0
    (\.lrcpc, [0xf8bf_c001]), (\.lor, [0xc8df_7c01]), (\.crc32, [0x1ac0_4001]), (\.lse, [0xf820_0001, 0xc8a0_7c01, 0x4820_7c02]),
  ]
  @Test func absentFeatures() throws {
    for (feature, words) in Self.words {
      for isOn in [true, false] {
        var features = ProcessorFeatures()
        features[keyPath: feature] = isOn
        let machine = try BareMachine(features: features)
        machine[0].write(.SCTLR_EL1, 0x34d5_0819)  // UCI, nTWI, nTWE
        for word in words {
          let esr = machine.exception(of: word, x0: 0x3000)?.esr
          // WFET and WFIT with no time to wait end the turn: no exception.
          #expect(isOn ? esr == 0x5600_0000 || esr == nil : esr == 0x0200_0000, "\(String(word, radix: 16)) \(isOn)")
        }
      }
    }
  }
}
