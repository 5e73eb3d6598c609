// Owns a board's runs under the shell's stop points: whose steps count, and how a descriptor is watched. It does not know how a stop is
// described.
import Architecture
import Debugging
import Laboratory
import Machine

extension Shell {
  /// Resumes a board until a stop that the user is to see. Steps are those of the chosen PE; the others run in their turns. Only that PE
  /// stops at `place`.
  func go(_ board: DebuggedBoard, _ request: ResumeRequest, to place: UInt64?, where accepts: () -> Bool) -> ShownStop {
    let processor = board.processor
    var end: UInt64?
    if case .steps(let count) = request { end = processor.instructionsRetired.addingReportingOverflow(count).partialValue }
    while true {
      install(board, also: place)
      let reason = interrupter.run(board.machine) { run(board, until: end, on: processor) }
      leave(board)
      if let shown = judge(reason, board, place, { board.processor === processor && accepts() }) { return shown }
    }
  }

  /// Runs freely, or one instruction at a time where each must be looked at.
  private func run(_ board: DebuggedBoard, until end: UInt64?, on processor: Processor) -> StopReason {
    let watchesDescriptors = breakpoints.enabled.contains { $0.descriptor != nil }
    if end == nil && !watchesDescriptors { return board.resume(.freely) }
    while true {
      let reason = board.resume(.steps(1))
      if reason != .instructionLimit { return reason }
      if watchesDescriptors, let record = changedDescriptor(board) { return .caught(record) }
      if let end, processor.instructionsRetired >= end {
        board.chosen = processor
        return .instructionLimit
      }
      // A run does not stop at the instruction where it starts.
      if board.breakpoints.contains(board.programCounter) { return .breakpoint(board.programCounter) }
    }
  }

  /// A store of the image's own, or the walker's update, has changed a descriptor.
  private func changedDescriptor(_ board: DebuggedBoard) -> TraceRecord? {
    let record = TraceRecord(
      .instruction, processor: board.processor.number, actor: ActorID(0), instruction: board.processor.instructionsRetired,
      a: board.programCounter)
    return takes(record, board) ? record : nil
  }
}
