// Owns the state machine of software step: MDSCR_EL1.SS, PSTATE.SS and SPSR_EL1.SS. Arm ARM D2.11.
// It does not know how a single instruction is run.
import Architecture
import Decoding

extension Context {
  /// Whether software step is active: debug exceptions are enabled and MDSCR_EL1.SS is set. Instructions then run one by one.
  @inline(__always)
  var isStepping: Bool {
    state.pointee.debug.stepEnabled && state.pointee.debug.generates(from: state.pointee.processorState)
  }

  /// The syndrome of a pending Software Step exception; nil if none is pending. Arm ARM: AArch64.CheckSoftwareStep,
  /// AArch64.SoftwareStepException.
  var pendingStep: ExceptionSyndrome? {
    let s = state
    if !isStepping || s.pointee.processorState.softwareStep { return nil }
    return .softwareStep(
      stepped: s.pointee.debug.didStep ? s.pointee.debug.steppedExclusive : nil,
      fromLowerEL: s.pointee.processorState.exceptionLevel == 0)
  }

  /// Advances the state machine after an instruction. Arm ARM: SSAdvance.
  func advanceStep() {
    if state.pointee.debug.stepEnabled { state.pointee.processorState.softwareStep = false }
  }

  /// Records an instruction that took no exception, for the syndrome of the Software Step exception that follows it.
  func stepped(_ instruction: Instruction) {
    let s = state
    advanceStep()
    s.pointee.debug.didStep = true
    if case .loadExclusive = instruction { s.pointee.debug.steppedExclusive = true } else { s.pointee.debug.steppedExclusive = false }
  }

  /// PSTATE.SS after an exception return to `new`: it is taken from SPSR if the return enables debug exceptions. Arm ARM:
  /// DebugExceptionReturnSS.
  func returnedStep(from old: ProcessorState, to new: ProcessorState) -> Bool {
    let debug = state.pointee.debug
    return new.softwareStep && debug.stepEnabled && !debug.generates(from: old) && debug.generates(from: new)
  }
}
