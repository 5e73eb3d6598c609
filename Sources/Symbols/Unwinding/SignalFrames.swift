// Owns recognising the frame that Linux lays on the stack for a signal, and reading the interrupted registers from it.
// It does not know the rest of the frame. Source: Linux arch/arm64/include/uapi/asm/sigcontext.h, ucontext.h.

enum SignalFrames {
  /// mov x8, #139 (rt_sigreturn); svc #0: the code to which a handler returns, in the vDSO or the program.
  private static let code: (UInt32, UInt32) = (0xd280_1168, 0xd400_0001)
  /// The distance of `regs` in struct sigcontext from the frame's start: siginfo of 128 bytes, 176 bytes of ucontext, fault_address.
  private static let registers: UInt64 = 128 + 176 + 8

  /// The start of the return code around `pc`; nil if it is other code.
  static func isReturn(at pc: UInt64, _ memory: inout StackMemory) -> Bool {
    if memory.instruction(pc) == code.0 { return memory.instruction(pc &+ 4) == code.1 }
    return memory.instruction(pc) == code.1 && memory.instruction(pc &- 4) == code.0
  }

  /// The registers of the code that the signal interrupted; nil if the frame cannot be read.
  static func interrupted(frame: UInt64, _ memory: inout StackMemory) -> UnwindRegisters? {
    var values: [UInt64] = []
    for index in 0..<33 as Range<UInt64> {
      guard let value = memory.value(frame &+ registers &+ 8 * index) else { return nil }
      values.append(value)
    }
    return UnwindRegisters(x: Array(values[..<31]), sp: values[31], pc: values[32])
  }
}
