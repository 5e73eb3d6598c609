// Owns HVC, SMC and HLT as calls to a platform's hook: firmware (PSCI) or a semihosting host.
// It does not know what a call means. Without a hook the instruction is UNDEFINED, as on a PE without EL2, EL3 or a debugger.
import Architecture
import Decoding

/// The instruction of a call.
public enum CallConduit: Sendable, Equatable { case hvc, smc }

/// Answers an HVC or SMC of EL1 with its immediate. The processor's registers are those of the caller, and `pc` is the next
/// instruction. The hook may change them all and may ask for a stop. False means that the instruction is UNDEFINED.
public typealias CallHook = (Processor, CallConduit, UInt16) -> Bool

/// Answers an HLT from any Exception level in the same way.
public typealias HaltHook = (Processor, UInt16) -> Bool

extension Context {
  /// Executes HVC, SMC or HLT. The instruction is UNDEFINED if no hook answers it; HVC and SMC are also UNDEFINED at EL0. Arm ARM
  /// C6.2 HVC, SMC, HLT.
  func callPlatform(_ kind: ExceptionGeneration, _ immediate: UInt16, at p: Raw) throws(GeneralExit) {
    let owner = self.owner
    let machine = owner.machine
    if kind != .hlt && state.pointee.processorState.exceptionLevel == 0 { throw .undefined }
    if kind == .hlt ? machine.onHalt == nil : machine.onCall == nil { throw .undefined }
    // The hook sees the processor in the state after the instruction.
    leave(c, next(p), self[Slot.exitA], self[Slot.exitB], pc: pc(at: p) &+ 4, .limit)
    let done: Bool
    if kind == .hlt {
      done = machine.onHalt!(owner, immediate)
    } else {
      done = machine.onCall!(owner, kind == .hvc ? .hvc : .smc, immediate)
    }
    if !done { throw .undefined }
    throw .leave(pc: self[Slot.exitPC], .limit)
  }
}
