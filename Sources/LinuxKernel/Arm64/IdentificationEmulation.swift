// Owns the emulation of EL0 reads of identification registers and the trapped rest of EC 0x18.
// It does not know what processors have: the registers say so. Linux: arch/arm64/kernel/cpufeature.c, traps.c.
import Architecture
import LinuxMM

extension Kernel {
  /// A trapped MRS, MSR or system instruction.
  func trappedSystemRegister(_ el1: EL1Interface, _ esr: ExceptionSyndrome) {
    let iss = UInt64(esr.iss)
    let register = SystemRegister(
      UInt16(iss >> 20 & 3), UInt16(iss >> 14 & 7), UInt16(iss >> 10 & 15), UInt16(iss >> 1 & 15), UInt16(iss >> 17 & 7))
    if iss & 1 == 1 && emulateRead(el1, register, t: Int(iss >> 5 & 31)) { return }
    illegalInstruction(el1)
  }

  /// An undefined MRS of an identification register, on processors without FEAT_IDST.
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
    case .MIDR_EL1, .REVIDR_EL1, .ID_AA64PFR0_EL1, .ID_AA64ISAR0_EL1, .ID_AA64ISAR1_EL1: value = el1.read(register)
    case .MPIDR_EL1: value = 0x8000_0000
    // Only the alignment of single-copy atomicity (AT) is shown of the memory model registers.
    case .ID_AA64MMFR2_EL1: value = el1.read(register) & 0xf_0000_0000
    default:
      if register.crm == 0 { return false }
      value = 0
    }
    if t < 31 { el1[x: t] = value }
    el1[.ELR_EL1] &+= 4
    return true
  }
}
