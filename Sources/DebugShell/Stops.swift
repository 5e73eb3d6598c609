// Owns how a stop is described: the reason, then the next instruction.
// It does not know how a program is resumed.
import Architecture
import Debugging
import Laboratory
import LinuxKernel

extension Shell {
  /// Counts the hits and describes the stop.
  func report(_ stop: StopReason, _ target: any DebugTarget) -> [String] {
    let pc = target.programCounter
    switch stop {
    case .exited(let status): return ["[The program exited \(status == 0 ? "normally" : "with status \(status)")]"]
    case .killed(let signal): return killed(signal, target)
    case .held: return ["[A debugger holds the program]", instructionLine(target.programCounter, target)]
    case .deadlock: return ["[Deadlock: the program waits for something that nothing can bring about]"]
    case .panicked(let reason): return ["[Kernel panic: \(reason)]", instructionLine(pc, target)]
    case .interrupted: return ["Interrupted.", instructionLine(pc, target)]
    case .breakpoint, .instructionLimit:
      guard let hit = breakpoints.hit({ $0.address == pc }) else { return [instructionLine(pc, target)] }
      let name = hit.isTemporary ? "Temporary breakpoint" : "Breakpoint"
      return ["\(name) \(hit.number), \(symbols.label(pc))", instructionLine(pc, target)]
    case .watched(let hit): return ["\(hit.isWrite ? "Write" : "Read") of \(hexadecimal(hit.address))", instructionLine(pc, target)]
    case .caught(let record):
      let number = breakpoints.hit { $0.filter?.matches(record) ?? false }?.number
      let event = FaultLogEntry(record).map(describe) ?? "\(record.kind)"
      return ["Catchpoint \(number ?? 0), \(event)", instructionLine(pc, target)]
    case .noProgress(_, let place):
      return [
        "[No progress: the same exception comes again for ever at \(symbols.label(place)), whatever the kernel model does]",
        instructionLine(pc, target),
      ]
    case .poweredOff: return ["[The board is switched off]"]
    case .lockedUp(let processor, let place):
      return ["[Processor \(processor) is locked up: its exception vector at \(symbols.label(place)) faults itself]"]
    }
  }

  private func killed(_ signal: Int32, _ target: any DebugTarget) -> [String] {
    var line = "Program terminated with signal \(Signal.name(signal))"
    if let session, session.kernel.state.outOfMemory {
      line += ": out of guest memory; give more with --memory"
    } else if let last = session?.faultHistory.entries.last, last.signal == signal, last.pc == target.programCounter {
      line += ": \(describe(last))"
    }
    return [line, instructionLine(target.programCounter, target)]
  }

  /// Describes a fault: `write at 0x0, translation fault, level 0 (ESR 0x92000044) by 0x400078 <_start>: SIGSEGV`.
  func describe(_ entry: FaultLogEntry) -> String {
    "\(entry.access.rawValue) at \(hexadecimal(entry.far)), \(entry.esr.faultStatus) (ESR \(entry.esr)) by \(symbols.label(entry.pc)): "
      + (entry.signal == 0 ? "served" : Signal.name(entry.signal))
  }

  /// Shows the next instruction: `=> 0x400078 <_start>:  mov x0, #1`.
  func instructionLine(_ pc: UInt64, _ target: any DebugTarget) -> String {
    let examination = Examination(ExamineFormat(letter: .i), at: pc, pc: pc, symbols: symbols) { target.peek($0, count: $1) }
    return examination.lines.first ?? "=> \(symbols.label(pc)):\tno instruction can be read here"
  }
}
