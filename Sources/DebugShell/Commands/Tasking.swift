// Owns info tasks, task, why and info mapping-history: who runs, and what is known about a death or an address. It does not know how a
// report is made.
import Architecture
import Debugging
import Laboratory
import LinuxKernel

extension Shell {
  /// info tasks, also info threads and info inferiors: the tasks, the chosen one with a star.
  func infoTasks(_ given: CommandArguments) throws(ShellError) -> Answer<TasksData> {
    try given.isEmptyOrFail("info tasks")
    if let board { return infoProcessors(board) }
    let session = try program()
    let tasks = session.kernel.tasks.map { taskData($0, session) }
    let rows =
      [["  Task", "Process", "Parent", "Name", "State", "Place"]]
      + tasks.map { task in
        [
          "\(task.isChosen ? "*" : " ") \(task.task)", "\(task.process)", "\(task.parent ?? 0)", task.name,
          task.state + (task.systemCall.map { " in \($0)" } ?? ""), placeText(task.place.address.value),
        ]
      }
    return Answer(table(rows), TasksData(tasks: tasks))
  }

  private func taskData(_ task: TaskSummary, _ session: Session) -> TaskData {
    let pc = task.isCurrent ? session.programCounter : session.kernel.registers(session.processor.el1, of: task.id)?[.ELR_EL1] ?? 0
    return TaskData(
      task: task.id.rawValue, process: task.process.rawValue, parent: task.parent?.rawValue, name: task.name, state: "\(task.run)",
      systemCall: task.systemCall.flatMap { SystemCallNames.name($0) }, isChosen: otherTask.map { $0.id == task.id } ?? task.isCurrent,
      place: placeData(pc))
  }

  /// task N: looks at another task, which goes on when its turn comes.
  func taskCommand(_ given: CommandArguments) throws(ShellError) -> Answer<TaskData> {
    if let board { return try chooseProcessor(given, board) }
    let session = try program()
    if !given.text.isEmpty {
      let number = try evaluate(given.text).bits
      guard let task = session.kernel.tasks.first(where: { UInt64($0.id.rawValue) == number }) else {
        throw ShellError("There is no task \(number); info tasks lists them.")
      }
      view = View(task: task.id)
    }
    guard let task = session.kernel.tasks.first(where: { $0.id == view.task || view.task == nil && $0.isCurrent }) else {
      return Answer(["No task."], nil)
    }
    return Answer(
      ["[Task \(task.id.rawValue), \(task.name), \(task.run)]"] + placeLines(viewedPC, session), taskData(task, session))
  }

  /// Lines in columns.
  func table(_ rows: [[String]]) -> [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max()! + 2 }
    return rows.map { row in row.enumerated().map { $1.padded($0 == row.count - 1 ? 0 : widths[$0]) }.joined() }
  }

  /// Why the program died or is about to, or what an address is.
  func why(_ given: CommandArguments) throws(ShellError) -> Answer<WhyData> {
    let session = try program()
    if !given.text.isEmpty {
      let (address, story) = try story(given.text)
      return Answer(
        ["\(hexadecimal(address)), \(story.summary)"] + story.details.map { "  \($0)" },
        WhyData(address: HexadecimalText(address), meaning: story.summary, changes: story.changes.map(MappingChangeData.init)))
    }
    if case .killed(let signal) = session.outcome {
      guard let report = DeathReport(session, signal: signal) else { throw ShellError("Guest memory ran out.") }
      let last = session.kernel.state.lastSignal
      return answer(report, signal, last?.signal == signal ? last : nil, session)
    }
    guard case .signal(let info) = session.kernel.held else {
      throw ShellError("Nothing has died here: why explains a signal at which the program has stopped, and why ADDRESS an address.")
    }
    guard let report = DeathReport(heldIn: session, info) else { return Answer(["The task has no memory any more."], nil) }
    return answer(report, info.signal, info, session)
  }

  private func answer(_ report: DeathReport, _ signal: Int32, _ info: SignalInfo?, _ session: Session) -> Answer<WhyData> {
    let story = report.address
    return Answer(
      report.lines,
      WhyData(
        signal: Signal.name(signal), code: info?.codeName, address: story.map { HexadecimalText($0.address) }, meaning: story?.summary,
        changes: story?.changes.map(MappingChangeData.init) ?? [], place: instructionData(session.programCounter),
        frames: report.backtrace.map(FrameData.init)))
  }

  private func story(_ text: String) throws(ShellError) -> (UInt64, AddressStory) {
    let address = try address(text)
    guard let story = AddressStory(of: address, in: try program()) else { throw ShellError("No task has an address space any more.") }
    return (address, story)
  }

  func infoMappingHistory(_ given: CommandArguments) throws(ShellError) -> Answer<MappingChangesData> {
    _ = try program()
    if given.text.isEmpty { throw ShellError("info mapping-history needs an address") }
    let (address, story) = try story(given.text)
    let changes = story.allChanges
    return Answer(
      changes.isEmpty ? ["No system call has changed the mapping of \(hexadecimal(address))."] : changes.map(\.line),
      MappingChangesData(changes: changes.map(MappingChangeData.init)))
  }

  func infoAuxv(_ given: CommandArguments) throws(ShellError) -> Answer<AuxiliaryVectorData> {
    try given.isEmptyOrFail("info auxv")
    let session = try program()
    guard let process = session.kernel.tasks.first(where: { $0.isCurrent })?.process,
      let bytes = session.kernel.syntheticContents(session.processor.el1, path: "/proc/\(process.rawValue)/auxv")
    else { return Answer(["There is no auxiliary vector."], nil) }
    let words = stride(from: 0, to: bytes.count - 7, by: 8).map { at in
      bytes[at..<at + 8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    }
    let entries = stride(from: 0, to: words.count - 1, by: 2).map { (words[$0], words[$0 + 1]) }
    return Answer(
      entries.map { "\($0)".padded(6) + hexadecimal($1) },
      AuxiliaryVectorData(entries: entries.map { AuxiliaryVectorData.Entry(type: $0, value: HexadecimalText($1)) }))
  }

  /// info functions [TEXT], info variables [TEXT]: the symbols whose names contain the text.
  func infoFunctions(_ given: CommandArguments) throws(ShellError) -> Answer<SymbolsData> { try symbolList(given, code: true) }
  func infoVariables(_ given: CommandArguments) throws(ShellError) -> Answer<SymbolsData> { try symbolList(given, code: false) }

  private func symbolList(_ given: CommandArguments, code: Bool) throws(ShellError) -> Answer<SymbolsData> {
    _ = try requiredTarget()
    var found: [SymbolsData.Row] = []
    let pattern = given.text.isEmpty ? nil : try? Regex(given.text)
    if !given.text.isEmpty && pattern == nil { throw ShellError("'\(given.text)' is no regular expression.") }
    for module in debugInformation?.modules ?? [] {
      for symbol in module.symbols.symbols where module.containsCode(symbol.address &+ module.bias) == code {
        let address = symbol.address &+ module.bias
        let name = symbols.place(address)?.name ?? symbol.name
        if let pattern, name.firstMatch(of: pattern) == nil, symbol.name.firstMatch(of: pattern) == nil { continue }
        found.append(SymbolsData.Row(address: HexadecimalText(address), name: name))
        if found.count == 10_000 { return answer(found, isTruncated: true) }
      }
    }
    return answer(found, isTruncated: false)
  }

  private func answer(_ found: [SymbolsData.Row], isTruncated: Bool) -> Answer<SymbolsData> {
    var lines = found.map { "\(hexadecimal($0.address.value, digits: 16))  \($0.name)" }
    if lines.isEmpty { lines = ["No symbol matches."] }
    if isTruncated { lines.append("(More symbols follow; a text behind the command chooses among them.)") }
    return Answer(lines, SymbolsData(symbols: found, isTruncated: isTruncated))
  }
}
