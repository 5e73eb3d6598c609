// Owns the loop around the handlers: fetch translation, exact stops, breakpoints, and the hand-over to a hosted EL1.
// It does not know what any instruction does.
import Architecture

/// Why a run stopped.
public enum StopReason: Equatable, Sendable {
  /// An exception was taken while EL1 is hosted: the supervisor's turn.
  case exceptionTakenToEL1(ExceptionVector)
  /// Exactly the asked number of instructions has retired.
  case instructionLimit
  /// The next instruction has a breakpoint.
  case breakpoint(VirtualAddress)
  /// WFI, WFE or YIELD: the turn is over. `Processor.waiting` tells them apart.
  case yielded
  /// `requestStop()` was called.
  case interrupted
  /// The PE takes exceptions to this guest vector without end: fetching or executing there faults before an instruction retires.
  case exceptionLoop(VirtualAddress)
}

extension Processor {
  /// Runs until an exception is taken to a hosted EL1, a breakpoint, a request to stop, or until exactly `limit`
  /// instructions have retired in all. A breakpoint on the first instruction of a run does not stop it.
  public func run(until limit: UInt64) -> StopReason {
    machine.willRun(self)
    context.state.pointee.interrupts.endWait()
    let usesLandingPads = context.state.pointee.features.bti
    var isFirst = true
    var progress = ExceptionProgress()
    while true {
      updateTimer()
      if takeStopRequest() { return .interrupted }
      if instructionsRetired >= limit { return .instructionLimit }
      let isDebugging = context.state.pointee.debug.isActive
      if _slowPath(isDebugging), let syndrome = context.pendingStep {
        if let vector = takeSynchronous(syndrome, far: nil) { return .exceptionTakenToEL1(vector) }
        isFirst = false
        if progress.isMissing(at: instructionsRetired) { return .exceptionLoop(VirtualAddress(self.pc)) }
        continue
      }
      if let kind = context.takeableInterrupt {
        self.pc = context.takeInterrupt(kind, returnTo: pc, nzcv: nzcv(context.c, context[Slot.exitA], context[Slot.exitB]))
        if let vector = hostedVector { return .exceptionTakenToEL1(vector) }
        isFirst = false
        continue
      }
      let pc = self.pc
      if !isFirst && breakpoints.contains(pc) { return .breakpoint(VirtualAddress(pc)) }
      if let stop = checkFetch(pc) {
        if let vector = stop { return .exceptionTakenToEL1(vector) }
        isFirst = false
        if progress.isMissing(at: instructionsRetired) { return .exceptionLoop(VirtualAddress(self.pc)) }
        continue
      }
      // Beyond the soft limit at most one page of straight code runs on before a branch or page end looks.
      let slack = UInt64(Op.perPage + 2)
      let stop = min(limit, timerLimit)
      let remaining = stop - min(stop, instructionsRetired)
      let single = remaining <= slack || hasBreakpoint(inPageOf: pc)
      isFirst = false
      if usesLandingPads { context.state.pointee.branchTypeNext = 0 }
      let isLanding = usesLandingPads && context.state.pointee.processorState.branchType != 0
      if _slowPath(isDebugging) && (context.isStepping || context.mayBreak(inPageOf: pc)) {
        stepDebugged(pc)
      } else if single || isLanding {
        step(pc)
      } else {
        enterPage(pc, softLimit: min(stop - slack, UInt64.max >> 8))
      }
      if usesLandingPads {
        context.advanceBranchType(exceptionTaken: context[Slot.exitReason] == ExitReason.exception.rawValue)
      }
      switch ExitReason(rawValue: context[Slot.exitReason])! {
      case .limit, .step: break
      case .yield: return instructionsRetired >= limit ? .instructionLimit : .yielded
      case .exception:
        if let vector = hostedVector { return .exceptionTakenToEL1(vector) }
        if progress.isMissing(at: instructionsRetired) { return .exceptionLoop(VirtualAddress(self.pc)) }
      }
    }
  }

  /// Notices exceptions that follow each other without a retired instruction: a guest's vector that faults itself does so for ever.
  private struct ExceptionProgress {
    private var retired: UInt64 = 0
    private var exceptions = 0

    mutating func isMissing(at now: UInt64) -> Bool {
      exceptions = now == retired ? exceptions + 1 : 1
      retired = now
      return exceptions > 8
    }
  }

  /// Asks a run on another thread to stop at its next taken branch.
  public func requestStop() {
    stopRequested.pointee = 1
    context[Slot.softLimit] = UInt64(bitPattern: Int64.min)
  }

  private var stopRequested: UnsafeMutablePointer<UInt64> { context.registers + Slot.stopRequest }

  private func takeStopRequest() -> Bool {
    if stopRequested.pointee == 0 { return false }
    stopRequested.pointee = 0
    return true
  }

  private var hostedVector: ExceptionVector? {
    context.state.pointee.systemRegisters.vbar == HostedVectors.base ? context.vector(of: pc) : nil
  }

  private func hasBreakpoint(inPageOf pc: UInt64) -> Bool {
    !breakpoints.isEmpty && breakpoints.contains { $0 & ~0xfff == pc & ~0xfff }
  }

  /// Makes the page of `pc` the page that runs. Nil: done. Otherwise an exception was taken: to the vector of a hosted EL1,
  /// or (inner nil) to the guest's.
  private func checkFetch(_ pc: UInt64) -> ExceptionVector?? {
    let entry = context.fetchEntry(pc)
    let s = context.state
    if entry.load(as: UInt64.self) == pc & ~0xffc {
      selectPage(pc, ops: entry.load(fromByteOffset: 8, as: UInt64.self), words: entry.load(fromByteOffset: 16, as: UInt64.self))
      return nil
    }
    let fromLower = s.pointee.processorState.exceptionLevel == 0
    if pc & 3 != 0 { return .some(takeSynchronous(ExceptionSyndrome(.pcAlignment), far: pc)) }
    do throws(FaultRecord) {
      let translation = try context.translate(pc, .instructionFetch, privileged: !fromLower)
      guard machine.memory.contains(translation.output, count: 4096) else {
        throw context.fault(.externalAbort, pc, .instructionFetch, readable: false)
      }
      let ops = UInt64(UInt(bitPattern: machine.code.ops(ofPage: translation.output)))
      let words = UInt64(UInt(bitPattern: machine.memory.host(translation.output)))
      if s.pointee.debug.hasBreakpoints && context.breakpointMatches(pc) {
        return .some(takeSynchronous(.breakpoint(fromLowerEL: fromLower), far: nil))
      }
      // Arm ARM D1.3.5: after what a fetch may do. What is illegal stays out of the table, so a hit is not.
      if s.pointee.processorState.isIllegal { return .some(takeSynchronous(ExceptionSyndrome(.illegalState), far: nil)) }
      if s.pointee.features.bti {
        s.pointee.pageIsGuarded = translation.flags.contains(.guarded)
        let word = UnsafeRawPointer(bitPattern: UInt(words &+ (pc & 0xffc)))!.load(as: UInt32.self)
        if let syndrome = context.branchTargetException(word) { return .some(takeSynchronous(syndrome, far: nil)) }
      }
      // A page that must be looked at each time it is entered stays out of the table.
      if breakpoints.isEmpty && s.pointee.usesFastTable && !s.pointee.debug.hasBreakpoints && !s.pointee.features.bti
        && !translation.flags.contains(.notCached)
      {
        entry.storeBytes(of: pc & ~0xfff, as: UInt64.self)
        entry.storeBytes(of: ops, toByteOffset: 8, as: UInt64.self)
        entry.storeBytes(of: words, toByteOffset: 16, as: UInt64.self)
      }
      selectPage(pc, ops: ops, words: words)
      return nil
    } catch {
      return .some(takeSynchronous(ExceptionSyndrome(fault: error, fromLowerEL: fromLower), far: pc))
    }
  }

  /// Takes an exception before the instruction at the PC; the vector where EL1 is hosted.
  private func takeSynchronous(_ syndrome: ExceptionSyndrome, far: UInt64?) -> ExceptionVector? {
    let flags = nzcv(context.c, context[Slot.exitA], context[Slot.exitB])
    self.pc = context.takeException(syndrome, far: far, returnTo: pc, nzcv: flags)
    return hostedVector
  }

  private func selectPage(_ pc: UInt64, ops: UInt64, words: UInt64) {
    context[Slot.pageVA] = pc & ~0xfff
    context[Slot.pageOps] = ops
    context[Slot.pageWords] = words
  }

  /// Runs from `pc` in the selected page until a handler leaves.
  private func enterPage(_ pc: UInt64, softLimit: UInt64) {
    let p = Raw(bitPattern: UInt(context[Slot.pageOps] &+ (pc & 0xfff) &<< 2)).unsafelyUnwrapped
    context[Slot.softLimit] = softLimit &<< 4
    context[Slot.anchor] = instructionsRetired &<< 4 &- UInt64(UInt(bitPattern: p))
    // A request that came between the check and the store above must not be lost.
    if stopRequested.pointee != 0 { return leave(context.c, p, context[Slot.exitA], context[Slot.exitB], pc: pc, .limit) }
    enter(context.c, p, context[Slot.exitA], context[Slot.exitB])
  }

  /// Runs one instruction under the software step state machine, or beside a breakpoint.
  private func stepDebugged(_ pc: UInt64) {
    let isStepping = context.isStepping
    let word = UnsafeRawPointer(bitPattern: UInt(context[Slot.pageWords] &+ (pc & 0xffc)))!.load(as: UInt32.self)
    step(pc)
    if isStepping && context[Slot.exitReason] != ExitReason.exception.rawValue { context.stepped(context.instruction(word)) }
  }

  /// Runs one instruction: its unfused op alone, followed by an end. Every taken branch leaves at once.
  private func step(_ pc: UInt64) {
    let slot = (pc & 0xfff) >> 2
    let word = UnsafeRawPointer(bitPattern: UInt(context[Slot.pageWords] &+ (pc & 0xffc)))!.load(as: UInt32.self)
    let ops = stepOps.assumingMemoryBound(to: Op.self)
    ops[0] = context.plainOp(word, slot: Int(slot))
    ops[1] = Op(h_stepEnd)
    let p = UInt64(UInt(bitPattern: stepOps))
    // As if the two ops stood at their place in the page.
    context[Slot.pageOps] = p &- slot &<< 4
    context[Slot.softLimit] = UInt64(bitPattern: Int64.min)
    context[Slot.anchor] = instructionsRetired &<< 4 &- p
    enter(context.c, stepOps, context[Slot.exitA], context[Slot.exitB])
  }
}
