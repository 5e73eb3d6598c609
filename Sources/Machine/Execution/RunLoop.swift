// Owns the loop around the handlers: the events before the next instruction, the length of the next stretch, and the hand-over to a hosted
// EL1. It does not know the effect of any instruction, or how a page of code is found (see Fetching.swift).
import Architecture
import Synchronization

/// Why a run of a PE ended.
public enum ProcessorStop: Equatable, Sendable {
  /// An exception was taken while EL1 is hosted, so the supervisor must handle it.
  case exceptionTakenToEL1(ExceptionVector)
  /// Exactly the requested number of instructions has retired.
  case instructionLimit
  /// The next instruction has a breakpoint.
  case breakpoint(VirtualAddress)
  /// The next instruction is about to make an access that `Processor.watches` names.
  case watched(WatchHit)
  /// WFI, WFE or YIELD ended the PE's turn. `Processor.waiting` says whether it waits, and for what.
  case yielded
  /// `requestStop()` was called.
  case interrupted
  /// The PE takes exceptions to this guest vector without end, because each fetch or instruction there faults before an instruction
  /// retires.
  case exceptionLoop(VirtualAddress)
  /// The machine's trace buffer is half full, or `Processor.stopsAtExceptions` asks for a stop behind the exception that was just recorded.
  /// Its reader must take the records before the PE runs on.
  case traceIsHalfFull
}

/// The requests for a run to stop, as bits of `Slot.stopRequest`.
enum StopRequest: UInt64 {
  /// The caller of `requestStop()` asks, perhaps on another thread.
  case asked = 1
  /// The trace buffer asks, on the thread of the run.
  case traceIsHalfFull = 2
}

extension Processor {
  /// Runs until an exception is taken to a hosted EL1, until a breakpoint, until a request to stop, or until exactly `limit` instructions
  /// have retired since the PE was made. A breakpoint on the first instruction does not stop the run, unless `passesBreakpoint` is false.
  /// If `passesWatch` is true, a watch does not stop the run before the first instruction.
  public func run(until limit: UInt64, passesBreakpoint: Bool = true, passesWatch: Bool = false) -> ProcessorStop {
    if _slowPath(passesWatch) { return runPastWatch(until: limit, passesBreakpoint: passesBreakpoint) }
    machine.beginTurn(self)
    context.state.pointee.interrupts.endWait()
    context.selectFastTable()
    defer { context[Slot.pageOps] = 0 }
    var progress = ExceptionProgress()
    var stopsAtBreakpoints = !passesBreakpoint
    while true {
      updateTimer()
      var event = nextEvent(limit, stopsAtBreakpoints: stopsAtBreakpoints)
      stopsAtBreakpoints = true
      if case .instruction = event { event = stretch(until: limit) }
      switch event {
      case .instruction, .interrupt: break
      case .stop(let reason): return reason
      case .exception:
        recordException(vectorOffset: 0)
        if let vector = hostedVector { return .exceptionTakenToEL1(vector) }
        if progress.isMissing(at: instructionsRetired) { return .exceptionLoop(VirtualAddress(self.pc)) }
      }
    }
  }

  /// The next event on a PE.
  private enum Event {
    /// An instruction is next, or a stretch of instructions has just run.
    case instruction
    /// A synchronous exception was taken; `pc` is its vector.
    case exception
    /// An interrupt was taken to a guest's vector.
    case interrupt
    case stop(ProcessorStop)
  }

  /// Finds the next event. It checks in the order of the Arm ARM (D1.3.5): the reasons to stop a run, a software step, an interrupt, a
  /// debugger's breakpoint, and the exceptions of a fetch.
  @inline(__always)
  private func nextEvent(_ limit: UInt64, stopsAtBreakpoints: Bool) -> Event {
    if let reason = takeStopRequest() { return .stop(reason) }
    if instructionsRetired >= limit { return .stop(.instructionLimit) }
    if _slowPath(context.state.pointee.debug.isActive), let syndrome = context.pendingStep {
      takeSynchronous(syndrome, far: nil)
      return .exception
    }
    if let kind = context.takeableInterrupt {
      pc = context.takeInterrupt(kind, returnTo: pc, nzcv: nzcv(context.c, context[Slot.exitA], context[Slot.exitB]))
      recordException(vectorOffset: kind.vectorOffset)
      if let vector = hostedVector { return .stop(.exceptionTakenToEL1(vector)) }
      return .interrupt
    }
    if stopsAtBreakpoints && !breakpoints.isEmpty && breakpoints.contains(pc) { return .stop(.breakpoint(VirtualAddress(pc))) }
    return selectPage() ? .instruction : .exception
  }

  /// Runs from `pc` in the selected page. It runs one instruction if each must be looked at, and otherwise as far as `limit`, a timer and
  /// the breakpoints allow.
  @inline(__always)
  private func stretch(until limit: UInt64) -> Event {
    let s = context.state
    // Above the soft limit, at most one page of straight code runs before a branch or the page's end checks the limit.
    let slack = UInt64(Op.perPage + 2)
    let remaining = min(limit &- instructionsRetired, instructionsToTimer)
    if _slowPath(s.pointee.debug.isActive) && (s.pointee.debug.isTraced || context.isStepping || context.mayBreak(inPageOf: pc)) {
      stepDebugged()
    } else if !breakpoints.isEmpty, let distance = instructionsToBreakpoint {
      runExactly(min(remaining, distance))
    } else if remaining <= slack {
      runExactly(remaining)
    } else {
      enterPage(softLimit: min(instructionsRetired &+ (remaining - slack), UInt64.max >> 8))
    }
    return switch ExitReason(rawValue: context[Slot.exitReason])! {
    case .limit, .stretchEnd: .instruction
    case .yield: .stop(instructionsRetired >= limit ? .instructionLimit : .yielded)
    case .watched: .stop(.watched(lastWatchHit!))
    case .exception: .exception
    }
  }

  /// Detects exceptions that follow each other without a retired instruction. A guest's vector that faults itself causes them without end.
  private struct ExceptionProgress {
    private var retired: UInt64 = 0
    private var exceptions = 0

    mutating func isMissing(at now: UInt64) -> Bool {
      exceptions = now == retired ? exceptions + 1 : 1
      retired = now
      return exceptions > 8
    }
  }

  // MARK: Stop requests

  /// Asks a run on another thread to stop at its next taken branch.
  public func requestStop() {
    askToStop(.asked)
    softLimit.pointee.store(UInt64(bitPattern: Int64.min), ordering: .sequentiallyConsistent)
  }

  /// Stops the run before its next stretch.
  func askToStop(_ request: StopRequest) { stopRequest.pointee.bitwiseOr(request.rawValue, ordering: .sequentiallyConsistent) }

  /// The words that another thread may also write, as atomics.
  private var stopRequest: UnsafeMutablePointer<Atomic<UInt64>> { atomic(.stopRequest) }
  private var softLimit: UnsafeMutablePointer<Atomic<UInt64>> { atomic(.softLimit) }
  private func atomic(_ slot: Slot) -> UnsafeMutablePointer<Atomic<UInt64>> {
    UnsafeMutableRawPointer(context.registers + slot.rawValue).assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  private func takeStopRequest() -> ProcessorStop? {
    if _fastPath(stopRequest.pointee.load(ordering: .relaxed) == 0) { return nil }
    let requests = stopRequest.pointee.exchange(0, ordering: .sequentiallyConsistent)
    return requests & StopRequest.asked.rawValue != 0 ? .interrupted : .traceIsHalfFull
  }

  // MARK: Exceptions

  /// The vector of the exception that was just taken; nil unless EL1 is hosted.
  private var hostedVector: ExceptionVector? {
    context.state.pointee.systemRegisters.vbar == HostedVectors.base ? context.vector(of: pc) : nil
  }

  /// Takes an exception before the instruction at the PC. The PC becomes the vector.
  func takeSynchronous(_ syndrome: ExceptionSyndrome, far: UInt64?) {
    let flags = nzcv(context.c, context[Slot.exitA], context[Slot.exitB])
    pc = context.takeException(syndrome, far: far, returnTo: pc, nzcv: flags)
  }

  /// Records the exception that was just taken.
  @inline(__always)
  private func recordException(vectorOffset: UInt64) {
    if _fastPath(!context.state.pointee.trace.intersects(.exception)) { return }
    record(.exception, detail: UInt8(vectorOffset / 0x80), context[.ESR_EL1], context[.FAR_EL1], context[.ELR_EL1])
    if stopsAtExceptions { askToStop(.traceIsHalfFull) }
  }

  // MARK: Running

  /// The number of instructions that may run before the next debugger's breakpoint in the page of the PC must be checked; nil if the page
  /// has none.
  private var instructionsToBreakpoint: UInt64? {
    let page = pc & ~0xfff
    var distance: UInt64?
    for breakpoint in breakpoints where breakpoint & ~0xfff == page {
      let ahead = breakpoint > pc ? (breakpoint &- pc) &>> 2 : UInt64(Op.perPage)
      distance = min(distance ?? ahead, ahead)
    }
    return distance
  }

  /// Runs from the PC in the selected page until a handler leaves. A taken branch leaves once `softLimit` instructions have retired since
  /// the PE was made.
  @inline(__always)
  private func enterPage(softLimit: UInt64) {
    let p = at(context[Slot.pageOps] &+ (pc & 0xfff) &<< 2)
    enter(at: p, softLimit: softLimit &<< 4)
  }

  /// Runs at most `count` instructions (at least 1) from the PC in the selected page: up to a taken branch, the end of the page or
  /// an exception.
  @inline(never)
  private func runExactly(_ count: UInt64) {
    let page = context.runningPage
    let slot = Int(pc & 0xfff) >> 2
    let end = slot + Int(min(count, UInt64(Op.perPage - slot)))
    // A run that reaches the end of the page leaves without a mark.
    if end < Op.perPage { context.setEnd(of: page, at: end) }
    enter(at: page.ops + slot &* 16, softLimit: UInt64(bitPattern: Int64.min))
    if end < Op.perPage { page.clearEnd() }
  }

  @inline(__always)
  private func enter(at p: Raw, softLimit limit: UInt64) {
    context[Slot.anchor] = instructionsRetired &<< 4 &- UInt64(UInt(bitPattern: p))
    softLimit.pointee.store(limit, ordering: .sequentiallyConsistent)
    // A request that came between the check and the store above must still take effect.
    if _slowPath(stopRequest.pointee.load(ordering: .sequentiallyConsistent) != 0) {
      return leave(context.c, p, context[Slot.exitA], context[Slot.exitB], pc: pc, .limit)
    }
    Machine.enter(context.c, p, context[Slot.exitA], context[Slot.exitB])
  }

  /// Runs one instruction under the software step state machine, beside a breakpoint, or for a trace.
  @inline(never)
  private func stepDebugged() {
    let isStepping = context.isStepping
    let word = context.runningPage.word(Int(pc & 0xfff) >> 2)
    let (address, retired, level) = (pc, instructionsRetired, context.state.pointee.processorState.exceptionLevel)
    runExactly(1)
    if instructionsRetired != retired { record(.instruction, detail: UInt8(level), at: retired, address, UInt64(word)) }
    if isStepping && context[Slot.exitReason] != ExitReason.exception.rawValue { context.stepped(context.instruction(word)) }
  }
}

/// The op at the end of a stretch that must stop exactly there. It is not an instruction.
@c func h_stretchEnd(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) { leave(c, p, fa, fb, pc: Context(c).pc(at: p), .stretchEnd) }
