// Owns how a stop is described: the reason, then the place. It does not know how a program is resumed.
import Architecture
import Debugging
import Laboratory
import LinuxKernel
import LinuxMM

extension Shell {
  /// Describes a stop, and then what `display` shows.
  func describe(_ stop: ShownStop, _ target: any DebugTarget) -> Answer<StopData> {
    resetView()
    let hook = stop.reason.isEnd ? [] : stopHookLines("hook-stop")
    let lines = (board.map(processorChange) ?? []) + hook + warnings + stop.findings + head(stop, target)
    warnings = []
    let data = stopData(stop, target)
    if case .interrupted = stop.reason { flow.isInterrupted = true }
    if stop.reason.isEnd { return Answer(lines, data) }
    return Answer(lines + displayLines() + stop.rows.flatMap { runCommands(of: $0) } + stopHookLines("hookpost-stop"), data)
  }

  private func head(_ stop: ShownStop, _ target: any DebugTarget) -> [String] {
    let pc = target.programCounter
    let first = stop.rows.first.map { "\($0.title) \($0.number), " }
    switch stop.reason {
    case .exited(let status):
      return ["[The \(board == nil ? "program" : "image") exited \(status == 0 ? "normally" : "with status \(status)")]"]
    case .killed(let signal): return killed(signal, target)
    case .deadlock:
      if board != nil { return ["[Deadlock: every PE waits or is off, and nothing can wake one]"] }
      return ["[Deadlock: the program waits for something that nothing can bring about]"]
    case .panicked(let reason): return ["[Kernel panic: \(reason)]", instructionLine(pc, target)]
    case .interrupted: return ["Interrupted."] + placeLines(pc, target)
    case .breakpoint: return (first.map { [$0 + placeText(pc)] } ?? []) + placeLines(pc, target)
    case .watched: return placeLines(pc, target, named: true)
    case .instructionLimit: return placeLines(pc, target)
    case .caught(let record): return caughtLines(record, stop, first, target)
    case .held: return heldLines(first, target)
    case .noProgress(_, let place):
      return [
        "[No progress: the same exception comes again for ever at \(symbols.label(place)), whatever the kernel model does]"
      ] + placeLines(pc, target)
    case .poweredOff: return ["[The board is switched off]"]
    case .lockedUp(let processor, let place):
      return ["[Processor \(processor) is locked up: its exception vector at \(symbols.label(place)) faults itself]"]
    }
  }

  private func caughtLines(_ record: TraceRecord, _ stop: ShownStop, _ first: String?, _ target: any DebugTarget) -> [String] {
    let pc = target.programCounter
    let first = first ?? ""
    switch record.kind {
    case .fault: return [first + (FaultLogEntry(record).map(describe) ?? "")] + placeLines(pc, target)
    case .taskCreated:
      return [first + "task \(record.task) made task \(record.a)\(record.a == record.c ? ", a new process" : ", a thread")"]
        + placeLines(pc, target)
    case .programStarted:
      let path = session?.kernel.executablePath(of: TaskID(record.task)) ?? "a program"
      return [first + "process \(record.a) executes \(path)"] + placeLines(pc, target)
    default: return (stop.findings.isEmpty ? [first + "\(record.kind)"] : []) + placeLines(pc, target, named: true)
    }
  }

  /// A signal that has not been delivered, or a call that has not been made or has just returned.
  private func heldLines(_ first: String?, _ target: any DebugTarget) -> [String] {
    let pc = target.programCounter
    guard let session, let event = session.kernel.held else { return placeLines(pc, target) }
    switch event {
    case .systemCallEntry(let number): return ["\(first ?? "")call to \(name(number))"] + placeLines(pc, target)
    case .systemCallReturn(let number):
      let result = Int64(bitPattern: target.processor[x: 0])
      return ["\(first ?? "")return from \(name(number)) = \(result < 0 ? "\(result)" : hexadecimal(UInt64(result)))"]
        + placeLines(pc, target)
    case .abort(let entry):
      return ["\(first ?? "")\(describe(entry, as: "taken, not handled yet"))"] + placeLines(pc, target)
    case .signal(let info):
      let task = session.kernel.state.currentTask
      let who = session.kernel.tasks.count > 1 ? "Task \(task.id.rawValue)" : "Program"
      let code = info.code != 0 ? " (\(info.codeName))" : ""
      var line = (first ?? "") + "\(who) received signal \(Signal.name(info.signal))\(code)"
      if let last = session.faultHistory.entries.last, last.signal == info.signal, last.pc == pc {
        line += ": \(last.access.rawValue) at \(hexadecimal(last.far)), \(last.esr.faultStatus)"
      }
      return [line] + placeLines(pc, target)
    }
  }

  private func name(_ call: UInt64) -> String { SystemCallNames.name(call) ?? "system call \(call)" }

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
    describe(entry, as: entry.signal == 0 ? "served" + (entry.service.map { " (\($0.text))" } ?? "") : Signal.name(entry.signal))
  }

  private func describe(_ entry: FaultLogEntry, as outcome: String) -> String {
    "\(entry.access.rawValue) at \(hexadecimal(entry.far)), \(entry.esr.faultStatus) (ESR \(entry.esr)) by \(symbols.label(entry.pc)): "
      + (board != nil ? "PE \(entry.task.rawValue)" : outcome)
  }

  /// `0x400078 <main+8> (uaf.c:11)`.
  func placeText(_ pc: UInt64) -> String {
    symbols.label(pc) + (sourceLine(pc)?.shortPlace.map { " (\($0))" } ?? "")
  }

  /// The source line, if its file can be read, and the next instruction. `named`: with the function in front.
  func placeLines(_ pc: UInt64, _ target: any DebugTarget, named: Bool = false) -> [String] {
    var lines = named ? [placeText(pc)] : []
    if let line = sourceLine(pc), let text = sources.line(line) { lines.append("\(line.line)\t\(text)") }
    return lines + [instructionLine(pc, target)]
  }

  /// Shows the next instruction: `=> 0x400078 <_start>:  mov x0, #1`.
  func instructionLine(_ pc: UInt64, _ target: any DebugTarget) -> String {
    let examination = Examination(ExamineFormat(letter: .i), at: pc, pc: pc, symbols: symbols) { self.peek($0, count: $1) }
    return examination.lines.first ?? "=> \(symbols.label(pc)):\tno instruction can be read here"
  }
}
