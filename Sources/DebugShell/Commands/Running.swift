// Owns the commands that let the program run: run, start, continue, steps by instruction and by line, until, finish. It does not know how
// a stop is described.
import Debugging
import Laboratory
import LinuxKernel
import Symbols

extension Shell {
  func run(_ given: CommandArguments) throws(ShellError) -> Answer<StopData> {
    let target = try restart(given)
    // A run never stops at the instruction where it starts, but a breakpoint on the program's first instruction must stop it.
    let first = target.programCounter
    let rows = breakpoints.enabled.filter { address(of: $0) == first }
    if !rows.isEmpty {
      for row in rows { breakpoints[row.number].hits += 1 }
      for row in rows where row.isTemporary { _ = breakpoints.remove(row.number) }
      return describe(ShownStop(reason: .breakpoint(first), rows: rows), target)
    }
    return describe(go(target, .freely), target)
  }

  func starti(_ given: CommandArguments) throws(ShellError) -> Answer<StopData> {
    let target = try restart(given)
    resetView()
    return Answer(placeLines(target.programCounter, target), stopData(ShownStop(reason: .instructionLimit), target))
  }

  /// Runs to main, or to where a program without one begins.
  func start(_ given: CommandArguments) throws(ShellError) -> Answer<StopData> {
    // After an execve the names are another program's, until the program is loaded anew.
    let target = try restart(given)
    resetView()
    guard let main = symbols.address(of: "main") else {
      return ["The \(board == nil ? "program" : "image") has no main; it stops before its first instruction."]
        + Answer(placeLines(target.programCounter, target), stopData(ShownStop(reason: .instructionLimit), target))
    }
    return describe(go(target, .freely, to: afterPrologue(main)), target)
  }

  /// Takes another program. Stop points at addresses go with the old one.
  func file(_ given: CommandArguments) throws(ShellError) -> Answer<StopData> {
    var words = try given.quotedWords()[...]
    let isExample = words.first == "--example"
    if isExample { words.removeFirst() }
    guard let name = words.popFirst() else { throw ShellError("file needs a program, as in file ./program") }
    if board != nil { throw ShellError("This shell stays with its image.") }
    do { try load(name, isExample: isExample, arguments: Array(words)) } catch { throw ShellError("\(error)") }
    let stale = breakpoints.rows.filter { $0.address != nil || $0.place != nil || $0.descriptor != nil }.map(\.number)
    for number in stale { _ = breakpoints.remove(number) }
    view = View()
    listed = nil
    sources.forget()
    let session = try program()
    let lines =
      ["\(programSummary ?? name)"] + (stale.isEmpty ? [] : ["Deleted stop points \(stale.map(String.init).joined(separator: " "))"])
    return Answer(lines, stopData(ShownStop(reason: .instructionLimit), session))
  }

  private func restart(_ given: CommandArguments) throws(ShellError) -> any DebugTarget {
    _ = try requiredTarget()
    if board != nil && !given.text.isEmpty { throw ShellError("An image has no arguments.") }
    let old = arguments
    if !given.text.isEmpty { arguments = try given.quotedWords() }
    do throws(ShellError) { try restart() } catch {
      arguments = old
      throw error
    }
    return try requiredTarget()
  }

  /// With a number, the breakpoint of the last stop is passed that often.
  func `continue`(_ given: CommandArguments) throws(ShellError) -> Answer<StopData> {
    let target = try liveTarget()
    var lines: [String] = []
    if !given.text.isEmpty {
      let count = try count(given.text)
      let pc = target.programCounter
      guard let row = breakpoints.rows.first(where: { address(of: $0) == pc }) else {
        throw ShellError("continue N passes the breakpoint of this stop N - 1 times, and there is none here.")
      }
      breakpoints[row.number].ignored = count - 1
      lines = ["Will ignore next \(count - 1) crossings of breakpoint \(row.number).  Continuing."]
    }
    return lines + describe(go(target, .freely), target)
  }

  func kill(_ given: CommandArguments) throws(ShellError) -> Answer<StopData> {
    _ = try requiredTarget()
    try restart()
    resetView()
    let what = board == nil ? "program" : "image"
    return Answer(["[The \(what) is loaded anew; run starts it]"], stopData(ShownStop(reason: .instructionLimit), try requiredTarget()))
  }

  // MARK: Instructions

  func stepi(_ given: CommandArguments) throws(ShellError) -> Answer<StopData> {
    let target = try liveTarget()
    return describe(go(target, .steps(try count(given.text))), target)
  }

  func nexti(_ given: CommandArguments) throws(ShellError) -> Answer<StopData> {
    let target = try liveTarget()
    let count = try count(given.text)
    var stop = ShownStop(reason: .instructionLimit)
    for _ in 0..<count {
      stop = stepOver(target)
      if !isOrdinary(stop, target) { break }
    }
    return describe(stop, target)
  }

  /// Runs one instruction, or a whole call.
  private func stepOver(_ target: any DebugTarget) -> ShownStop {
    let pc = target.programCounter
    guard let word = target.peek(pc, count: 4), Self.isCall(word) else { return go(target, .steps(1)) }
    let sp = target.processor.sp
    // A deeper call of the same function returns to this address too.
    let stop = go(target, .freely, to: pc &+ 4) { target.processor.sp >= sp }
    // The place was reached as asked, and nothing has to be said about it.
    return stop.reason == .breakpoint(pc &+ 4) && stop.rows.isEmpty ? ShownStop(reason: .instructionLimit) : stop
  }

  /// Whether a stop is the end of a step, and nothing else.
  private func isOrdinary(_ stop: ShownStop, _ target: any DebugTarget) -> Bool { stop.reason == .instructionLimit && stop.rows.isEmpty }

  /// Whether the instruction is BL, BLR or BLRA*.
  private static func isCall(_ bytes: [UInt8]) -> Bool {
    let word = bytes.reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
    return word & 0xfc00_0000 == 0x9400_0000 || word & 0xfeff_f000 == 0xd63f_0000
  }

  // MARK: Lines

  func step(_ given: CommandArguments) throws(ShellError) -> Answer<StopData> { try stepLines(given, overCalls: false) }
  func next(_ given: CommandArguments) throws(ShellError) -> Answer<StopData> { try stepLines(given, overCalls: true) }

  private func stepLines(_ given: CommandArguments, overCalls: Bool) throws(ShellError) -> Answer<StopData> {
    let target = try liveTarget()
    let count = try count(given.text)
    guard sourceLine(target.programCounter) != nil else { return try stepOut(target) }
    var stop = ShownStop(reason: .instructionLimit)
    for _ in 0..<count {
      stop = stepLine(target, overCalls: overCalls)
      if !isOrdinary(stop, target) { break }
    }
    return describe(stop, target)
  }

  /// Steps to the beginning of another line. A function without lines is stepped over.
  private func stepLine(_ target: any DebugTarget, overCalls: Bool) -> ShownStop {
    let start = sourceLine(target.programCounter)
    let function = symbols.place(target.programCounter)?.start
    while true {
      let pc = target.programCounter
      let calls = target.peek(pc, count: 4).map(Self.isCall) ?? false
      var stop: ShownStop
      if calls && !overCalls {
        stop = go(target, .steps(1))
        let entry = target.programCounter
        if isOrdinary(stop, target) && sourceLine(entry) != nil {
          let body = afterPrologue(entry)
          if body != entry { stop = go(target, .freely, to: body) }
          return stop.reason == .breakpoint(body) && stop.rows.isEmpty ? ShownStop(reason: .instructionLimit) : stop
        }
        if isOrdinary(stop, target) { stop = go(target, .freely, to: pc &+ 4) }
        if stop.reason == .breakpoint(pc &+ 4) && stop.rows.isEmpty { stop = ShownStop(reason: .instructionLimit) }
      } else {
        stop = stepOver(target)
      }
      if !isOrdinary(stop, target) { return stop }
      let now = target.programCounter
      let line = sourceLine(now)
      if symbols.place(now)?.start != function {
        // The function has returned, or code without lines was reached by a jump.
        if line != nil { return stop }
        guard let out = try? callerPlace(target) else { return stop }
        let returned = go(target, .freely, to: out)
        if returned.reason != .breakpoint(out) || !returned.rows.isEmpty { return returned }
        return ShownStop(reason: .instructionLimit)
      }
      if let line, line.line > 0, line.line != start?.line || line.file != start?.file { return stop }
    }
  }

  private func stepOut(_ target: any DebugTarget) throws(ShellError) -> Answer<StopData> {
    let name = symbols.place(target.programCounter)?.name
    // The outermost function returns to no place: the program runs on.
    let place = try? callerPlace(target)
    return ["Single stepping until exit from function \(name ?? "??"), which has no line number information."]
      + describe(go(target, .freely, to: place), target)
  }

  /// The address to which the innermost function returns.
  private func callerPlace(_ target: any DebugTarget) throws(ShellError) -> UInt64 {
    resetView()
    guard let stack = backtrace(BacktraceLimits(first: 2, last: 0)), stack.first.count > 1 else {
      throw ShellError("\"finish\" not meaningful in the outermost frame.")
    }
    return stack.first[1].pc
  }

  /// Where debuggers break on a function: behind its prologue, so that its frame is complete. The entry itself without lines.
  func afterPrologue(_ entry: UInt64) -> UInt64 { debugInformation?.lines.bodyStart(ofFunctionAt: entry) ?? entry }

  // MARK: Places

  func until(_ given: CommandArguments) throws(ShellError) -> Answer<StopData> {
    if given.text.isEmpty { return try untilNextLine() }
    return try advance(given)
  }

  func advance(_ given: CommandArguments) throws(ShellError) -> Answer<StopData> {
    let target = try liveTarget()
    if given.text.isEmpty { throw ShellError("advance needs a location, as in advance main+8") }
    let places = try locations(given.text)
    return describe(go(target, .freely, to: places[0]), target)
  }

  /// As next, but a jump back does not stop.
  private func untilNextLine() throws(ShellError) -> Answer<StopData> {
    let target = try liveTarget()
    guard let start = sourceLine(target.programCounter) else { return try stepOut(target) }
    while true {
      let stop = stepLine(target, overCalls: true)
      guard isOrdinary(stop, target) else { return describe(stop, target) }
      guard let line = sourceLine(target.programCounter), line.function == start.function, line.line <= start.line else {
        return describe(stop, target)
      }
    }
  }

  func finish(_ given: CommandArguments) throws(ShellError) -> Answer<StopData> {
    try given.isEmptyOrFail("finish")
    let target = try liveTarget()
    guard let stack = backtrace(BacktraceLimits(first: view.frame + 2, last: 0)), stack.first.count > view.frame + 1 else {
      throw ShellError("\"finish\" not meaningful in the outermost frame.")
    }
    let (frame, caller) = (stack.first[view.frame], stack.first[view.frame + 1])
    let head = ["Run till exit from \(text(frame))"]
    let stop = go(target, .freely, to: caller.pc) { target.processor.sp >= caller.registers.sp }
    var answer = head + describe(stop, target)
    if stop.reason == .breakpoint(caller.pc) {
      history.append(ExpressionValue(target.processor[x: 0]))
      answer.lines.append("Value returned in x0 is $\(history.count) = \(Int64(bitPattern: target.processor[x: 0]))")
    }
    return answer
  }
}
