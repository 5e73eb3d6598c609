// Owns the emulation of EL0 reads of identification registers, and of the other trapped instructions of EC 0x18. It does not know which
// features a processor has: the registers say so. Linux: arch/arm64/kernel/cpufeature.c, traps.c.
import Architecture
import LinuxMM

extension IdentificationEmulation {
  /// A trapped MRS, MSR or system instruction.
  func trappedSystemRegister(_ el1: EL1Interface, _ esr: ExceptionSyndrome) {
    if esr.isTrappedRead && emulateRead(el1, esr.trappedRegister, t: Int(esr.trappedTarget)) { return }
    signals.illegalInstruction(el1)
  }

  /// Emulates an MRS of an identification register that is undefined at EL0 because the processor has no FEAT_IDST. False if the
  /// instruction is not one.
  func emulateUndefined(_ el1: EL1Interface) -> Bool {
    guard let word = el1.unprivilegedLoad(VirtualAddress(el1[.ELR_EL1]), size: 4), word & 0xfff0_0000 == 0xd530_0000 else {
      return false
    }
    let register = SystemRegister(rawValue: UInt16(word >> 5 & 0xffff) | 0xc000)
    return emulateRead(el1, register, t: Int(word & 31))
  }

  private func emulateRead(_ el1: EL1Interface, _ register: SystemRegister, t: Int) -> Bool {
    // CRm 0 and 2 to 7. Linux: is_emulated().
    guard register.op0 == 3, register.op1 == 0, register.crn == 0, register.crm <= 7, register.crm != 1 else { return false }
    let value: UInt64
    switch register {
    case .MIDR_EL1: value = el1.read(register)
    case .MPIDR_EL1: value = 0x8000_0000
    case .REVIDR_EL1: value = 0
    default:
      if register.crm == 0 { return false }
      let view = Self.views.first { $0.register == register }
      value = view.map { el1.read(register) & $0.visible | $0.fixed } ?? 0
    }
    if t < 31 { el1[x: t] = value }
    el1[.ELR_EL1] &+= 4
    return true
  }

  /// The values of the registers in user space: visible fields have the processor's value, and hidden fields have a value that is safe on
  /// any processor. A register without a row reads as zero. Linux: ftr_id_aa64pfr0 and the tables beside it;
  /// Documentation/arch/arm64/cpu-feature-registers.rst.
  private static let views: [(register: SystemRegister, visible: UInt64, fixed: UInt64)] = [
    (.ID_AA64PFR0_EL1, 0x000f_0000_00ff_0000, 0x11),  // DIT, AdvSIMD, FP; EL1 and EL0 in AArch64 only
    (.ID_AA64PFR1_EL1, 0xfff, 0),  // MTE, SSBS, BT
    (.ID_AA64DFR0_EL1, 0, 6),  // DebugVer
    (.ID_AA64ISAR0_EL1, 0xf0ff_ffff_f0ff_fff0, 0),  // all but TLB
    (.ID_AA64ISAR1_EL1, 0x00ff_ffff_ffff_ffff, 0),  // I8MM and what lies below
    (.ID_AA64ISAR2_EL1, 0x00f0_0000_00ff_ffff, 0),  // CSSC, BC, MOPS, APA3, GPA3, RPRES, WFxT
    (.ID_AA64MMFR0_EL1, 0xf000_0000_0000_0000, 0xff00_0000),  // ECV; TGran4 and TGran64: not supported
    (.ID_AA64MMFR2_EL1, 0xf_0000_0000, 0),  // AT
  ]
}
