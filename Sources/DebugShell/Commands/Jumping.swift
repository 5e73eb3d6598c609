// Owns jump and return: the program goes on at another place than its own. It does not know how a run stops.
import Architecture
import Debugging
import Laboratory
import LinuxKernel
import Symbols

extension Shell {
  /// Goes on at a location, without the signal before which the program is held.
  func jump(_ given: CommandArguments) throws(ShellError) -> Answer<StopData> {
    let session = try innermostSession("jump")
    if given.text.isEmpty { throw ShellError("jump needs a location, as in jump main") }
    let place = try locations(given.text)[0]
    if place & 3 != 0 { throw ShellError("\(hexadecimal(place)) is no instruction: instructions are 4-byte aligned") }
    _ = session.registers.set("pc", place)
    forgetWhatWasHeld(session)
    return ["Continuing at \(symbols.label(place))."] + describe(go(session, .freely), session)
  }

  /// Leaves the innermost function at once: the registers are the caller's, as far as the stack tells them.
  func returnCommand(_ given: CommandArguments) throws(ShellError) -> Answer<BacktraceData> {
    let session = try innermostSession("return")
    var value: ExpressionValue?
    if !given.text.isEmpty { value = try evaluate(given.text) }
    guard let stack = backtrace(BacktraceLimits(first: 2, last: 0)), stack.first.count > 1, stack.first[1].kind != .signal else {
      throw ShellError("return is not possible in the outermost frame, nor in a signal handler.")
    }
    let caller = stack.first[1].registers
    for number in 19..<31 { _ = session.registers.set("x\(number)", caller.x[number]) }
    _ = session.registers.set("sp", caller.sp)
    _ = session.registers.set("pc", caller.pc)
    if let value { _ = session.registers.set("x0", value.bits) }
    forgetWhatWasHeld(session)
    return try frameCommand(CommandArguments(text: "0"))
  }

  /// The program, whose running task is looked at in its innermost frame.
  private func innermostSession(_ command: String) throws(ShellError) -> Session {
    _ = try liveTarget()
    if view.frame != 0 { throw ShellError("\(command) leaves the innermost frame; 'frame 0' selects it.") }
    if otherTask != nil { throw ShellError("\(command) concerns the task that stopped; 'task' says which one is looked at.") }
    return try program()
  }

  private func forgetWhatWasHeld(_ session: Session) {
    if case .signal = session.kernel.held { session.kernel.release(with: nil) }
    session.kernel.forgetRestart()
  }
}
