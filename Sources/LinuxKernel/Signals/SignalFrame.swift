// Owns the bytes of the signal frame: where each field is, writing a frame and reading one back.
// It does not know where on the stack it goes. Linux: arch/arm64/include/uapi/asm/{sigcontext,ucontext}.h.
import Architecture
import LinuxMM

/// struct rt_sigframe, with offsets in bytes from its start.
enum SignalFrame {
  static let userContext = 128
  static let stackPointer = userContext + 16
  static let stackFlags = userContext + 24
  static let stackSize = userContext + 32
  static let signalMask = userContext + 40
  static let faultAddress = userContext + 176
  static let registers = faultAddress + 8
  static let sp = registers + 31 * 8
  static let pc = sp + 8
  static let pstate = pc + 8
  static let records = userContext + 464
  static let recordBytes = 4096
  static let size = records + recordBytes

  static let fpsimdMagic: UInt32 = 0x4650_8001
  static let fpsimdSize = 528
  static let esrMagic: UInt32 = 0x4553_5201
  static let esrSize = 16

  /// SIGKILL and SIGSTOP.
  static let unblockable: UInt64 = 1 << 8 | 1 << 18

  /// The frame of a signal that interrupts the PE's present context.
  static func encode(_ el1: EL1Interface, info: SignalInfo, task: Task) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size)
    bytes.withUnsafeMutableBytes { frame in
      func put<T: BitwiseCopyable>(_ offset: Int, _ value: T) { frame.storeBytes(of: value, toByteOffset: offset, as: T.self) }
      put(0, info.signal)
      put(8, info.code)
      put(16, info.address)
      put(24, UInt16(info.addressLSB))
      put(stackPointer, task.alternateStack.base)
      put(stackFlags, task.alternateStack.size == 0 ? UInt32(2) : task.alternateStack.contains(el1[.SP_EL0]) ? 1 : 0)
      put(stackSize, task.alternateStack.size)
      put(signalMask, task.blocked)
      put(faultAddress, task.faultAddress)
      for n in 0..<31 { put(registers + n * 8, el1[x: n]) }
      put(sp, el1[.SP_EL0])
      put(pc, el1[.ELR_EL1])
      put(pstate, el1[.SPSR_EL1])
      put(records, fpsimdMagic)
      put(records + 4, UInt32(fpsimdSize))
      put(records + 8, UInt32(truncatingIfNeeded: el1[.FPSR]))
      put(records + 12, UInt32(truncatingIfNeeded: el1[.FPCR]))
      (frame.baseAddress! + records + 16).copyMemory(from: el1.block.pointee.vectors, byteCount: 512)
      if task.faultCode != 0 {
        put(records + fpsimdSize, esrMagic)
        put(records + fpsimdSize + 4, UInt32(esrSize))
        put(records + fpsimdSize + 8, task.faultCode)
      }
    }
    return bytes
  }

  /// Offset of the FPSIMD record in a frame's records, or nil where the records are malformed. Linux: parse_user_sigframe().
  static func parseRecords(_ frame: [UInt8]) -> Int? {
    var offset = records
    var fpsimd: Int?
    while offset + 8 <= size {
      let magic = load32(frame, offset)
      let recordSize = Int(load32(frame, offset + 4))
      if magic == 0 { return recordSize == 0 ? fpsimd : nil }
      if recordSize < 16 || recordSize & 15 != 0 || recordSize > size - offset { return nil }
      switch magic {
      case fpsimdMagic:
        if fpsimd != nil || recordSize != fpsimdSize { return nil }
        fpsimd = offset
      case esrMagic: break
      default: return nil
      }
      offset += recordSize
    }
    return nil
  }

  static func load32(_ bytes: [UInt8], _ offset: Int) -> UInt32 { load(bytes, offset, 0 as UInt32) }
  static func load64(_ bytes: [UInt8], _ offset: Int) -> UInt64 { load(bytes, offset, 0 as UInt64) }
  private static func load<T: BitwiseCopyable>(_ bytes: [UInt8], _ offset: Int, _ zero: T) -> T {
    bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: T.self) }
  }
}

extension Kernel {
  /// Linux: sys_rt_sigreturn(), restore_sigframe().
  func restoreFrame(_ el1: EL1Interface) {
    let sp = el1[.SP_EL0]
    let task = state.current
    guard sp & 15 == 0, let frame = try? getUser(el1, sp, count: SignalFrame.size),
      let fpsimd = SignalFrame.parseRecords(frame)
    else { return badFrame(el1, sp) }
    state.tasks[task].blocked = SignalFrame.load64(frame, SignalFrame.signalMask) & ~SignalFrame.unblockable
    for n in 0..<31 { el1[x: n] = SignalFrame.load64(frame, SignalFrame.registers + n * 8) }
    el1[.SP_EL0] = SignalFrame.load64(frame, SignalFrame.sp)
    el1[.ELR_EL1] = SignalFrame.load64(frame, SignalFrame.pc)
    let pstate = SignalFrame.load64(frame, SignalFrame.pstate)
    // Only EL0 with nothing masked, AArch64. Linux: valid_user_regs().
    let isValid = pstate & (0xf | 0x10 | 0x3c0) == 0
    el1[.SPSR_EL1] = pstate & (isValid ? 0xf120_1c00 : 0xf000_0000)
    el1[.FPSR] = UInt64(SignalFrame.load32(frame, fpsimd + 8))
    el1[.FPCR] = UInt64(SignalFrame.load32(frame, fpsimd + 12))
    frame.withUnsafeBytes { el1.block.pointee.vectors.copyMemory(from: $0.baseAddress! + fpsimd + 16, byteCount: 512) }
    if !isValid { return badFrame(el1, sp) }
    let alternate = AlternateStack(
      base: SignalFrame.load64(frame, SignalFrame.stackPointer), size: SignalFrame.load64(frame, SignalFrame.stackSize),
      flags: SignalFrame.load32(frame, SignalFrame.stackFlags))
    // A frame written by a program may ask for any stack; one that may not be set is ignored, as Linux does.
    if alternate.flags & ~3 == 0 {
      state.tasks[task].alternateStack = alternate.flags & 2 != 0 ? AlternateStack() : alternate
    }
  }

  /// Linux: arm64_notify_segfault(sp).
  private func badFrame(_ el1: EL1Interface, _ sp: UInt64) {
    let vmas = mm.vmas(state.tasks[state.current].mm)
    let code = vmas.contains { $0.end > sp } ? SignalCode.SEGV_ACCERR : SignalCode.SEGV_MAPERR
    send(SignalInfo(signal: Signal.SIGSEGV, code: code, address: sp), faultCode: 0)
  }
}
