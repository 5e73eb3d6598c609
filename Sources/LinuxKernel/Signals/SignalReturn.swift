// Owns rt_sigreturn: reading a frame back, and the reaction to a bad frame. It does not rely on the kernel having written the frame: the
// program can change every word of it. Linux: arch/arm64/kernel/signal.c.
import Architecture
import LinuxMM

extension SignalDelivery {
  /// A bad frame causes a SIGSEGV with X0 = 0, and its address is the stack pointer, which may already be the restored one. Linux:
  /// sys_rt_sigreturn().
  func rtSigreturn(_ el1: EL1Interface) -> SystemCallResult {
    let sp = el1[.SP_EL0]
    state.currentTask.restartBlock = nil
    do throws(Errno) {
      if sp & 15 != 0 { throw .EFAULT }
      try user(el1).check(sp, UInt64(SignalFrame.size))
      try restoreFrame(el1, sp)
      try restoreAlternateStack(el1, sp)
      return .registersSet
    } catch {
      segmentationFault(el1[.SP_EL0])
      return .done(0)
    }
  }

  /// Restores the mask and the registers first, and reads the records afterwards. Linux: restore_sigframe().
  private func restoreFrame(_ el1: EL1Interface, _ frame: UInt64) throws(Errno) {
    let mask = try? user(el1).get(frame + UInt64(SignalFrame.signalMask), as: UInt64.self)
    if let mask { signals.setBlocked(mask) }
    // Bytes that cannot be read are restored as zero.
    var context = user(el1).copyIn(frame + UInt64(SignalFrame.signalContext), count: SignalFrame.signalContextSize)
    let isWhole = context.count == SignalFrame.signalContextSize
    if !isWhole { context += [UInt8](repeating: 0, count: SignalFrame.signalContextSize - context.count) }
    for n in 0..<31 { el1[x: n] = context.word64(SignalFrame.registers + n * 8) }
    el1[.SP_EL0] = context.word64(SignalFrame.sp)
    el1[.ELR_EL1] = context.word64(SignalFrame.pc)
    let pstate = context.word64(SignalFrame.pstate)
    el1[.SPSR_EL1] = pstate & restorableState
    guard mask != nil, isWhole, Self.isValidUserState(pstate) else { throw .EFAULT }
    try restoreVectors(el1, try fpsimdRecord(el1, frame))
  }

  /// The bits of PSTATE that a program may restore: its flags, and the fields of features that the processor has. The kernel owns the
  /// single-step bit. Linux: SPSR_EL1_AARCH64_RES0_BITS, user_regs_reset_single_step().
  private var restorableState: UInt64 {
    let features = features
    return 0xf000_0000 | (features.dit ? 1 << 24 : 0) | (features.ssbs ? 1 << 12 : 0) | (features.bti ? 3 << 10 : 0)
  }

  /// Whether PSTATE is EL0 in AArch64 state with no exception masked. Linux: arch/arm64/kernel/ptrace.c valid_native_regs().
  private static func isValidUserState(_ pstate: UInt64) -> Bool { pstate & (0xf | 0x10 | 0x3c0) == 0 }

  /// The address of the one FPSIMD record of a frame. Linux: parse_user_sigframe().
  private func fpsimdRecord(_ el1: EL1Interface, _ frame: UInt64) throws(Errno) -> UInt64 {
    var base = frame + UInt64(SignalFrame.records)
    var limit = UInt64(SignalFrame.recordBytes)
    var offset: UInt64 = 0
    var found: (address: UInt64, size: UInt64)?
    var hasExtra = false
    while true {
      if limit - offset < 8 || offset & 15 != 0 { throw .EINVAL }
      let head = base + offset
      let word = try user(el1).get(head, as: UInt64.self)
      let size = word >> 32
      if limit - offset < size { throw .EINVAL }
      switch UInt32(truncatingIfNeeded: word) {
      case 0:
        if size != 0 { throw .EINVAL }
        guard let found, found.size == UInt64(SignalFrame.fpsimdSize) else { throw .EINVAL }
        return found.address
      case SignalFrame.fpsimdMagic:
        if found != nil { throw .EINVAL }
        found = (head, size)
      case SignalFrame.esrMagic: break
      case SignalFrame.extraMagic:
        // More records follow behind this one and an end mark, even beyond the end of the frame.
        if hasExtra || size < UInt64(SignalFrame.extraSize) { throw .EINVAL }
        if limit - offset - size < UInt64(SignalFrame.terminatorSize) { throw .EINVAL }
        let next = try user(el1).get(head + 8, as: UInt64.self)
        let extra = UInt64(try user(el1).get(head + 16, as: UInt32.self))
        let end = head + size
        if try user(el1).get(end, as: UInt64.self) != 0 { throw .EINVAL }
        if next & 15 != 0 || extra & 15 != 0 || next != end + UInt64(SignalFrame.terminatorSize) { throw .EINVAL }
        if extra > frame + SignalFrame.maximumSize - next { throw .EINVAL }
        try user(el1).check(next, extra)
        (hasExtra, base, offset, limit) = (true, next, 0, extra)
        continue
      default: throw .EINVAL
      }
      if size < 8 { throw .EINVAL }
      offset += size
    }
  }

  /// Linux: restore_fpsimd_context().
  private func restoreVectors(_ el1: EL1Interface, _ record: UInt64) throws(Errno) {
    let bytes = try user(el1).get(record, count: SignalFrame.fpsimdSize)
    el1[.FPSR] = UInt64(bytes.word32(8)) & features.floatStatusMask
    el1[.FPCR] = UInt64(bytes.word32(12)) & features.floatControlMask
    bytes.withUnsafeBytes { el1.block.pointee.vectors.copyMemory(from: $0.baseAddress! + 16, byteCount: 512) }
  }

  /// Only an unreadable stack_t is an error. Values that cannot be set are ignored. Linux: kernel/signal.c restore_altstack().
  private func restoreAlternateStack(_ el1: EL1Interface, _ frame: UInt64) throws(Errno) {
    let bytes = try user(el1).get(frame + UInt64(SignalFrame.alternateStack), count: 24)
    _ = try? signals.setAlternateStack(el1, bytes)
  }

  /// The code is SEGV_MAPERR only if no VMA ends above the address. Linux: arch/arm64/kernel/traps.c arm64_notify_segfault().
  private func segmentationFault(_ address: UInt64) {
    let untagged = VirtualAddress(address).untagged.rawValue
    let isBelowSome = mm[state.currentMM].vmas.last.map { $0.end > untagged } ?? false
    let code = isBelowSome ? SignalCode.SEGV_ACCERR : SignalCode.SEGV_MAPERR
    signals.force(SignalInfo(signal: Signal.SIGSEGV, code: code, address: address), faultCode: 0)
  }
}
