// Owns the operands of branches, exception generation and system instructions, C4.1.94.
// It does not know what recognised the word.
import Architecture

enum BranchesAndSystem {
  static func decode(_ w: Word) -> Instruction {
    switch w[30, 26] {
    case 0b00101: return .branch(link: w[31], offset: w.signed(25, 0) << 2)
    default: break
    }
    switch w[31, 24] {
    case 0b0101_0100: return w[4] ? .undefined : .branchConditional(Condition(rawValue: UInt8(w[3, 0]))!, offset: w.signed(23, 5) << 2)
    case 0b1101_0100: return exceptionGeneration(w)
    case 0b1101_0101: return system(w)
    case 0b1101_0110, 0b1101_0111: return branchRegister(w)
    default: break
    }
    switch w[30, 25] {
    case 0b011010: return .compareAndBranch(nonzero: w[24], w.width, t: w.t, offset: w.signed(23, 5) << 2)
    case 0b011011:
      return .testAndBranch(nonzero: w[24], bit: UInt8(w[31, 31] << 5 | w[23, 19]), t: w.t, offset: w.signed(18, 5) << 2)
    default: return .undefined
    }
  }

  private static func exceptionGeneration(_ w: Word) -> Instruction {
    let immediate = UInt16(w[20, 5])
    switch (w[23, 21], w[4, 0]) {
    case (0, 1): return .exceptionGeneration(.svc, immediate: immediate)
    case (0, 2): return .exceptionGeneration(.hvc, immediate: immediate)
    case (0, 3): return .exceptionGeneration(.smc, immediate: immediate)
    case (1, 0): return .exceptionGeneration(.brk, immediate: immediate)
    case (2, 0): return .exceptionGeneration(.hlt, immediate: immediate)
    default: return .undefined
    }
  }

  private static func branchRegister(_ w: Word) -> Instruction {
    if w[20, 16] == 31 && w[15, 11] == 1 { return PointerAuthentication.branch(w) }
    if w[20, 16] != 31 || w[15, 10] != 0 || w[4, 0] != 0 || w[24] { return .undefined }
    switch w[23, 21] {
    case 0: return .branchRegister(.br, n: w.n)
    case 1: return .branchRegister(.blr, n: w.n)
    case 2: return .branchRegister(.ret, n: w.n)
    case 4: return w[9, 5] == 31 ? .exceptionReturn : .undefined
    default: return .undefined
    }
  }

  private static func system(_ w: Word) -> Instruction {
    if w[23, 22] != 0 { return .undefined }
    let register = SystemRegister(
      UInt16(w[20, 19]), UInt16(w[18, 16]), UInt16(w[15, 12]), UInt16(w[11, 8]), UInt16(w[7, 5]))
    switch w[20, 19] {
    case 0:
      if !w[21] && w[18, 16] == 3 && w[15, 12] == 1 { return IntegerExtensions.wait(w) }
      if w[21] || w[4, 0] != 31 { return .undefined }
      switch (w[18, 16], w[15, 12]) {
      case (3, 2): return .hint(UInt8(w[11, 5]))
      case (3, 3): return barrier(w)
      case (_, 4): return processorState(w)
      default: return .undefined
      }
    case 1: return w[21] ? .systemRead(register, t: w.t) : .system(register, t: w.t)
    default: return w[21] ? .readSystemRegister(t: w.t, register) : .writeSystemRegister(register, t: w.t)
    }
  }

  /// MSR (immediate): the PSTATE fields that exist, C5.1.3 and C6.2 MSR (immediate).
  private static func processorState(_ w: Word) -> Instruction {
    switch (w[18, 16], w[7, 5]) {
    case (0, 0), (0, 1), (0, 2): return IntegerExtensions.flags(w)
    case (0, 3), (0, 4), (0, 5),  // UAO, PAN, SPSel
      (3, 1), (3, 2), (3, 4),  // SSBS, DIT, TCO
      (3, 6), (3, 7):  // DAIFSet, DAIFClr
      return .writeProcessorState(op1: UInt8(w[18, 16]), op2: UInt8(w[7, 5]), immediate: UInt8(w[11, 8]))
    default: return .undefined
    }
  }

  private static func barrier(_ w: Word) -> Instruction {
    let option = UInt8(w[11, 8])
    switch w[7, 5] {
    case 2: return .barrier(.clrex, option: option)
    case 4: return .barrier(.dsb, option: option)
    case 5: return .barrier(.dmb, option: option)
    case 6: return .barrier(.isb, option: option)
    case 7 where option == 0: return .barrier(.sb, option: option)
    default: return .undefined
    }
  }
}
