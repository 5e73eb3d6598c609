// Owns x, print, set, and the info topics on registers, symbols and the program.
// It does not know how memory is read without a trace of the access: the processor's spy does that.
import Architecture
import Debugging
import Laboratory

extension Shell {
  func examine(_ given: CommandArguments) throws(ShellError) -> [String] {
    let target = try requiredTarget()
    var format = examineFormat
    format.count = 1
    if let text = given.format {
      guard let parsed = ExamineFormat(text, defaults: format) else {
        throw ShellError("'/\(text)' is not a format; write a count, a letter of xduotcais and a size of bhwg, as in x/4gx")
      }
      format = parsed
    }
    let continues = given.text.isEmpty || given.isRepeated
    let start = continues ? examineNext ?? target.programCounter : try address(given.text)
    let examination = Examination(format, at: start, pc: target.programCounter, symbols: symbols) { target.peek($0, count: $1) }
    examineFormat = format
    examineNext = examination.next
    if let bad = examination.unreadable { throw ShellError(unreadable(bad), after: examination.lines) }
    return examination.lines
  }

  /// The message for memory that cannot be read. If the address has a mapping but no page yet, that is not the user's mistake.
  private func unreadable(_ address: UInt64) -> String {
    let mapped = session?.vmas.contains { $0.contains(address) } ?? false
    return "Cannot access memory at address \(hexadecimal(address))"
      + (mapped ? ": it is mapped, but no page is there yet (the program has not touched it)" : "")
  }

  func print(_ given: CommandArguments) throws(ShellError) -> [String] {
    let value = try ExpressionParser.evaluate(given.text, self)
    var format = ExamineFormat(letter: value.isAddress ? .a : .d, size: value.size)
    if let text = given.format {
      guard let parsed = ExamineFormat(text, defaults: format), parsed.count == 1, parsed.letter != .i, parsed.letter != .s else {
        throw ShellError("'/\(text)' is not a format for print; use one letter of xduotca")
      }
      format.letter = parsed.letter
    }
    history.append(value.bits)
    return ["$\(history.count) = \(format.text(value.bits, size: value.size, padded: false, symbols: symbols))"]
  }

  func set(_ given: CommandArguments) throws(ShellError) -> [String] {
    if let answer = try answersSetting(given.text) { return answer }
    let parts = given.text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0).trimmed }
    let target = parts[0].split(whereSeparator: \.isWhitespace).map(String.init)
    guard parts.count == 2, let name = target.last, name.hasPrefix("$"), target.count == 1 || target == ["var", name] else {
      throw ShellError("set needs a register and a value, as in set $x0 = 1")
    }
    _ = try liveTarget()
    let value = try address(parts[1])
    guard registers!.set(String(name.dropFirst()), value) else { throw ShellError("There is no register '\(name)' that can be written.") }
    return []
  }

  func infoRegisters(_ given: CommandArguments) throws(ShellError) -> [String] {
    _ = try requiredTarget()
    let registers = registers!
    var chosen: [NamedRegister] = []
    for word in given.words {
      let name = word.hasPrefix("$") ? String(word.dropFirst()) : word
      if name == "system" {
        chosen += registers.system
      } else if let register = registers.named(name) {
        chosen.append(register)
      } else {
        throw ShellError("There is no register '\(name)'.")
      }
    }
    if given.words.isEmpty { chosen = registers.general }
    let width = max(15, (chosen.map(\.name.count).max() ?? 0) + 1)
    return chosen.map { row($0, width) }
  }

  private func row(_ register: NamedRegister, _ width: Int) -> String {
    let name = register.name.padded(width)
    if let upper = register.upper {
      return name + "0x" + [upper, register.value].map { String(hexadecimal($0, digits: 16).dropFirst(2)) }.joined()
    }
    let natural: String
    switch register.name {
    case "pc", "sp", "fp", "lr": natural = symbols.label(register.value)
    case "cpsr", "pstate": natural = target!.programState.flagText
    default: natural = "\(Int64(bitPattern: register.value))"
    }
    return name + hexadecimal(register.value).padded(19) + natural
  }

  func infoSymbol(_ given: CommandArguments) throws(ShellError) -> [String] {
    _ = try program()
    let address = try address(given.text)
    return [symbols.description(address) ?? "No symbol matches \(hexadecimal(address))."]
  }

  func infoProgram(_ given: CommandArguments) throws(ShellError) -> [String] {
    try given.isEmptyOrFail("info program")
    let session = try program()
    let command = ([path!] + arguments).joined(separator: " ")
    let place =
      switch session.outcome {
      case nil: "stands before \(symbols.label(session.programCounter))"
      case .exited(let status): "exited with status \(status)"
      default: "is over at \(symbols.label(session.programCounter))"
      }
    return [command, "\(place), \(session.processor.instructionsRetired) instructions retired, \(session.faultHistory.count) aborts taken"]
  }

  func info(_ given: CommandArguments) throws(ShellError) -> [String] {
    if given.text.isEmpty { return helpTable(Self.topics) }
    let line = CommandLine(given.text)
    let topic = try Self.command(line.name, in: Self.topics, of: "info")
    return try topic.handler(self)(line.arguments(of: topic))
  }
}
