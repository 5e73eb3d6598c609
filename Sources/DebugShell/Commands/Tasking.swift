// Owns info tasks, task, why and info mapping-history: who runs, and what is known about a death or an address. It does not know how a
// report is made.
import Architecture
import Debugging
import Laboratory
import LinuxKernel

extension Shell {
  /// info tasks, also info threads and info inferiors: the tasks, the chosen one with a star.
  func infoTasks(_ given: CommandArguments) throws(ShellError) -> [String] {
    try given.isEmptyOrFail("info tasks")
    let session = try program()
    let chosen = otherTask?.id ?? session.kernel.tasks.first { $0.isCurrent }?.id
    let rows =
      [["  Task", "Process", "Parent", "Name", "State", "Place"]]
      + session.kernel.tasks.map { task in
        let pc = task.isCurrent ? session.programCounter : session.kernel.registers(session.processor.el1, of: task.id)?[.ELR_EL1] ?? 0
        let call = task.systemCall.flatMap { SystemCallNames.name($0) }.map { " in \($0)" } ?? ""
        return [
          "\(task.id == chosen ? "*" : " ") \(task.id.rawValue)", "\(task.process.rawValue)", "\(task.parent?.rawValue ?? 0)", task.name,
          "\(task.run)" + call, placeText(pc),
        ]
      }
    return table(rows)
  }

  /// task N: looks at another task, which goes on when its turn comes.
  func taskCommand(_ given: CommandArguments) throws(ShellError) -> [String] {
    let session = try program()
    if !given.text.isEmpty {
      let number = try evaluate(given.text).bits
      guard let task = session.kernel.tasks.first(where: { UInt64($0.id.rawValue) == number }) else {
        throw ShellError("There is no task \(number); info tasks lists them.")
      }
      view = View(task: task.id)
    }
    guard let task = session.kernel.tasks.first(where: { $0.id == view.task || view.task == nil && $0.isCurrent }) else {
      return ["No task."]
    }
    return ["[Task \(task.id.rawValue), \(task.name), \(task.run)]"] + placeLines(viewedPC, session)
  }

  /// Lines in columns.
  func table(_ rows: [[String]]) -> [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max()! + 2 }
    return rows.map { row in row.enumerated().map { $1.padded($0 == row.count - 1 ? 0 : widths[$0]) }.joined() }
  }

  /// Why the program died or is about to, or what an address is.
  func why(_ given: CommandArguments) throws(ShellError) -> [String] {
    let session = try program()
    if !given.text.isEmpty { return DeathReport.story(of: try address(given.text), in: session) }
    if case .killed(let signal) = session.outcome {
      guard let report = DeathReport(session, signal: signal) else { throw ShellError("Guest memory ran out.") }
      return report.lines
    }
    guard case .signal(let info) = session.kernel.held else {
      throw ShellError("Nothing has died here: why explains a signal at which the program has stopped, and why ADDRESS an address.")
    }
    return DeathReport(heldIn: session, info)?.lines ?? ["The task has no memory any more."]
  }

  func infoMappingHistory(_ given: CommandArguments) throws(ShellError) -> [String] {
    let session = try program()
    if given.text.isEmpty { throw ShellError("info mapping-history needs an address") }
    return DeathReport.history(of: try address(given.text), in: session)
  }

  func infoAuxv(_ given: CommandArguments) throws(ShellError) -> [String] {
    try given.isEmptyOrFail("info auxv")
    let session = try program()
    guard let process = session.kernel.tasks.first(where: { $0.isCurrent })?.process,
      let bytes = session.kernel.syntheticContents(session.processor.el1, path: "/proc/\(process.rawValue)/auxv")
    else { return ["There is no auxiliary vector."] }
    let words = stride(from: 0, to: bytes.count - 7, by: 8).map { at in
      bytes[at..<at + 8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    }
    return stride(from: 0, to: words.count - 1, by: 2).map { "\(words[$0])".padded(6) + hexadecimal(words[$0 + 1]) }
  }

  /// info functions [TEXT], info variables [TEXT]: the symbols whose names contain the text.
  func infoFunctions(_ given: CommandArguments) throws(ShellError) -> [String] { try symbolList(given, code: true) }
  func infoVariables(_ given: CommandArguments) throws(ShellError) -> [String] { try symbolList(given, code: false) }

  private func symbolList(_ given: CommandArguments, code: Bool) throws(ShellError) -> [String] {
    let session = try program()
    var lines: [String] = []
    let pattern = given.text.isEmpty ? nil : try? Regex(given.text)
    if !given.text.isEmpty && pattern == nil { throw ShellError("'\(given.text)' is no regular expression.") }
    for module in session.debugInformation.modules {
      for symbol in module.symbols.symbols where module.containsCode(symbol.address &+ module.bias) == code {
        let address = symbol.address &+ module.bias
        let name = symbols.place(address)?.name ?? symbol.name
        if let pattern, name.firstMatch(of: pattern) == nil, symbol.name.firstMatch(of: pattern) == nil { continue }
        lines.append("\(hexadecimal(address, digits: 16))  \(name)")
        if lines.count == 10_000 { return lines + ["(More symbols follow; a text behind the command chooses among them.)"] }
      }
    }
    return lines.isEmpty ? ["No symbol matches."] : lines
  }
}
