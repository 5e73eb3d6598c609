// Owns a board as the shell sees it: the PE that the user has chosen, and the aborts that were taken. It does not know commands.
import Architecture
import Debugging
import Laboratory
import LinuxKernel
import Machine

/// A board. Registers and virtual addresses are those of the chosen PE, which after each run is the one that stopped.
final class DebuggedBoard: DebugTarget {
  let session: BoardSession
  /// The PE that the user has chosen; nil for the one that stopped.
  var chosen: Processor?
  /// The aborts that EL1 has taken. `task` is the PE's number.
  private(set) var faultHistory = FaultHistory()

  init(_ session: BoardSession) {
    self.session = session
    listen()
  }

  var machine: Emulator { session.machine }
  var processors: [Processor] { session.machine.processors }
  var processor: Processor { chosen ?? session.processor }
  var outcome: StopReason? { session.outcome }
  var instructionsRetired: UInt64 { session.instructionsRetired }
  var programCounter: UInt64 { processor.pc }
  var programState: ProcessorState { processor.pstate }
  func peek(_ va: UInt64, count: Int) -> [UInt8]? { processor.peek(va, count: count) }
  func poke(_ va: UInt64, _ bytes: [UInt8]) -> Bool { processor.poke(va, bytes) }

  // MARK: Events

  var traceMask: TraceMask = [] { didSet { listen() } }
  var catches: ((TraceRecord) -> Bool)? { didSet { listen() } }

  /// Exceptions are recorded always, and stop a PE at once where aborts are caught.
  private func listen() {
    session.traceMask = traceMask.subtracting(.fault).union(.exception)
    for processor in processors { processor.stopsAtExceptions = traceMask.contains(.fault) && catches != nil }
    session.catches = { [unowned self] record in
      let abort = Self.abort(record)
      note(record)
      guard let catches else { return false }
      return traceMask.contains(.fault) && abort.map(catches) ?? false || traceMask.contains(TraceMask(record.kind)) && catches(record)
    }
  }

  private func note(_ record: TraceRecord) {
    if let abort = Self.abort(record), let entry = FaultLogEntry(abort) { faultHistory.add(entry) }
  }

  /// The record of an abort that an image's kernel has taken, in the form that a hosted kernel's has; nil for other exceptions.
  private static func abort(_ record: TraceRecord) -> TraceRecord? {
    let syndrome = ExceptionSyndrome(rawValue: record.a)
    guard record.kind == .exception, record.detail == 0, syndrome.isDataAbort || syndrome.isInstructionAbort else { return nil }
    return TraceRecord(
      .fault, processor: Int(record.processor), actor: record.actor, task: Int32(record.processor), instruction: record.instruction,
      a: record.a, b: record.b, c: record.c)
  }

  func resume(_ request: ResumeRequest) -> StopReason {
    chosen = nil
    let reason = session.resume(request)
    // A PE does not come back for an exception alone, so some may have been recorded and not taken yet.
    while let record = machine.trace.next() { note(record) }
    if case .caught(let record) = reason { return .caught(Self.abort(record) ?? record) }
    return reason
  }
}
