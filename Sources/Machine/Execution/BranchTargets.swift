// Owns FEAT_BTI: PSTATE.BTYPE, what sets it, and which instructions an indirect branch may land on in a guarded page.
// It does not know how a single instruction is run. Arm ARM D8.4.5 (guarded pages), C6.2 BTI.
import Architecture
import Decoding

extension Context {
  /// BR, BLR and RET on a processor with FEAT_BTI, and on any processor the branches that authenticate `target`, the value of `n`.
  /// They leave the handlers, so that the run loop can look at the target. Arm ARM: BTypeNext in BR and BLR; AArch64.BranchAddr.
  func branchIndirect(_ kind: BranchRegister, _ n: Register, to target: UInt64, _ general: GeneralState) throws(GeneralExit) {
    let s = state
    if kind == .blr { write(Register(30), general.pc &+ 4) }
    if s.pointee.features.bti {
      switch kind {
      case .ret: break
      case .blr: s.pointee.branchTypeNext = 2
      case .br:
        // Compilers and linkers branch through X16 and X17 in veneers, which BTI allows in more places.
        s.pointee.branchTypeNext = s.pointee.pageIsGuarded && n.rawValue != 16 && n.rawValue != 17 ? 3 : 1
      }
    }
    throw .leave(pc: s.pointee.regime.strippingInstructionTag(target), .limit)
  }

  /// The Branch Target exception of the instruction `word` in the page that was just fetched from; nil if the instruction takes
  /// none.
  func branchTargetException(_ word: UInt32) -> ExceptionSyndrome? {
    let s = state
    let type = s.pointee.processorState.branchType
    if type == 0 || !s.pointee.pageIsGuarded || accepts(owner.machine.code.decode(word), branchType: type) { return nil }
    return .branchTarget(type: type)
  }

  /// Whether an indirect branch of a type may land on an instruction. BRK and HLT take their own exceptions, so they are accepted. A hint
  /// counts by its number, even on a processor for which it does nothing: PACIA X30, SP is not PACIASP. Arm ARM: BTypeCompatible_BTI,
  /// BTypeCompatible_PACIXSP.
  private func accepts(_ instruction: Instruction, branchType: UInt64) -> Bool {
    let sctlr = state.pointee.regime.sctlr.rawValue
    let strict = sctlr &>> (state.pointee.processorState.exceptionLevel == 0 ? 35 : 36) & 1 != 0  // BT0, BT1
    return switch instruction {
    case .hint(34): branchType != 3  // BTI c
    case .hint(36): branchType != 2  // BTI j
    case .hint(38): true  // BTI jc
    case .hint(25), .hint(27): branchType != 3 || !strict  // PACIASP, PACIBSP
    case .exceptionGeneration(.brk, _), .exceptionGeneration(.hlt, _): true
    default: false
    }
  }

  /// Updates BTYPE after a stretch of instructions, from the last of them. An exception has already put the old value into
  /// SPSR_EL1.
  func advanceBranchType(exceptionTaken: Bool) {
    let s = state
    if !exceptionTaken { s.pointee.processorState.branchType = s.pointee.branchTypeNext }
    s.pointee.branchTypeNext = 0
  }
}
