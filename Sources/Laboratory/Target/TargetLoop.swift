// Owns the one loop that runs a target: turns, exceptions that are handed to the platform, trace records, and the reason for a stop. It
// does not know which PE runs next, or the meaning of an exception: the target's platform knows both.
import Architecture
import Debugging
import Machine

/// A turn of a PE.
struct Turn {
  /// The PE's number.
  let processor: Int
  /// The count of the PE's retired instructions at which the turn ends.
  let end: UInt64
}

/// The parts of the loop that differ between kinds of target.
protocol Platform: DebugTarget {
  /// The next turn, or the unfinished one. Nil if no PE can run and no event could wake a PE.
  func nextTurn() -> Turn?
  /// Handles an exception that was taken to a hosted EL1.
  func exceptionTaken(_ processor: Processor, _ vector: ExceptionVector) -> SupervisorVerdict
  /// Ends the PE's turn early, because the PE has yielded.
  func turnYielded()
  /// Whether a watch is meant for the address space that a PE uses.
  func watches(on processor: Processor, _ watch: Watch) -> Bool
  /// The actor that runs on a PE. A breakpoint that one actor has passed still stops another.
  func actor(on processor: Processor) -> Int
}

/// The state of a target between its runs, and the loop.
final class TargetLoop {
  let machine: Emulator
  /// The PE whose turn it is.
  private(set) var processor: Processor
  /// Why the target ended. A platform may set it during a run, and the run then ends.
  var outcome: StopReason?
  /// Called for each record. If it returns true, the run stops.
  var catches: ((TraceRecord) -> Bool)?
  private var passage = BreakpointPassage()
  /// The places at which runs have stopped for a watch.
  private var watchPassage = BreakpointPassage()
  /// Whether any event is recorded. If so, the records are taken after each exception.
  private var isTraced = false

  /// The number of exceptions in a row without a retired instruction at which the run ends. One instruction may need a few: for
  /// each page that it touches, for the instruction itself, and for an interrupt. Without this limit such a run would never end,
  /// because it never reaches a limit on instructions.
  static let exceptionLimit = 10_000

  init(_ machine: Emulator) {
    self.machine = machine
    processor = machine.processors[0]
  }

  /// What the next run depends on, as a snapshot keeps it.
  struct Moment {
    fileprivate let processor: Int
    fileprivate let outcome: StopReason?
    fileprivate let passage: BreakpointPassage
    fileprivate let watchPassage: BreakpointPassage
  }
  var moment: Moment {
    get { Moment(processor: processor.number, outcome: outcome, passage: passage, watchPassage: watchPassage) }
    set {
      watchPassage = newValue.watchPassage
      processor = machine.processors[newValue.processor]
      outcome = newValue.outcome
      passage = newValue.passage
    }
  }

  /// The events that are recorded on all PEs.
  var traceMask: TraceMask {
    get { processor.traceMask }
    set {
      for processor in machine.processors { processor.traceMask = newValue }
      isTraced = !traceMask.isEmpty
    }
  }

  func resume(_ platform: some Platform, _ request: ResumeRequest) -> StopReason {
    let limit: UInt64 =
      switch request {
      case .freely: .max
      case .until(let instructions): instructions
      case .steps(let count): platform.instructionsRetired.addingSaturating(count)
      }
    if let outcome { return outcome }
    let stop = run(platform, until: limit)
    // The records of the fault that made a signal are reported before the task is held.
    if stop == .held { while takeRecords() != nil {} }
    if stop.isEnd {
      outcome = stop
      // The records that led to the end are reported too, but they cannot stop the run any more.
      while takeRecords() != nil {}
    }
    return stop
  }

  private func run(_ platform: some Platform, until limit: UInt64) -> StopReason {
    var processor = self.processor
    let (hasBreakpoints, hasWatches) = (!processor.breakpoints.isEmpty, !processor.watches.isEmpty)
    passage.begin(at: processor, platform.actor(on: processor))
    var exceptionsInVain = 0
    while true {
      let retired = platform.instructionsRetired
      if retired >= limit { return .instructionLimit }
      guard let turn = platform.nextTurn() else { return .deadlock }
      if _slowPath(turn.processor != processor.number) {
        processor = machine.processors[turn.processor]
        self.processor = processor
      }
      let end = min(turn.end, processor.instructionsRetired.addingSaturating(limit - retired))
      let passes = !hasBreakpoints || passage.covers(processor, platform.actor(on: processor))
      let passesWatch = hasWatches && watchPassage.covers(processor, platform.actor(on: processor))
      switch processor.run(until: end, passesBreakpoint: passes, passesWatch: passesWatch) {
      case .exceptionTakenToEL1(let vector):
        switch platform.exceptionTaken(processor, vector) {
        case .resume: break
        case .exited(let status): return .exited(status)
        case .killed(let signal): return .killed(signal)
        case .deadlock: return .deadlock
        case .held: return .held
        case .panicked(let reason): return .panicked(reason)
        }
        exceptionsInVain = platform.instructionsRetired == retired ? exceptionsInVain &+ 1 : 0
        if _slowPath(exceptionsInVain > Self.exceptionLimit) { return .noProgress(processor: processor.number, pc: processor.pc) }
      case let other:
        // A PE that stops at each exception does not count those without progress itself.
        exceptionsInVain = other == .traceIsHalfFull && platform.instructionsRetired == retired ? exceptionsInVain &+ 1 : 0
        if _slowPath(exceptionsInVain > 8 && processor.stopsAtExceptions) {
          return .lockedUp(processor: processor.number, pc: processor.pc)
        }
        if let stop = stop(for: other, platform, processor) { return stop }
      }
      if _slowPath(isTraced), let caught = takeRecords() { return .caught(caught) }
    }
  }

  /// The reason for which the target stops after its PE came back without an exception to a hosted EL1; nil if the target goes on.
  private func stop(for reason: ProcessorStop, _ platform: some Platform, _ processor: Processor) -> StopReason? {
    // If the platform has ended the target meanwhile, its outcome is the reason, whatever brought the PE back.
    if let outcome { return outcome }
    switch reason {
    case .exceptionTakenToEL1, .instructionLimit, .traceIsHalfFull: return nil
    case .yielded:
      platform.turnYielded()
      return nil
    case .breakpoint(let va): return .breakpoint(va.rawValue)
    case .watched(let hit):
      watchPassage.begin(at: processor, platform.actor(on: processor))
      return platform.watches(on: processor, hit.watch) ? .watched(hit) : nil
    case .interrupted: return machine.takeStopRequest() ? .interrupted : nil
    case .exceptionLoop(let pc): return .lockedUp(processor: processor.number, pc: pc.rawValue)
    }
  }

  /// Takes the records up to the first one that `catches` selects. Without `catches`, the records stay in the buffer.
  private func takeRecords() -> TraceRecord? {
    guard let catches else { return nil }
    while let record = machine.trace.next() {
      if catches(record) { return record }
    }
    return nil
  }
}

extension UInt64 {
  fileprivate func addingSaturating(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
