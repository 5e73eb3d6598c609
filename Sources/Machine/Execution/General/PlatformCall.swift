// Owns HVC, SMC and HLT as calls to whatever a platform puts behind them: firmware (PSCI) or a semihosting host.
// It does not know what any call means; without a hook the instruction is UNDEFINED, as on a PE without EL2, EL3 or a debugger.
import Architecture
import Decoding

/// The instruction of a call.
public enum CallConduit: Sendable, Equatable { case hvc, smc }

/// Answers HVC and SMC of EL1 with their immediate. The processor's registers are those of the caller and `pc` is the next
/// instruction; the hook may change them all, and may ask for a stop. False: the instruction is UNDEFINED.
public typealias CallHook = (Processor, CallConduit, UInt16) -> Bool

/// The same for HLT, from any Exception level.
public typealias HaltHook = (Processor, UInt16) -> Bool

extension Context {
  /// Arm ARM C6.2 HVC, SMC, HLT: UNDEFINED at EL0 (HLT aside), and where nothing stands behind them.
  func callPlatform(_ kind: ExceptionGeneration, _ immediate: UInt16, at p: Raw) throws(Trap) {
    let owner = self.owner
    let machine = owner.machine
    if kind != .hlt && state.pointee.processorState.exceptionLevel == 0 { throw .undefined }
    if kind == .hlt ? machine.onHalt == nil : machine.onCall == nil { throw .undefined }
    // The hook sees the processor as if the instruction were done.
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
