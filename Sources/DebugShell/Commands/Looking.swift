// Owns x, print, set, and the info topics on registers, symbols and the program.
// It does not know how memory is read without a trace of the access: the processor's spy does that.
import Architecture
import Debugging
import Laboratory
import LinuxKernel
import LinuxMM

extension Shell {
  func examine(_ given: CommandArguments) throws(ShellError) -> Answer<MemoryData> {
    let target = try requiredTarget()
    var format = examineFormat
    format.count = 1
    if let text = given.format {
      guard let parsed = ExamineFormat(text, defaults: format) else {
        throw ShellError("'/\(text)' is not a format; write a count, a letter of xzduotcafis and a size of bhwg, as in x/4gx")
      }
      format = parsed
    }
    let continues = given.text.isEmpty || given.isRepeated
    let start = continues ? examineNext ?? viewedPC : try address(given.text)
    let examination = Examination(format, at: start, pc: target.programCounter, symbols: symbols) { self.peek($0, count: $1) }
    examineFormat = format
    examineNext = examination.next
    if let bad = examination.unreadable { throw ShellError(unreadable(bad), after: examination.lines) }
    let range = examination.range
    let bytes = range.count <= 1 << 20 ? peek(range.lowerBound, count: range.count) ?? [] : []
    return Answer(
      examination.lines,
      MemoryData(
        start: HexadecimalText(range.lowerBound), bytes: bytes.map { bareHexadecimal(UInt64($0), digits: 2) }.joined(),
        next: HexadecimalText(examination.next)))
  }

  /// The message for memory that cannot be read. If the address has a mapping but no page yet, that is not the user's mistake.
  func unreadable(_ address: UInt64) -> String {
    let mapped = session?.vmas.contains { $0.contains(address) } ?? false
    return "Cannot access memory at address \(hexadecimal(address))"
      + (mapped ? ": it is mapped, but no page is there yet (the program has not touched it)" : "")
  }

  func print(_ given: CommandArguments) throws(ShellError) -> Answer<ValueData> {
    let (value, text) = try shownValue(given)
    history.append(value)
    return Answer(["$\(history.count) = \(text)"], ValueData(number: history.count, text: text, bits: HexadecimalText(value.bits)))
  }

  /// A value without a number and without a line end, for scripts.
  func output(_ given: CommandArguments) throws(ShellError) -> [String] { Self.answer(try shownValue(given).text) }

  /// The value of an expression in a format of print.
  func shownText(_ text: String, format: String?) throws(ShellError) -> String {
    try shownValue(CommandArguments(format: format, text: text)).text
  }

  private func shownValue(_ given: CommandArguments) throws(ShellError) -> (value: ExpressionValue, text: String) {
    if let name = given.text.wholeMatch(of: /\$([vqdshb]\d+)/).map({ String($0.1) }), variables[name] == nil, let view = vectorView(name) {
      let format = try given.format.map { text throws(ShellError) in try printFormat(text, ExamineFormat()) }
      let register = viewedRegister(name)
      return (ExpressionValue(register?.value ?? 0, .unsigned), view.text(name, format: format))
    }
    let value = try evaluate(given.text)
    return (value, try valueText(value, format: given.format))
  }

  /// The views of the vector register of this name in the task that runs.
  func vectorView(_ name: String) -> VectorView? { registers?.vectorView(name.lowercased()) }

  private func printFormat(_ text: String, _ defaults: ExamineFormat) throws(ShellError) -> ExamineFormat {
    guard let parsed = ExamineFormat(text, defaults: defaults), parsed.count == 1, parsed.letter != .i else {
      throw ShellError("'/\(text)' is not a format for print; use one letter of xzduotcafs")
    }
    return parsed
  }

  private func valueText(_ value: ExpressionValue, format text: String?) throws(ShellError) -> String {
    let type = value.type
    let own: ExamineFormat.Letter = type.isFloat ? .f : type.isAddress ? .a : type.isSigned ? .d : .u
    var format = ExamineFormat(letter: own, size: type.size)
    if let text { format.letter = try printFormat(text, format).letter }
    // /s is the value's own form, and shows the string behind an address.
    let showsString = format.letter == .s && type.isAddress || text == nil && type.isString
    if format.letter == .s { format.letter = own }
    let number = format.text(value.bits, size: type.size, padded: false, symbols: symbols)
    return number + (showsString ? string(at: value.bits).map { " \($0)" } ?? " <error: \(unreadable(value.bits))>" : "")
  }

  /// The string at an address, in quotes; nil if it cannot be read.
  private func string(at address: UInt64) -> String? {
    let dump = Examination(ExamineFormat(letter: .s), at: address, pc: 0, symbols: symbols) { self.peek($0, count: $1) }
    return dump.lines.first.flatMap { $0.split(separator: "\t", maxSplits: 1).last.map(String.init) }
  }

  /// set $REGISTER = VALUE, set $NAME = VALUE, set PLACE = VALUE, each also behind `var`.
  func set(_ given: CommandArguments) throws(ShellError) -> [String] {
    if let answer = try answersSetting(given.text) { return answer }
    var text = given.text
    for word in ["variable ", "var "] where text.hasPrefix(word) { text = String(text.dropFirst(word.count)).trimmed }
    guard let sign = assignment(in: text) else {
      throw ShellError("set needs a place and a value, as in set $x0 = 1 or set *(u32*)$sp = 5")
    }
    let place = String(text[..<sign]).trimmed
    let value = try evaluate(String(text[text.index(after: sign)...]))
    if place.hasPrefix("$") { return try setRegister(String(place.dropFirst()), value) }
    _ = try liveTarget()
    let (address, type, size) = try memoryPlace(place)
    let bytes = (0..<min(size, 8)).map { UInt8(truncatingIfNeeded: value.bits >> (8 * $0)) }
    if !poke(address, Array(bytes.prefix(type.size))) { throw ShellError("Cannot write memory at address \(hexadecimal(address)).") }
    return []
  }

  /// The place of the sign of an assignment, which is no part of a comparison.
  private func assignment(in text: String) -> String.Index? {
    for index in text.indices where text[index] == "=" {
      let before = index == text.startIndex ? " " : text[text.index(before: index)]
      let next = text.index(after: index)
      if !"=!<>".contains(before) && (next == text.endIndex || text[next] != "=") { return index }
    }
    return nil
  }

  private func setRegister(_ name: String, _ value: ExpressionValue) throws(ShellError) -> [String] {
    let isRegister = registers?.named(name) != nil
    if !isRegister {
      // x31 and v40 are mistakes and no variables.
      if name.wholeMatch(of: /[A-Za-z_]\w*/) == nil || name.wholeMatch(of: /[xwvqdsbh]\d+/) != nil {
        throw ShellError("There is no register '$\(name)' that can be written.")
      }
      variables[name] = value
      return []
    }
    _ = try liveTarget()
    if view.frame != 0 { throw ShellError("Registers of the innermost frame can be written; 'frame 0' selects it.") }
    if let other = otherTask { return try setRegister(name, of: other.id, value.bits) }
    guard registers!.set(name, value.bits) else { throw ShellError("There is no register '$\(name)' that can be written.") }
    return []
  }

  private func setRegister(_ name: String, of task: TaskID, _ value: UInt64) throws(ShellError) -> [String] {
    let session = try program()
    guard var saved = session.kernel.registers(session.processor.el1, of: task) else { throw ShellError("There is no such task any more.") }
    switch name.lowercased() {
    case "pc": saved[.ELR_EL1] = value
    case "sp": saved[.SP_EL0] = value
    case "fp": saved.general[29] = value
    case "lr": saved.general[30] = value
    default:
      guard name.lowercased().first == "x", let number = Int(name.dropFirst()), (0..<31).contains(number) else {
        throw ShellError("Of a task that does not run, x0 to x30, sp and pc can be written.")
      }
      saved.general[number] = value
    }
    _ = session.kernel.setRegisters(of: task, saved)
    return []
  }

  func infoRegisters(_ given: CommandArguments) throws(ShellError) -> Answer<RegistersData> {
    _ = try requiredTarget()
    let registers = registers!
    var chosen: [NamedRegister] = []
    for word in given.words {
      let name = word.hasPrefix("$") ? String(word.dropFirst()) : word
      if name == "system" {
        chosen += registers.system
      } else if let register = viewedRegister(name) {
        chosen.append(register)
      } else {
        throw ShellError("There is no register '\(name)'.")
      }
    }
    if given.words.isEmpty { chosen = registers.general.compactMap { viewedRegister($0.name) } }
    let width = max(15, (chosen.map(\.name.count).max() ?? 0) + 1)
    return Answer(chosen.map { row($0, width) }, RegistersData(registers: chosen.map(RegisterData.init)))
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

  func infoSymbol(_ given: CommandArguments) throws(ShellError) -> Answer<PlaceData> {
    _ = try requiredTarget()
    let address = try address(given.text)
    return Answer([symbols.description(address) ?? "No symbol matches \(hexadecimal(address))."], placeData(address))
  }

  func infoAddress(_ given: CommandArguments) throws(ShellError) -> Answer<PlaceData> {
    _ = try program()
    guard let address = symbols.address(of: given.text) else { throw ShellError("No symbol \"\(given.text)\" in current context.") }
    return Answer(["Symbol \"\(given.text)\" is at \(hexadecimal(address))."], placeData(address))
  }

  func infoProgram(_ given: CommandArguments) throws(ShellError) -> Answer<ProgramData> {
    try given.isEmptyOrFail("info program")
    if let board { return boardProgram(board) }
    let session = try program()
    let command = ([path!] + arguments).joined(separator: " ")
    let place =
      switch session.outcome {
      case nil: "stands before \(symbols.label(session.programCounter))"
      case .exited(let status): "exited with status \(status)"
      default: "is over at \(symbols.label(session.programCounter))"
      }
    var status: Int32?
    if case .exited(let code) = session.outcome { status = code }
    return Answer(
      [command, "\(place), \(session.processor.instructionsRetired) instructions retired, \(session.faultHistory.count) aborts taken"],
      ProgramData(
        path: path!, arguments: arguments, next: placeData(session.programCounter), status: status, isOver: session.outcome != nil,
        instructions: session.processor.instructionsRetired, aborts: session.faultHistory.count))
  }

  func info(_ given: CommandArguments) throws(ShellError) -> [String] { helpTable(Self.topics) }
}
