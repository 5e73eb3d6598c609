// Owns esr, pte and the commands that explain a system register: a value field by field, or what the program's register holds.
// It does not know any field: Debugging does.
import Architecture
import Debugging
import Laboratory
import LinuxKernel

extension Shell {
  /// A value as `Number.value` reads it, or else an expression, as in `$x0`.
  private func explained(_ text: String) throws(ShellError) -> UInt64 {
    if let value = Number.value(text) { return value }
    return try address(text)
  }

  func esr(_ given: CommandArguments) throws(ShellError) -> Answer<SyndromeDocument> {
    if !given.text.isEmpty { return explain(ExceptionSyndrome(rawValue: try explained(given.text))) }
    if let board {
      guard let last = board.faultHistory.entries.last else { return explain(ExceptionSyndrome(rawValue: board.processor.el1[.ESR_EL1])) }
      return ["The last fault: \(describe(last))"] + explain(last.esr)
    }
    guard let session else { throw ShellError("esr needs a value when there is no program, as in esr 0x9200004f") }
    if case .abort(let entry) = session.kernel.held { return ["The abort that was taken, and is not handled yet:"] + explain(entry.esr) }
    if let syndrome = signalSyndrome(session) { return ["The exception behind the signal:"] + explain(syndrome) }
    guard let last = session.faultHistory.entries.last else {
      throw ShellError("No fault has been taken yet; esr VALUE explains any value.")
    }
    return ["The last fault: \(describe(last))"] + explain(last.esr)
  }

  /// The syndrome of the exception that became the signal before which the program is held, or which killed it; nil without such a signal,
  /// and for an abort, which is in the history with more to tell.
  private func signalSyndrome(_ session: Session) -> ExceptionSyndrome? {
    var info: SignalInfo?
    if case .signal(let held) = session.kernel.held { info = held }
    if case .killed = session.outcome { info = session.kernel.state.lastSignal }
    // Codes above 0 are the kernel's own: an instruction caused the signal.
    guard let info, info.code > 0, Signal.isSynchronous(info.signal) else { return nil }
    let syndrome = ExceptionSyndrome(rawValue: session.processor.el1[.ESR_EL1])
    return syndrome.isDataAbort || syndrome.isInstructionAbort || syndrome.exceptionClass == .SVC64 ? nil : syndrome
  }

  private func explain(_ syndrome: ExceptionSyndrome) -> Answer<SyndromeDocument> {
    Answer(ESRExplanation(syndrome).lines + ExceptionOutcome.all(syndrome).map(\.line), SyndromeDocument(syndrome))
  }

  func pte(_ given: CommandArguments) throws(ShellError) -> Answer<ExplanationData> {
    let words = given.words
    guard (1...2).contains(words.count) else { throw ShellError("pte needs a descriptor and its level, as in pte 0xe8000040012f43 3") }
    let value = try explained(words[0])
    // The format is the one in the program's TCR_EL1, or 4 KiB pages where there is no program.
    let format = (try? requiredTarget().processor.tableRoot(upper: false).format) ?? DescriptorFormat()
    var level = 3
    if words.count == 2 {
      guard let number = Int(words[1]), format.levels.contains(number) else {
        let levels = format.levels.map(String.init)
        throw ShellError("there is no level \(words[1]); use \(levels.dropLast().joined(separator: ", ")) or \(levels.last!)")
      }
      level = number
    }
    let explanation = DescriptorExplanation(Descriptor(value), level: level, format: format)
    return Answer(explanation.lines, ExplanationData(value, explanation.summary, explanation.fields))
  }

  /// The handler of the command that explains the register of a layout.
  static func explaining(_ layout: RegisterLayout) -> Command.Handler<Answer<ExplanationData>> {
    { shell in { given throws(ShellError) in try shell.explain(given, layout) } }
  }

  private func explain(_ given: CommandArguments, _ layout: RegisterLayout) throws(ShellError) -> Answer<ExplanationData> {
    let value: UInt64
    if given.text.isEmpty {
      guard let held = try requiredTarget().registers.named(layout.register)?.value else {
        throw ShellError("This processor has no \(layout.register).")
      }
      value = held
    } else {
      value = try explained(given.text)
    }
    let explanation = RegisterExplanation(value, of: layout)
    return Answer(explanation.lines, ExplanationData(value, explanation.summary, explanation.fields))
  }
}
