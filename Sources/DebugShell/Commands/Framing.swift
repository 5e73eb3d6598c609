// Owns bt, frame, up, down, list, disassemble, info frame, info line and info source: where the program stands. It does not know how a
// stack is unwound.
import Architecture
import Debugging
import Symbols

extension Shell {
  /// bt, bt N, bt -N, bt full.
  func backtraceCommand(_ given: CommandArguments) throws(ShellError) -> Answer<BacktraceData> {
    _ = try requiredTarget()
    let words = given.words.filter { $0 != "full" }
    var limits = BacktraceLimits(first: 200, last: 3)
    if let word = words.first {
      guard let count = Int(word), count != 0, words.count == 1 else {
        throw ShellError("'\(given.text)' is not understood; bt takes a number")
      }
      limits = count > 0 ? BacktraceLimits(first: count, last: 0) : BacktraceLimits(first: 0, last: -count)
    }
    guard let stack = backtrace(limits) else { return Answer(["No stack."], nil) }
    var lines = stack.first.flatMap { frameLines($0) }
    if stack.omitted > 0 && limits.last > 0 && limits.first > 0 { lines.append("... \(stack.omitted) more frames") }
    if stack.omitted > 0 && limits.last == 0 { lines.append("(More stack frames follow...)") }
    lines += stack.last.flatMap { frameLines($0) }
    if case .corrupt(let reason) = stack.end { lines.append("Backtrace stopped: \(reason)") }
    return Answer(lines, backtraceData(stack))
  }

  private func frameLines(_ frame: StackFrame) -> [String] {
    let descriptions = debugInformation?.describe(frame) ?? []
    return descriptions.map { "#\("\(frame.level)".padded(3))\(hexadecimal(frame.pc, digits: 16)) in \($0.text)" }
  }

  /// `#1  main+44 (null.c:6)`.
  func text(_ frame: StackFrame) -> String {
    "#\("\(frame.level)".padded(3))\(debugInformation?.describe(frame).first?.text ?? hexadecimal(frame.pc))"
  }

  func frameCommand(_ given: CommandArguments) throws(ShellError) -> Answer<BacktraceData> {
    _ = try requiredTarget()
    if !given.text.isEmpty { try select(Int(clamping: try evaluate(given.text).bits)) }
    return try frameText()
  }

  func up(_ given: CommandArguments) throws(ShellError) -> Answer<BacktraceData> {
    _ = try requiredTarget()
    let count = Int(clamping: try count(given.text))
    let depth = backtrace(BacktraceLimits(first: view.frame + count + 1, last: 0))?.first.count ?? 0
    if depth <= view.frame + 1 { throw ShellError("Initial frame selected; you can't go up.") }
    view.frame = min(view.frame + count, depth - 1)
    return try frameText()
  }

  func down(_ given: CommandArguments) throws(ShellError) -> Answer<BacktraceData> {
    _ = try requiredTarget()
    if view.frame == 0 { throw ShellError("Bottom (innermost) frame selected; you can't go down.") }
    view.frame = max(0, view.frame - Int(clamping: try count(given.text)))
    return try frameText()
  }

  private func select(_ number: Int) throws(ShellError) {
    let stack = backtrace(BacktraceLimits(first: number < 1 << 20 ? number + 1 : 1, last: 0))
    guard number < 1 << 20, let stack, stack.first.count > number else { throw ShellError("No frame at level \(number).") }
    view.frame = number
  }

  private func frameText() throws(ShellError) -> Answer<BacktraceData> {
    guard let frame else { throw ShellError("No stack.") }
    listed = nil
    var lines = frameLines(frame)
    if let line = sourceLine(frame.lookup), let text = sources.line(line) { lines.append("\(line.line)\t\(text)") }
    return Answer(lines, BacktraceData(frames: frameData(frame), omitted: 0, stopped: nil))
  }

  func infoFrame(_ given: CommandArguments) throws(ShellError) -> Answer<BacktraceData> {
    _ = try requiredTarget()
    guard let frame else { throw ShellError("No stack.") }
    let place = placeText(frame.pc)
    var lines = ["Stack level \(frame.level), frame at \(hexadecimal(frame.cfa)):", " pc = \(place)"]
    if let stack = backtrace(BacktraceLimits(first: frame.level + 2, last: 0)), stack.first.count > frame.level + 1 {
      lines.append(
        " called by frame at \(hexadecimal(stack.first[frame.level + 1].cfa)), saved pc = \(hexadecimal(stack.first[frame.level + 1].pc))")
    }
    lines.append(
      " sp = \(hexadecimal(frame.registers.sp)), x29 = \(hexadecimal(frame.registers.x[29])), x30 = \(symbols.label(frame.registers.x[30]))"
    )
    return Answer(lines, BacktraceData(frames: frameData(frame), omitted: 0, stopped: nil))
  }

  // MARK: Source

  /// list, list LINE, list FUNCTION, list FILE:LINE, list FIRST,LAST, list -.
  func list(_ given: CommandArguments) throws(ShellError) -> Answer<SourceData> {
    _ = try requiredTarget()
    let text = given.isRepeated ? "" : given.text
    let (file, range) = try listedRange(text)
    guard let lines = sources.lines(of: file, range), !lines.isEmpty else {
      if sources.lines(of: file, 1...1) != nil { throw ShellError("Line number \(range.lowerBound) out of range in \(file).") }
      throw ShellError("\(file): the file cannot be read; 'directory FOLDER' names a folder to look in.")
    }
    listed = (file, range.lowerBound, range.lowerBound + lines.count)
    return Answer(
      lines.enumerated().map { "\(range.lowerBound + $0)\t\($1)" }, SourceData(file: file, firstLine: range.lowerBound, lines: Array(lines))
    )
  }

  private func listedRange(_ text: String) throws(ShellError) -> (String, ClosedRange<Int>) {
    func around(_ line: Int) -> ClosedRange<Int> { max(1, line - 5)...max(10, line + 4) }
    if text.isEmpty {
      if let listed { return (listed.file, listed.end...listed.end + 9) }
      guard let here = sourceLine(frame?.lookup ?? viewedPC), let file = here.file else {
        throw ShellError("No line number information is there for \(symbols.label(viewedPC)).")
      }
      return (file, around(here.line))
    }
    if text == "-", let listed {
      if listed.start == 1 { throw ShellError("Already at the start of \(listed.file).") }
      return (listed.file, max(1, listed.start - 10)...listed.start - 1)
    }
    let parts = text.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false).map { String($0).trimmed }
    let start = try linePlace(parts[0])
    if parts.count == 1 { return (start.file, around(start.line)) }
    guard let end = Int(parts[1]) ?? (try? linePlace(parts[1]).line), end >= start.line else {
      throw ShellError("'\(parts[1])' is no line behind the first one.")
    }
    return (start.file, start.line...min(end, start.line + 10_000))
  }

  /// The file and line of a place.
  private func linePlace(_ text: String) throws(ShellError) -> (file: String, line: Int) {
    if let place = try lineLocation(text) {
      let full = addresses(ofLine: place.line, in: place.file).first.flatMap { sourceLine($0)?.file }
      return (full ?? place.file, place.line)
    }
    let address = try locations(text)[0]
    guard let frame = debugInformation?.lines.frames(at: address).last, let file = frame.file else {
      throw ShellError("No line number information is there for \(symbols.label(address)).")
    }
    return (file, frame.startLine > 0 && symbols.address(of: text) != nil ? frame.startLine : frame.line)
  }

  func directory(_ given: CommandArguments) throws(ShellError) -> [String] {
    sources.folders = given.text.isEmpty ? ["."] : given.words + sources.folders
    sources.forget()
    return ["Source directories searched: \(sources.folders.joined(separator: ":"))"]
  }

  func infoLine(_ given: CommandArguments) throws(ShellError) -> Answer<PlaceData> {
    _ = try requiredTarget()
    let address = given.text.isEmpty ? viewedPC : try locations(given.text)[0]
    guard let line = sourceLine(address), let file = line.file else {
      return Answer(["No line number information is there for \(symbols.label(address))."], placeData(address))
    }
    return Answer(["Line \(line.line) of \"\(file)\" contains \(symbols.label(address))."], placeData(address))
  }

  func infoSource(_ given: CommandArguments) throws(ShellError) -> [String] {
    _ = try requiredTarget()
    guard let line = sourceLine(viewedPC), let file = line.file else { return ["No source file is known here."] }
    return ["Current source file is \(file)", "The file \(sources.lines(of: file, 1...1) == nil ? "cannot" : "can") be read."]
  }

  // MARK: Code

  /// disassemble [/s] [PLACE | START,END].
  func disassemble(_ given: CommandArguments) throws(ShellError) -> Answer<CodeData> {
    let target = try requiredTarget()
    let (start, end) = try disassembledRange(given.text)
    var lines = symbols.place(start).map { ["Dump of assembler code for function \($0.name):"] } ?? ["Dump of assembler code:"]
    var shown: SourceFrame?
    var next = start
    var code: [InstructionData] = []
    while next < end && lines.count < 10_000 {
      if given.format?.contains("s") ?? false, let line = sourceLine(next), line.line != shown?.line || line.file != shown?.file {
        lines += ["", "\(line.shortPlace ?? "??"):"] + (sources.line(line).map { ["\(line.line)\t\($0)"] } ?? [])
        shown = line
      }
      let dump = Examination(ExamineFormat(letter: .i), at: next, pc: target.programCounter, symbols: symbols) { self.peek($0, count: $1) }
      guard let line = dump.lines.first else { throw ShellError(unreadable(next), after: lines) }
      lines.append(line)
      code.append(instructionData(next))
      next &+= 4
    }
    return Answer(lines + ["End of assembler dump."], CodeData(instructions: code))
  }

  private func disassembledRange(_ text: String) throws(ShellError) -> (UInt64, UInt64) {
    let parts = text.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false).map { String($0).trimmed }
    if parts.count == 2 {
      let start = try address(parts[0])
      let end = parts[1].hasPrefix("+") ? start &+ (try address(String(parts[1].dropFirst()))) : try address(parts[1])
      return (start & ~3, end)
    }
    let place = text.isEmpty ? viewedPC : try address(text)
    guard let function = symbols.place(place) else { throw ShellError("No function contains \(text.isEmpty ? "the pc" : text).") }
    return (function.start, function.start &+ max(function.size, 4))
  }
}
