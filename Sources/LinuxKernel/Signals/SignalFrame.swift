// Owns the layout of the signal frame, and the stores that set it up in user memory. It does not know where on the stack the frame lies, or
// how it is read back. Linux: arch/arm64/include/uapi/asm/{sigcontext,ucontext}.h.
import Architecture
import LinuxMM

/// struct rt_sigframe, with offsets in bytes from its start: siginfo, ucontext, and in that the sigcontext with its records.
enum SignalFrame {
  static let infoSize = 128
  static let userContext = 128
  static let alternateStack = userContext + 16
  static let signalMask = userContext + 40
  static let signalContext = userContext + 176
  static let records = userContext + 464
  static let recordBytes = 4096
  static let size = records + recordBytes
  /// The size in bytes of struct frame_record: the frame pointer and link register of the interrupted code. It lies above the frame.
  static let frameRecordSize = 16

  // Offsets in struct sigcontext.
  static let registers = 8
  static let sp = 256
  static let pc = 264
  static let pstate = 272
  static let signalContextSize = 280

  static let fpsimdMagic: UInt32 = 0x4650_8001
  static let fpsimdSize = 528
  static let esrMagic: UInt32 = 0x4553_5201
  static let esrSize = 16
  static let extraMagic: UInt32 = 0x4558_5401
  static let extraSize = 32
  static let terminatorSize = 16
  /// SIGFRAME_MAXSZ: the size in bytes of the largest frame that rt_sigreturn accepts.
  static let maximumSize: UInt64 = 65536

  /// The mask of the signals that cannot be blocked, SIGKILL and SIGSTOP.
  static let unblockable: UInt64 = 1 << 8 | 1 << 18

  /// siginfo, 128 bytes: si_signo, si_errno, si_code, then si_addr and si_addr_lsb, or a sender's pid and uid, and a value.
  static func information(_ info: SignalInfo) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: infoSize)
    bytes.withUnsafeMutableBytes {
      $0.storeBytes(of: info.signal, toByteOffset: 0, as: Int32.self)
      $0.storeBytes(of: info.code, toByteOffset: 8, as: Int32.self)
      $0.storeBytes(of: info.address, toByteOffset: 16, as: UInt64.self)
      $0.storeBytes(of: info.value | UInt64(info.addressLSB), toByteOffset: 24, as: UInt64.self)
    }
    return bytes
  }

  /// struct sigcontext up to its records: the context that the signal interrupts.
  static func context(_ el1: EL1Interface, faultAddress: UInt64) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: signalContextSize)
    bytes.withUnsafeMutableBytes {
      $0.storeBytes(of: faultAddress, toByteOffset: 0, as: UInt64.self)
      for n in 0..<31 { $0.storeBytes(of: el1[x: n], toByteOffset: registers + n * 8, as: UInt64.self) }
      $0.storeBytes(of: el1[.SP_EL0], toByteOffset: sp, as: UInt64.self)
      $0.storeBytes(of: el1[.ELR_EL1], toByteOffset: pc, as: UInt64.self)
      $0.storeBytes(of: el1[.SPSR_EL1], toByteOffset: pstate, as: UInt64.self)
    }
    return bytes
  }

  /// The records: the floating-point record always, the ESR record only if there is a fault code, then eight zero bytes as the end mark.
  static func recordList(_ el1: EL1Interface, faultCode: UInt64) -> [UInt8] {
    let hasESR = faultCode != 0
    var bytes = [UInt8](repeating: 0, count: fpsimdSize + (hasESR ? esrSize : 0) + 8)
    bytes.withUnsafeMutableBytes {
      $0.storeBytes(of: fpsimdMagic, toByteOffset: 0, as: UInt32.self)
      $0.storeBytes(of: UInt32(fpsimdSize), toByteOffset: 4, as: UInt32.self)
      $0.storeBytes(of: UInt32(truncatingIfNeeded: el1[.FPSR]), toByteOffset: 8, as: UInt32.self)
      $0.storeBytes(of: UInt32(truncatingIfNeeded: el1[.FPCR]), toByteOffset: 12, as: UInt32.self)
      ($0.baseAddress! + 16).copyMemory(from: el1.block.pointee.vectors, byteCount: 512)
      if hasESR {
        $0.storeBytes(of: esrMagic, toByteOffset: fpsimdSize, as: UInt32.self)
        $0.storeBytes(of: UInt32(esrSize), toByteOffset: fpsimdSize + 4, as: UInt32.self)
        $0.storeBytes(of: faultCode, toByteOffset: fpsimdSize + 8, as: UInt64.self)
      }
    }
    return bytes
  }
}

extension SignalDelivery {
  /// Stores a frame at `frame` and its frame record at `record`. Like Linux, it does not store the reserved bytes, which keep the stack's
  /// earlier contents. Linux: arch/arm64/kernel/signal.c setup_rt_frame(), setup_sigframe().
  func storeFrame(
    _ el1: EL1Interface, at frame: UInt64, record: UInt64, _ info: SignalInfo, withInformation: Bool
  ) throws(Errno) {
    let task = state.current
    let stack = state.tasks[task].alternateStack
    let mask = state.tasks[task].savedMask ?? state.tasks[task].blocked
    let context = SignalFrame.context(el1, faultAddress: state.tasks[task].faultAddress)
    let records = SignalFrame.recordList(el1, faultCode: state.tasks[task].faultCode)
    // uc_flags, uc_link, uc_stack and uc_sigmask are 48 bytes. The stack's flags are those that the program set; they do not say whether it
    // is in use.
    let head: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, stack.base, UInt64(stack.flags), stack.size, mask)
    try user(el1).put(record, (el1[x: 29], el1[x: 30]))
    try user(el1).put(frame &+ UInt64(SignalFrame.userContext), head)
    try user(el1).put(frame &+ UInt64(SignalFrame.signalContext), context)
    try user(el1).put(frame &+ UInt64(SignalFrame.records), records)
    if withInformation { try user(el1).put(frame, SignalFrame.information(info)) }
  }
}

extension [UInt8] {
  /// Stores a value of plain data in little-endian order, which the guest uses.
  mutating func store<T: BitwiseCopyable>(_ value: T, at offset: Int) {
    withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: T.self) }
  }
  func word32(_ offset: Int) -> UInt32 { withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) } }
  func word64(_ offset: Int) -> UInt64 { withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) } }
}
