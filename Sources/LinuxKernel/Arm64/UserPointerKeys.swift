// Owns a task's pointer authentication keys: their life, and the prctl options that change them.
// It does not know what a key does. Linux: arch/arm64/kernel/pointer_auth.c, include/asm/pointer_auth.h.
import Architecture
import LinuxMM

/// The user keys of a task, in the order of their prctl bits. Linux: struct ptrauth_keys_user, thread.sctlr_user.
struct UserPointerKeys: Hashable, Sendable {
  /// PR_PAC_APIAKEY, APIBKEY, APDAKEY, APDBKEY, APGAKEY.
  static let all: UInt64 = 0x1f
  static let addresses: UInt64 = 0xf

  /// Two words for each key; the low word comes first.
  var words = [UInt64](repeating: 0, count: 10)
  /// The address keys that are enabled. The instructions of a disabled key do nothing.
  var enabled = UserPointerKeys.addresses

  /// The registers of `words`.
  static let registers: [SystemRegister] = [
    .APIAKeyLo_EL1, .APIAKeyHi_EL1, .APIBKeyLo_EL1, .APIBKeyHi_EL1, .APDAKeyLo_EL1, .APDAKeyHi_EL1, .APDBKeyLo_EL1, .APDBKeyHi_EL1,
    .APGAKeyLo_EL1, .APGAKeyHi_EL1,
  ]
  /// SCTLR_EL1.EnIA, EnIB, EnDA, EnDB, by prctl bit.
  static let controls: [UInt64] = [1 << 31, 1 << 30, 1 << 27, 1 << 13]
}

extension PointerAuthentication {
  /// Makes new random keys for the bits of `mask`.
  private func makePointerKeys(_ mask: UInt64) {
    for index in 0..<10 where mask >> UInt64(index / 2) & 1 != 0 {
      currentTask.pointerKeys.words[index] = random.next()
    }
  }

  /// A new program gets new keys, all of them enabled. Linux: ptrauth_thread_init_user().
  func startPointerKeys(_ el1: EL1Interface) {
    if !features.hasPAuth { return }
    makePointerKeys(UserPointerKeys.all)
    currentTask.pointerKeys.enabled = UserPointerKeys.addresses
    scheduler.installPointerKeys(el1)
  }

  /// PR_PAC_RESET_KEYS. If the mask is 0, every key is replaced.
  func resetPointerKeys(_ el1: EL1Interface, _ mask: UInt64) throws(Errno) {
    if !features.hasPAuth || mask & ~UserPointerKeys.all != 0 { throw .EINVAL }
    makePointerKeys(mask == 0 ? UserPointerKeys.all : mask)
    scheduler.installPointerKeys(el1)
  }

  /// PR_PAC_SET_ENABLED_KEYS: enables the keys of `keys` that are also in `enabled`, and disables the others of `keys`.
  func setEnabledPointerKeys(_ el1: EL1Interface, _ keys: UInt64, _ enabled: UInt64) throws(Errno) {
    if !features.hasPAuth || keys & ~UserPointerKeys.addresses != 0 || enabled & ~keys != 0 { throw .EINVAL }
    currentTask.pointerKeys.enabled = currentTask.pointerKeys.enabled & ~keys | enabled
    scheduler.installPointerKeys(el1)
  }

  /// PR_PAC_GET_ENABLED_KEYS.
  func enabledPointerKeys() throws(Errno) -> UInt64 {
    if !features.hasPAuth { throw .EINVAL }
    return currentTask.pointerKeys.enabled
  }
}

extension Scheduler {
  /// Puts the running task's keys into the PE. Linux: ptrauth_keys_install_user(), update_sctlr_el1().
  func installPointerKeys(_ el1: EL1Interface) {
    let keys = state[state.current].pointerKeys
    if !features.hasPAuth { return }
    for (register, word) in zip(UserPointerKeys.registers, keys.words) { el1.write(register, word) }
    var sctlr = el1.read(.SCTLR_EL1)
    for (index, control) in UserPointerKeys.controls.enumerated() {
      if keys.enabled >> UInt64(index) & 1 != 0 { sctlr |= control } else { sctlr &= ~control }
    }
    el1.write(.SCTLR_EL1, sctlr)
  }
}
