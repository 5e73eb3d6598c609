// Owns tests of what programs learn of each processor: AT_HWCAP, AT_HWCAP2 and the identification registers as Linux shows them.
// It does not know what any feature does.
import Architecture
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

struct IdentityTests {
  struct Row: Sendable {
    let name: String
    let midr: UInt64, pfr0: UInt64, pfr1: UInt64, isar0: UInt64, isar1: UInt64, mmfr2: UInt64, hwcap: UInt64, hwcap2: UInt64
  }
  /// The Cortex cores and Neoverse N1 have the values that qemu-aarch64 7.2 shows a program, plus HWCAP_EVTSTRM, HWCAP_DIT and
  /// HWCAP_SSBS, which Linux adds. Neoverse V1 has those of its technical reference manual, and of /proc/cpuinfo of a Graviton 3 without SVE. `max`
  /// has qemu-aarch64's without SVE, SME and MTE2, plus HWCAP2_DGH.
  static let rows: [Row] = [
    Row(
      name: "max", midr: 0x000f_0510, pfr0: 0x0001_0000_0011_0011, pfr1: 0x121, isar0: 0x1021_1111_1021_2120, isar1: 0x0011_1011_0121_1012,
      mmfr2: 0, hwcap: 0xfdbf_ffff, hwcap2: 0x3_e181),
    Row(
      name: "neoverse-v1", midr: 0x411f_d402, pfr0: 0x0001_0000_0011_0011, pfr1: 0x20, isar0: 0x1011_1111_1021_2120,
      isar1: 0x0011_1000_0121_1032, mmfr2: 0x1_0000_0000, hwcap: 0xdfbf_ffff, hwcap2: 0x1_e001),
    Row(
      name: "neoverse-n1", midr: 0x414f_d0c1, pfr0: 0x0011_0011, pfr1: 0x20, isar0: 0x0000_1000_1021_1120, isar1: 0x0010_0001, mmfr2: 0,
      hwcap: 0x1011_9fff, hwcap2: 0),
    Row(
      name: "cortex-a72", midr: 0x410f_d083, pfr0: 0x11, pfr1: 0, isar0: 0x1_1120, isar1: 0, mmfr2: 0, hwcap: 0x08ff, hwcap2: 0),
    Row(
      name: "cortex-a53", midr: 0x410f_d034, pfr0: 0x11, pfr1: 0, isar0: 0x1_1120, isar1: 0, mmfr2: 0, hwcap: 0x08ff, hwcap2: 0),
  ]

  @Test(arguments: rows) func programsSeeThePresetsFeatures(row: Row) throws {
    var configuration = Guest.small
    configuration.features = ProcessorFeatures.presets.first { $0.name == row.name }!.features
    let guest = try Guest.idle(configuration)
    #expect(HardwareCapabilities.hwcap(configuration.features) == row.hwcap)
    #expect(HardwareCapabilities.hwcap2(configuration.features) == row.hwcap2)
    let expected: [(SystemRegister, UInt64)] = [
      (.MIDR_EL1, row.midr), (.REVIDR_EL1, 0), (.MPIDR_EL1, 0x8000_0000), (.ID_AA64PFR0_EL1, row.pfr0), (.ID_AA64PFR1_EL1, row.pfr1),
      (.ID_AA64DFR0_EL1, 6), (.ID_AA64ISAR0_EL1, row.isar0), (.ID_AA64ISAR1_EL1, row.isar1), (.ID_AA64ISAR2_EL1, 0),
      (.ID_AA64MMFR0_EL1, 0xff00_0000), (.ID_AA64MMFR1_EL1, 0), (.ID_AA64MMFR2_EL1, row.mmfr2), (.ID_AA64MMFR3_EL1, 0),
    ]
    for (register, value) in expected {
      // What MRS X0 of the register traps with.
      guest.enter(esr: ExceptionSyndrome.trapped(register, t: 0, isRead: true).rawValue)
      #expect(guest.el1[x: 0] == value, "\(register)")
    }
  }
}

/// The event stream of the kernel. Linux: drivers/clocksource/arm_arch_timer.c.
struct EventStreamSetupTests {
  /// The frequency, whether FEAT_ECV is there, and CNTKCTL_EL1 as Linux leaves it apart from EL0's rights: EVNTEN, EVNTI, EVNTIS.
  @Test(
    arguments: [
      (62_500_000, false, 0xc4), (24_000_000, false, 0xa4), (100_000_000, false, 0xc4), (1_000_000_000, false, 0xf4),
      (1_000_000_000, true, 0x2_0084), (62_500_000, true, 0xc4), (19_200_000, false, 0xa4), (1, false, 0x04),
    ] as [(UInt64, Bool, UInt64)])
  func theDividerIsNearTenKilohertz(frequency: UInt64, hasECV: Bool, control: UInt64) {
    #expect(MemoryManager.eventStream(frequency: frequency, isScaled: hasECV) == control)
  }

  @Test(arguments: [false, true]) func theKernelStartsIt(hasECV: Bool) throws {
    var configuration = Guest.small
    configuration.features.ecv = hasECV
    let guest = try Guest.idle(configuration)
    #expect(guest.processor.read(.CNTKCTL_EL1) == (hasECV ? 0x2_0086 : 0xf6))
    #expect(HardwareCapabilities.names(configuration.features).contains("evtstrm"))
    #expect(HardwareCapabilities.names(configuration.features).contains("ecv") == hasECV)
  }
}
