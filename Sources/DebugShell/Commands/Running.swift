// Owns the commands that let the program run: run, starti, continue, stepi, nexti, until.
// It does not know how a stop is described.
import Debugging
import Laboratory

extension Shell {
  func run(_ given: CommandArguments) throws(ShellError) -> [String] {
    let session = try restart(given)
    // A run never stops at the instruction where it starts, but a breakpoint on the program's first instruction must stop it.
    if session.breakpoints.contains(session.programCounter) {
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
    if !given.text.isEmpty { arguments = try given.quotedWords() }
    do throws(ShellError) { try restart() } catch {
      arguments = old
      throw error
    }
    return try program()
  }

  func `continue`(_ given: CommandArguments) throws(ShellError) -> [String] {
    try given.isEmptyOrFail("continue")
    return resume(try liveTarget())
  }

  func stepi(_ given: CommandArguments) throws(ShellError) -> [String] {
    let target = try liveTarget()
    return resume(target, .steps(try count(given.text)))
  }

  func nexti(_ given: CommandArguments) throws(ShellError) -> [String] {
    try given.isEmptyOrFail("nexti")
    let target = try liveTarget()
    let pc = target.programCounter
    guard let word = target.peek(pc, count: 4), Self.isCall(word) else { return resume(target, .steps(1)) }
    let sp = target.processor.sp
    // A deeper call of the same function returns to this address too.
    return resume(target, to: pc &+ 4) { target.processor.sp >= sp }
  }

  func until(_ given: CommandArguments) throws(ShellError) -> [String] {
    let target = try liveTarget()
    if given.text.isEmpty { throw ShellError("until needs a location, as in until main+8") }
    return resume(target, to: try location(given.text))
  }

  /// Whether the instruction is BL, BLR or BLRA*.
  private static func isCall(_ bytes: [UInt8]) -> Bool {
    let word = bytes.reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
    return word & 0xfc00_0000 == 0x9400_0000 || word & 0xfeff_f000 == 0xd63f_0000
  }

  /// Resumes as asked, until at most the first arrival at `place` at which `accepts` is true.
  private func resume(
    _ target: any DebugTarget, _ request: ResumeRequest = .freely, to place: UInt64? = nil, where accepts: () -> Bool = { true }
  ) -> [String] {
    applyBreakpoints(also: place)
    var stop = interrupter.run(target, request)
    while let place, stop == .breakpoint(place), !accepts(), !breakpoints.rows.contains(where: { $0.address == place }) {
      stop = interrupter.run(target, request)
    }
    let lines = report(stop, target)
    applyBreakpoints()
    return lines
  }
}
