// Owns what expressions may ask of a shell: registers, symbols, memory, values that were shown, and the fault of the moment. It does not
// know how an expression is written.
import Architecture
import Debugging
import Laboratory
import LinuxKernel

/// The names of a shell's program. `event` is the fault that a catchpoint looks at; without one, `esr` and `far` are those of the last
/// exception.
struct ShellNames: ExpressionNames {
  let shell: Shell
  var event: FaultLogEntry?

  func register(_ name: String) throws(ShellError) -> ExpressionValue {
    if let value = shell.variables[name] { return value }
    if shell.target == nil { throw ShellError("No registers: there is no program.") }
    guard let register = shell.viewedRegister(name) else { throw ShellError("There is no register '\(name)'.") }
    if register.upper != nil { throw ShellError("\(name) has 128 bits; info registers \(name) shows it.") }
    let isAddress = ["pc", "sp", "fp", "lr"].contains(register.name)
    return ExpressionValue(register.value, isAddress ? .address : register.size == 4 ? .word : .long)
  }

  func lane(_ register: String, _ fields: [String], _ index: Int) throws(ShellError) -> ExpressionValue {
    let path = ([register] + fields).joined(separator: ".")
    guard let view = shell.vectorView(register) else { throw ShellError("$\(register) has no field '\(fields.joined(separator: "."))'.") }
    guard let lane = view.lane(register.lowercased(), fields, index) else {
      throw ShellError("There is no $\(path)[\(index)]; print $\(register) shows the fields.")
    }
    let type = lane.kind == .f ? ValueType.float(lane.size) : ValueType.number(lane.size, isSigned: lane.kind == .s)
    return ExpressionValue(lane.bits, type)
  }

  func symbol(_ name: String) throws(ShellError) -> ExpressionValue {
    if let address = shell.symbols.address(of: name) { return ExpressionValue(address, .address) }
    guard shell.target != nil else { throw ShellError("No symbol '\(name)': there is no program.") }
    let isRegister = shell.registers?.named(name) != nil
    let hint = isRegister ? " Write registers with $." : name.allSatisfy(\.isHexDigit) ? " Write hexadecimal numbers with 0x." : ""
    let none = shell.symbols.isEmpty ? " The program has no symbols." : ""
    throw ShellError("No symbol '\(name)' in \(shell.path!).\(none)\(hint)")
  }

  func shown(_ number: Int) throws(ShellError) -> ExpressionValue {
    let index = number == 0 ? shell.history.count : number
    guard shell.history.indices.contains(index - 1) else {
      throw ShellError("There is no value $\(number == 0 ? "" : "\(number)") yet.")
    }
    return shell.history[index - 1]
  }

  // MARK: The shell's own words

  func word(_ name: String) throws(ShellError) -> ExpressionValue? {
    guard let target = shell.target else { return nil }
    let task = shell.session?.kernel.tasks.first { $0.isCurrent }
    if let board = shell.board, name == "task" { return ExpressionValue(UInt64(board.processor.number)) }
    switch name {
    case "far": return ExpressionValue(event?.far ?? target.processor.el1[.FAR_EL1], .address)
    case "esr": return ExpressionValue(syndrome(target).rawValue, .unsigned)
    case "task": return task.map { ExpressionValue(UInt64($0.id.rawValue)) }
    case "process": return task.map { ExpressionValue(UInt64($0.process.rawValue)) }
    default: return nil
    }
  }

  private func syndrome(_ target: any DebugTarget) -> ExceptionSyndrome {
    event?.esr ?? ExceptionSyndrome(rawValue: target.processor.el1[.ESR_EL1])
  }

  func field(_ name: String, of word: String, _ argument: ExpressionValue?) throws(ShellError) -> ExpressionValue {
    guard let target = shell.target else { throw ShellError("No \(word): there is no program.") }
    let (value, fields): (UInt64, [ExplainedField])
    if word == "esr" {
      let syndrome = argument.map { ExceptionSyndrome(rawValue: $0.bits) } ?? syndrome(target)
      (value, fields) = (syndrome.rawValue, ESRExplanation(syndrome).fields)
    } else {
      let address = argument?.bits ?? event?.far ?? target.processor.el1[.FAR_EL1]
      let walk = target.processor.explainWalk(address)
      guard let step = walk.steps.last else { throw ShellError("No descriptor is read for \(hexadecimal(address)).") }
      value = step.descriptor
      fields = DescriptorExplanation(Descriptor(rawValue: value), level: step.level, format: walk.format).fields
    }
    if name.isEmpty { return ExpressionValue(value, .unsigned) }
    func same(_ field: ExplainedField) -> Bool { field.name.lowercased().filter { $0 != "[" && $0 != "]" } == name.lowercased() }
    guard let field = fields.first(where: same) else {
      throw ShellError("\(word) has no field '\(name)' here; it has \(fields.map { $0.name.lowercased() }.joined(separator: ", ")).")
    }
    return ExpressionValue(field.value)
  }

  // MARK: Memory

  func memory(_ address: UInt64, size: Int) throws(ShellError) -> UInt64 {
    if shell.target == nil { throw ShellError("No memory: there is no program.") }
    guard let bytes = shell.peek(address, count: size) else { throw ShellError(shell.unreadable(address)) }
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension Shell {
  /// The value of an expression.
  func evaluate(_ text: String) throws(ShellError) -> ExpressionValue { try ExpressionParser.parse(text).value(ShellNames(shell: self)) }

  /// Evaluates an expression that must be an address.
  func address(_ text: String) throws(ShellError) -> UInt64 { try evaluate(text).bits }

  /// Evaluates a positive count; it is 1 where `text` is empty.
  func count(_ text: String) throws(ShellError) -> UInt64 {
    if text.isEmpty { return 1 }
    let value = try evaluate(text).bits
    guard value > 0, value <= UInt64(Int64.max) else { throw ShellError("'\(text)' is not a count; use 1 or more") }
    return value
  }
}
