// Owns the commands that make the program go on: run, starti, continue, stepi, nexti, until.
// It does not know how a stop is told.
import Laboratory

extension Shell {
  func run(_ given: CommandArguments) throws(ShellError) -> [String] {
    let session = try restart(given)
    // A run never stops where it starts, but a breakpoint on the first instruction is meant.
    if session.processor.breakpoints.contains(session.programCounter) {
      return report(.breakpoint(session.programCounter), session)
    }
    return resume(session)
  }

  func starti(_ given: CommandArguments) throws(ShellError) -> [String] {
    let session = try restart(given)
    return [instructionLine(session.programCounter, session)]
  }

  private func restart(_ given: CommandArguments) throws(ShellError) -> Session {
    _ = try program()
    let old = arguments
    if !given.text.isEmpty { arguments = given.words }
    do throws(ShellError) { try restart() } catch {
      arguments = old
      throw error
    }
    return try program()
  }

  func `continue`(_ given: CommandArguments) throws(ShellError) -> [String] {
    try given.isEmptyOrFail("continue")
    return resume(try liveProgram())
  }

  func stepi(_ given: CommandArguments) throws(ShellError) -> [String] {
    let session = try liveProgram()
    let count = try count(given.text)
    let (limit, overflow) = session.processor.instructionsRetired.addingReportingOverflow(count)
    return resume(session, until: overflow ? .max : limit)
  }

  func nexti(_ given: CommandArguments) throws(ShellError) -> [String] {
    try given.isEmptyOrFail("nexti")
    let session = try liveProgram()
    let pc = session.programCounter
    guard let word = session.peek(pc, count: 4), Self.isCall(word) else {
      return resume(session, until: session.processor.instructionsRetired + 1)
    }
    let sp = session.processor.sp
    // A deeper call of the same function comes by here too.
    return resume(session, to: pc &+ 4) { session.processor.sp >= sp }
  }

  func until(_ given: CommandArguments) throws(ShellError) -> [String] {
    let session = try liveProgram()
    if given.text.isEmpty { throw ShellError("until wants a location, as in until main+8") }
    return resume(session, to: try location(given.text))
  }

  /// BL, BLR and BLRA*.
  private static func isCall(_ bytes: [UInt8]) -> Bool {
    let word = bytes.reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
    return word & 0xfc00_0000 == 0x9400_0000 || word & 0xfeff_f000 == 0xd63f_0000
  }

  /// Goes on, at most until so many instructions have retired in all, or until `place` where `accepts` agrees.
  private func resume(
    _ session: Session, until limit: UInt64 = .max, to place: UInt64? = nil, where accepts: () -> Bool = { true }
  ) -> [String] {
    applyBreakpoints(also: place)
    willRun(session.processor)
    var stop = session.run(until: limit)
    while let place, stop == .breakpoint(place), !accepts(), !breakpoints.rows.contains(where: { $0.address == place }) {
      stop = session.run(until: limit)
    }
    didRun()
    let lines = report(stop, session)
    applyBreakpoints()
    return lines
  }
}
