// Owns tests of FEAT_PAuth that QEMU cannot judge: the versions after the first, FEAT_FPAC's exceptions, halves that differ,
// absence.
// It does not know the basic form's thousands of rows: Tests/Fixtures/el1/pauth.tsv has them, from qemu-system-aarch64.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct PointerAuthenticationTests {
  /// Avanzi, "The QARMA Block Cipher Family" (2017), test vectors: QARMA-64 with sigma 2, r = 5.
  @Test func publishedVector() {
    let key = PointerKeyValue(low: 0xec28_02d4_e0a4_88e9, high: 0x84be_85ce_9804_e94b)
    #expect(computePAC(0xfb62_3599_da6e_8127, modifier: 0x477d_469d_ec0b_8762, key) == 0xc003_b939_99b3_3765)
  }

  static let pointer: UInt64 = 0x1234_5678, modifier: UInt64 = 0x477d_469d_ec0b_8762
  /// The keys of firmware/el1/pauth.c, set_keys(1): IA and DB; then what qemu-system-aarch64 makes of `pointer` with each key.
  static let registers: [(SystemRegister, UInt64)] = [
    (.APIAKeyLo_EL1, 0x6c57_6faf_2146_7d1e), (.APIAKeyHi_EL1, 0x8268_86b7_950e_2e87), (.APIBKeyLo_EL1, 0xa5fa_e19c_0f40_a6c7),
    (.APIBKeyHi_EL1, 0x6203_55ce_0189_f9ad), (.APDAKeyLo_EL1, 0xcba2_76b2_e592_1c55), (.APDAKeyHi_EL1, 0x8021_81e2_e33c_7f48),
    (.APDBKeyLo_EL1, 0x8dce_b530_81d0_e105), (.APDBKeyHi_EL1, 0x10bf_51ed_f13d_2ca2),
  ]
  static let signed: [UInt64] = [0xbd1a_7300_1234_5678, 0x3018_e480_1234_5678, 0x2b6a_0600_1234_5678, 0x7c1f_a100_1234_5678]

  private func machine(_ version: ProcessorFeatures.PointerAuthentication) throws -> BareMachine {
    var features = ProcessorFeatures()
    features.pauth = version
    let machine = try BareMachine(features: features)
    for (register, value) in Self.registers { machine[0].write(register, value) }
    machine[0].write(.SCTLR_EL1, 0xf8d0_2819)  // all keys on
    machine[0].write(.FAR_EL1, 0x99)
    return machine
  }

  /// X0 after one instruction with X1 as modifier, or its exception.
  private func result(_ word: UInt32, _ x0: UInt64, _ version: ProcessorFeatures.PointerAuthentication) throws -> (UInt64, TakenException) {
    let machine = try machine(version)
    let taken = try #require(machine.exception(of: word, x0: x0) { $0[x: 1] = Self.modifier })
    return (machine[0][x: 0], taken)
  }

  static let pac: [UInt32] = [0xdac1_0020, 0xdac1_0420, 0xdac1_0820, 0xdac1_0c20]  // pacia, pacib, pacda, pacdb x0, x1
  static let aut: [UInt32] = [0xdac1_1020, 0xdac1_1420, 0xdac1_1820, 0xdac1_1c20]  // autia, autib, autda, autdb x0, x1

  /// Each version gives a canonical pointer the same code, and another pointer a different one.
  @Test(
    arguments: [
      (.basic, 0xfd1a_7300_1234_5678), (.epac, 0x1234_5678), (.pauth2, 0xad1a_7300_1234_5678), (.fpac, 0xad1a_7300_1234_5678),
      (.fpacCombine, 0xad1a_7300_1234_5678),
    ] as [(ProcessorFeatures.PointerAuthentication, UInt64)])
  func adding(version: ProcessorFeatures.PointerAuthentication, notCanonical: UInt64) throws {
    for key in 0..<4 { #expect(try result(Self.pac[key], Self.pointer, version).0 == Self.signed[key]) }
    #expect(try result(Self.pac[0], 0x1000_0000_1234_5678, version).0 == notCanonical)
    for key in 0..<4 { #expect(try result(Self.aut[key], Self.signed[key], version).0 == Self.pointer) }
  }

  /// A code with bit 60 wrong gives an error code, the difference, or an exception that names the key. Arm ARM: ESR_EL1, EC 0x1c.
  @Test func wrongCodes() throws {
    for key in 0..<4 {
      let wrong = Self.signed[key] ^ 1 << 60
      let error: UInt64 = key & 1 == 0 ? 0x2000_0000_1234_5678 : 0x4000_0000_1234_5678
      #expect(try result(Self.aut[key], wrong, .basic).0 == error)
      #expect(try result(Self.aut[key], wrong, .epac).0 == error)
      #expect(try result(Self.aut[key], wrong, .pauth2).0 == 0x1000_0000_1234_5678)
      for version in [.fpac, .fpacCombine] as [ProcessorFeatures.PointerAuthentication] {
        let (x0, taken) = try result(Self.aut[key], wrong, version)
        #expect(taken == TakenException(esr: 0x7200_0000 | UInt64(key), far: 0x99, elr: 0x1000))
        #expect(x0 == wrong)
      }
    }
  }

  /// The instructions that branch or load too fail late, but under FEAT_FPACCOMBINE. With X0 = 0x12345678 and bit 60 wrong.
  @Test(
    arguments: [
      (0xd71f_0801, 0, 0x8200_0004),  // braa x0, x1
      (0xd73f_0c01, 1, 0x8200_0004),  // blrab x0, x1
      (0xf820_0400, 2, 0x9200_0004),  // ldraa x0, [x0]: with modifier zero
      (0xf8a0_0400, 3, 0x9200_0004),  // ldrab x0, [x0]
    ] as [(UInt32, UInt64, UInt64)]) func combined(word: UInt32, key: UInt64, abort: UInt64) throws
  {
    let wrong = Self.signed[Int(key)] ^ 1 << 60
    for version in ProcessorFeatures.PointerAuthentication.allCases where version != .off {
      let (_, taken) = try result(word, wrong, version)
      if version == .fpacCombine {
        #expect(taken == TakenException(esr: 0x7200_0000 | key, far: 0x99, elr: 0x1000))
      } else {
        #expect(taken.esr == abort && taken.far != 0x99, "\(version)")
      }
      // FEAT_PAuth2 branches to the difference of the codes, the others to an error code.
      let error: UInt64 = key == 0 ? 0x2000_0000_1234_5678 : 0x4000_0000_1234_5678
      if key < 2 && version != .fpacCombine { #expect(taken.elr == (version.rawValue >= 3 ? 0x1000_0000_1234_5678 : error)) }
    }
  }

  /// A tag in one half only, and halves of different sizes: bit 55 decides where a tag is anywhere, else bit 63. Arm ARM: AddPAC.
  @Test func halvesThatDiffer() {
    func add(_ pointer: UInt64, _ modifier: UInt64, _ layout: PointerLayout) -> UInt64 {
      addPAC(
        pointer, modifier: modifier, PointerKeyValue(low: Self.registers[0].1, high: Self.registers[1].1), layout, .basic)
    }
    var layout = PointerLayout(
      lowerIsTagged: false, upperIsTagged: true, lowerExtension: ~0 << 39, upperExtension: ~0 << 39)
    // Bit 55 chooses the lower half, which has no tag: the code of 0x12345678 with bit 62 turned.
    #expect(add(0x8000_0000_1234_5678, Self.modifier, layout) == 0xfd1a_7300_1234_5678)
    // Without any tag bit 63 chooses the upper half and its size; QEMU's row is T0SZ25/pointer9/ia/added.
    layout = PointerLayout(lowerIsTagged: false, upperIsTagged: false, lowerExtension: ~0 << 48, upperExtension: ~0 << 39)
    #expect(add(0xff7f_ffff_8765_4320, Self.modifier + 9, layout) == 0xd0b5_a6ff_8765_4320)
  }

  /// Without the feature its instructions are UNDEFINED, those of the hint space do nothing, and no ID register reports it.
  @Test func withoutTheFeatureNothingIsSigned() throws {
    for word in Self.pac + Self.aut + [0xdac1_43e0, 0x9ac1_3000, 0xd71f_0801, 0xd65f_0bff, 0xf820_0400] as [UInt32] {
      #expect(try result(word, Self.pointer, .off).1.esr == 0x0200_0000, "\(String(word, radix: 16))")
    }
    // paciasp, autibz, pacia1716, xpaclri
    for word in [0xd503_233f, 0xd503_23df, 0xd503_211f, 0xd503_20ff] as [UInt32] {
      let machine = try machine(.off)
      let taken = machine.exception(of: word, x0: 0) {
        $0[x: 30] = 0xbd1a_7300_1234_5678; $0[x: 17] = 5
      }
      #expect(taken?.esr == 0x5600_0000)
      #expect(machine[0][x: 30] == 0xbd1a_7300_1234_5678 && machine[0][x: 17] == 5)
    }
    let machine = try machine(.off)
    #expect(machine[0].read(.APIAKeyLo_EL1) == nil)
    #expect(machine[0].read(.SCTLR_EL1) == 0x30d0_0819)
    #expect(machine[0].read(.ID_AA64ISAR1_EL1)! & 0xf00_00f0 == 0)
  }

  /// ID_AA64ISAR1_EL1.APA counts the versions; GPA is 1 with any.
  @Test func identificationFieldsCountTheVersions() throws {
    for (index, version) in ProcessorFeatures.PointerAuthentication.allCases.enumerated() {
      let value = try machine(version)[0].read(.ID_AA64ISAR1_EL1)!
      #expect(value >> 4 & 15 == UInt64(index) && value >> 24 & 15 == (index == 0 ? 0 : 1))
    }
  }
}
