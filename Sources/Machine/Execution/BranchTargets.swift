// Owns FEAT_BTI: PSTATE.BTYPE, what sets it, and which instructions an indirect branch may land on in a guarded page.
// It does not know how a single instruction is run. Arm ARM D8.4.5 (guarded pages), C6.2 BTI.
//
// BTYPE is not zero only for the one instruction after an indirect branch, and only exceptions, guarded pages and debuggers see it. So a
// branch stores nothing but its time: `Slot.branchType1` to `branchType3` hold 16 x the number of retired instructions after the latest
// branch that set BTYPE to 1, 2 and 3. BTYPE is that of the slot which equals the time now; if none does, it is 0.
import Architecture
import Decoding

extension Context {
  /// PSTATE.BTYPE of the instruction that runs after `retired` instructions. Without FEAT_BTI it is 0.
  @inline(__always)
  func branchType(at retired: UInt64) -> UInt64 {
    let time = retired &<< 4
    if _fastPath(self[Slot.branchType1] != time && self[Slot.branchType2] != time && self[Slot.branchType3] != time) { return 0 }
    if !state.pointee.features.bti { return 0 }
    return self[Slot.branchType1] == time ? 1 : self[Slot.branchType2] == time ? 2 : 3
  }

  /// Sets PSTATE.BTYPE for the instruction that runs after `retired` instructions.
  func setBranchType(_ type: UInt64, at retired: UInt64) {
    clearBranchType()
    if type != 0 { registers[Slot.branchType1.rawValue + Int(type) - 1] = retired &<< 4 }
  }
  /// Makes PSTATE.BTYPE 0, at any time. No time is all ones.
  @inline(__always)
  func clearBranchType() {
    self[Slot.branchType1] = ~0
    self[Slot.branchType2] = ~0
    self[Slot.branchType3] = ~0
  }

  /// Whether the running page is guarded: indirect branches into it must reach a landing pad.
  @inline(__always) var pageIsGuarded: Bool { self[Slot.targetOps] != self[Slot.pageOps] }

  /// The branches that authenticate `target`, the value of `n`. They leave the handlers, so that the run loop can look at the target.
  /// Arm ARM: BTypeNext in BR and BLR; AArch64.BranchAddr.
  func branchIndirect(_ kind: BranchRegister, _ n: Register, to target: UInt64, _ general: GeneralState) throws(GeneralExit) {
    switch kind {
    case .ret: break
    case .blr:
      write(Register(30), general.pc &+ 4)
      setBranchType(2, at: general.retired &+ 1)
    case .br: setBranchType(pageIsGuarded && !n.isForVeneers ? 3 : 1, at: general.retired &+ 1)
    }
    throw .leave(pc: state.pointee.regime.strippingInstructionTag(target), .limit)
  }

  /// The Branch Target exception of the next instruction, `word`, in a guarded page; nil if the instruction takes none.
  func branchTargetException(_ word: UInt32) -> ExceptionSyndrome? {
    let type = branchType(at: self[Slot.retired])
    return type == 0 || accepts(word, branchType: type) ? nil : .branchTarget(type: type)
  }

  /// Whether an indirect branch of a type (1 to 3) may land on an instruction in a guarded page. BRK and HLT take their own exceptions, so
  /// they are accepted. A hint counts by its number, even on a processor for which it does nothing: PACIA X30, SP is not PACIASP. Arm ARM:
  /// BTypeCompatible_BTI, BTypeCompatible_PACIXSP.
  @inline(__always)
  func accepts(_ word: UInt32, branchType: UInt64) -> Bool {
    switch word {
    case 0xd503_245f: return branchType != 3  // BTI c
    case 0xd503_249f: return branchType != 2  // BTI j
    case 0xd503_24df: return true  // BTI jc
    case 0xd503_233f, 0xd503_237f:  // PACIASP, PACIBSP
      let bit: UInt64 = state.pointee.processorState.exceptionLevel == 0 ? 35 : 36  // BT0, BT1
      return branchType != 3 || state.pointee.regime.sctlr.rawValue &>> bit & 1 == 0
    default: return word & 0xffe0_001f == 0xd420_0000 || word & 0xffe0_001f == 0xd440_0000
    }
  }
}

extension Register {
  /// Compilers and linkers branch through X16 and X17 in veneers, which BTI allows in more places.
  var isForVeneers: Bool { rawValue == 16 || rawValue == 17 }
}

// MARK: Landing: the ops to which indirect branches inside a guarded page go

/// Makes the landing ops, one for each word of a page. In a guarded page `Slot.targetOps` is their address instead of that of the page's own
/// ops, so that the check costs nothing elsewhere.
func allocateLandingOps() -> Raw {
  let ops = Raw.allocate(byteCount: Op.perPage * 16, alignment: 64)
  ops.initializeMemory(as: Op.self, repeating: Op(h_landing), count: Op.perPage)
  return ops
}

/// The target of an indirect branch from the same, guarded page: goes on to the op itself if the instruction is a landing pad. Otherwise it
/// leaves, and the run loop takes the exception. This op stands for no instruction.
@c func h_landing(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  let context = Context(c)
  let distance = UInt64(UInt(bitPattern: p)) &- context[Slot.targetOps]
  let retired = UInt64(UInt(bitPattern: p)) &+ context[Slot.anchor]
  let word = context.runningPage.word(Int(distance &>> 4))
  if !context.accepts(word, branchType: context.branchType(at: retired &>> 4)) { return leaveLanding(c, p, fa, fb) }
  let target = context[Slot.pageOps] &+ distance
  context[Slot.anchor] = retired &- target
  go(c, at(target), fa, fb)
}

/// Leaves at the target of an indirect branch; `p` counts from `Slot.targetOps`.
@inline(never)
func leaveLanding(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  let context = Context(c)
  let distance = UInt64(UInt(bitPattern: p)) &- context[Slot.targetOps]
  leave(c, p, fa, fb, pc: context[Slot.pageVA] &+ distance &>> 2, .limit)
}
