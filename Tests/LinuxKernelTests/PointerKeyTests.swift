// Owns the tests of a program's pointer authentication keys: the seed determines them, prctl changes and switches them, and a wrong
// code raises SIGILL.
// It does not know the cipher. Linux: arch/arm64/kernel/pointer_auth.c.
import Architecture
import Debugging
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel

struct PointerKeyTests {
  private static let registers: [SystemRegister] = [
    .APIAKeyLo_EL1, .APIAKeyHi_EL1, .APIBKeyLo_EL1, .APIBKeyHi_EL1, .APDAKeyLo_EL1, .APDAKeyHi_EL1, .APDBKeyLo_EL1, .APDBKeyHi_EL1,
    .APGAKeyLo_EL1, .APGAKeyHi_EL1,
  ]
  private func keys(_ guest: Guest) -> [UInt64] { Self.registers.map { guest.processor.read($0)! } }
  private func guest(seed: UInt64 = 0) throws -> Guest {
    var configuration = Guest.small
    configuration.seed = seed
    return try Guest.idle(configuration)
  }

  @Test func keysComeFromTheSeed() throws {
    let first = keys(try guest(seed: 1))
    #expect(first == keys(try guest(seed: 1)))
    #expect(Set(first + keys(try guest(seed: 2))).count == 20)
    // The bits are EnIA, EnIB, EnDA and EnDB.
    #expect(try guest().processor.read(.SCTLR_EL1)! & 0xc800_2000 == 0xc800_2000)
  }

  /// PR_PAC_RESET_KEYS replaces the keys that the mask names, or all keys.
  @Test func reset() throws {
    let guest = try guest()
    for (mask, changed) in [(1, [0, 1]), (2, [2, 3]), (0x14, [4, 5, 8, 9]), (8, [6, 7]), (0x1f, Array(0..<10))] as [(UInt64, [Int])] {
      let before = keys(guest)
      #expect(guest.call(167, 54, mask) == 0)
      let after = keys(guest)
      #expect((0..<10).filter { before[$0] != after[$0] } == changed)
    }
    let before = keys(guest)
    #expect(guest.call(167, 54, 0) == 0)
    #expect(zip(before, keys(guest)).allSatisfy { $0 != $1 })
    #expect(guest.call(167, 54, 0x20) == -22)
    #expect(guest.call(167, 54, 1, 0, 0, 1) == -22)
  }

  /// PR_PAC_SET_ENABLED_KEYS and PR_PAC_GET_ENABLED_KEYS switch the address keys in SCTLR_EL1.
  @Test func enabling() throws {
    let guest = try guest()
    #expect(guest.call(167, 61) == 0xf)
    #expect(guest.call(167, 60, 0xa, 0x8) == 0)  // IB off, DB on
    #expect(guest.call(167, 61) == 0xd)
    #expect(guest.processor.read(.SCTLR_EL1)! & 0xc800_2000 == 0x8800_2000)
    #expect(guest.call(167, 60, 0xf, 0) == 0)
    #expect(guest.processor.read(.SCTLR_EL1)! & 0xc800_2000 == 0)
    #expect(guest.call(167, 61) == 0)
    for (keys, enabled) in [(0x10, 0), (1, 2), (0x1f, 0x1f)] as [(UInt64, UInt64)] { #expect(guest.call(167, 60, keys, enabled) == -22) }
    #expect(guest.call(167, 60, 1, 1, 1) == -22)
    #expect(guest.call(167, 61, 1) == -22)
    #expect(guest.call(167, 999) == -22)
  }

  @Test func withoutTheFeature() throws {
    var configuration = Guest.small
    configuration.features.pauth = .off
    let guest = try Guest.idle(configuration)
    for option in [54, 60, 61] as [UInt64] { #expect(guest.call(167, option) == -22) }
  }

  /// The program is paciasp; eor x30, x30, #1 << 50 (or nop); autiasp; then exit(x30 != 0). With FEAT_FPAC a wrong code raises
  /// SIGILL with ILL_ILLOPN.
  @Test(
    arguments: [
      (.basic, 0xd503_201f, .exited(0)), (.basic, 0xd24e_03de, .exited(1)), (.fpac, 0xd503_201f, .exited(0)),
      (.fpac, 0xd24e_03de, .killed(4)), (.off, 0xd503_201f, .exited(0)), (.off, 0xd24e_03de, .exited(1)),
    ] as [(ProcessorFeatures.PointerAuthentication, UInt32, StopReason)])
  func programs(version: ProcessorFeatures.PointerAuthentication, spoil: UInt32, expected: StopReason) throws {
    var configuration = Guest.small
    configuration.features.pauth = version
    let (stop, guest) = try run(
      TinyELF([
        0xd503_233f,  // paciasp
        spoil,
        0xd503_23bf,  // autiasp
        0xf100_03df,  // cmp x30, #0
        0x9a9f_07e0,  // cset x0, ne
        0xd280_0ba8,  // mov x8, #93
        0xd400_0001,  // svc #0
      ]), configuration: configuration)
    #expect(stop == expected)
    if case .killed = expected {
      #expect(guest.kernel.state.lastSignal.map { [$0.signal, $0.code] } == [4, 2])
      #expect(guest.kernel.state.lastSignal?.address == guest.processor.el1[.ELR_EL1])
    }
  }
}
