// Owns the tests of whole programs that get a signal: their own handler handles it, or the right signal kills them.
// It does not know the layout of signal frames.
import Architecture
import Debugging
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

extension SignalDeliveryTests {
  /// A handler skips the faulting load. The return through the trampoline undoes what the handler did to X19.
  @Test(arguments: [true, false]) func aProgramHandlesItsOwnFault(usesFastTable: Bool) throws {
    var configuration = Guest.small
    configuration.usesFastTable = usesFastTable
    configuration.usesFusion = usesFastTable
    let (stop, guest) = try run(
      TinyELF([
        0xd101_03ff,  // sub sp, sp, #64
        0x1000_0220,  // adr x0, 1f
        0xf900_03e0,  // str x0, [sp]
        0xd280_0081,  // mov x1, #4
        0xf900_07e1,  // str x1, [sp, #8]
        0xa901_7fff,  // stp xzr, xzr, [sp, #16]
        0xd280_0160,  // mov x0, #11
        0x9100_03e1,  // mov x1, sp
        0xd280_0002,  // mov x2, #0
        0xd280_0103,  // mov x3, #8
        0xd280_10c8,  // mov x8, #134
        0xd400_0001,  // svc #0
        0xd280_09b3,  // mov x19, #77
        0xd280_0004,  // mov x4, #0
        0xf940_0085,  // ldr x5, [x4]
        0xaa13_03e0,  // mov x0, x19
        0xd280_0ba8,  // mov x8, #93
        0xd400_0001,  // svc #0
        0xf940_dc43,  // 1: ldr x3, [x2, #440]
        0x9100_1063,  // add x3, x3, #4
        0xf900_dc43,  // str x3, [x2, #440]
        0xd280_0033,  // mov x19, #1
        0xd65f_03c0,  // ret
      ]), configuration: configuration)
    #expect(stop == .exited(77))
    #expect(guest.kernel.state.lastSignal?.signal == 11)
  }

  @Test(
    arguments: [
      ([0x0000_0000], 4),  // udf #0
      ([0xd420_0000], 5),  // brk #0
      ([0xd280_0040, 0xd61f_0000], 7),  // mov x0, #2; br x0
      ([0x9100_23ff, 0xf940_03e1], 7),  // add sp, sp, #8; ldr x1, [sp]
      ([0xd280_0000, 0xf940_0002], 11),  // mov x0, #0; ldr x2, [x0]
      ([0xd280_0000, 0xd61f_0000], 11),  // mov x0, #0; br x0
      ([0xd538_1020], 4),  // mrs x0, actlr_el1
      ([0x1000_0000, 0xf900_001f], 11),  // adr x0, .; str xzr, [x0]
      ([0xd280_0040, 0xd280_0101, 0xd280_1028, 0xd400_0001], 8),  // mov x0, #2; mov x1, #8; mov x8, #129; svc #0
      ([0xd2ff_ffe0, 0xf940_0002], 11),  // mov x0, #0xffff000000000000; ldr x2, [x0]
    ] as [([UInt32], Int32)]) func programsDieByTheRightSignal(words: [UInt32], signal: Int32) throws
  {
    for profile in KernelProfile.all {
      var configuration = Guest.small
      configuration.kernel = profile
      #expect(try run(TinyELF(words), configuration: configuration).stop == .killed(signal))
    }
  }

  /// Identification registers are emulated for EL0, with and without FEAT_IDST.
  @Test(arguments: [true, false]) func identificationRegistersCanBeRead(idst: Bool) throws {
    var configuration = Guest.small
    configuration.features.idst = idst
    let (stop, guest) = try run(
      TinyELF([
        0xd538_0000,  // mrs x0, midr_el1
        0xaa00_03e1,  // mov x1, x0
        0xd538_0600,  // mrs x0, id_aa64isar0_el1
        0xaa00_03e2,  // mov x2, x0
        0xd538_0740,  // mrs x0, id_aa64mmfr2_el1
        0xd280_0000,  // mov x0, #0
        0xd280_0ba8,  // mov x8, #93
        0xd400_0001,  // svc #0
      ]), configuration: configuration)
    #expect(stop == .exited(0))
    #expect(guest.processor[x: 1] == guest.processor.read(.MIDR_EL1))
    #expect(guest.processor[x: 2] >> 20 & 15 == 2)
  }

  /// CRm 0 and 2 to 7 are emulated, and CRm 1 is not. Registers of that space without a value read as zero.
  @Test(
    arguments: [
      ([0xd538_0100], .killed(4)),  // mrs x0, id_pfr0_el1
      ([0xd538_0020], .killed(4)),  // mrs x0, s3_0_c0_c0_1
      ([0xd538_0200], .exited(0)),  // mrs x0, id_isar0_el1
      ([0xd538_0300], .exited(0)),  // mrs x0, mvfr0_el1
      ([0xd538_07e0], .exited(0)),  // mrs x0, s3_0_c0_c7_7
      ([0xd518_0000], .killed(4)),  // msr midr_el1, x0
    ] as [([UInt32], StopReason)]) func identificationSpaceWithoutCRm1(words: [UInt32], expected: StopReason) throws
  {
    for idst in [true, false] {
      var configuration = Guest.small
      configuration.features.idst = idst
      // mov x8, #93; svc #0
      let program = TinyELF([0xd280_00e0] + words + [0xd280_0ba8, 0xd400_0001])
      #expect(try run(program, configuration: configuration).stop == expected, "FEAT_IDST \(idst)")
    }
  }
}
