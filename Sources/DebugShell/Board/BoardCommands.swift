// Owns what the commands on tasks, faults and programs answer where the target is a board: its PEs are the tasks. It does not know how the
// board runs.
import Architecture
import Debugging
import Laboratory
import Machine

extension Shell {
  /// Why a command for programs has no answer.
  static let onlyForPrograms =
    "An image on a board has no processes, mappings, system calls or signals of Linux; pt and pagewalk show what its tables map."

  private func data(_ processor: Processor, _ board: DebuggedBoard) -> TaskData {
    let state =
      !board.session.isOn(processor.number)
      ? "off" : (processor.waiting == nil ? "running" : "waiting") + ", EL\(processor.pstate.exceptionLevel)"
    return TaskData(
      task: Int32(processor.number), process: 0, parent: nil, name: "PE \(processor.number)", state: state, systemCall: nil,
      isChosen: processor === board.processor, place: placeData(processor.pc))
  }

  func infoProcessors(_ board: DebuggedBoard) -> Answer<TasksData> {
    let tasks = board.processors.map { data($0, board) }
    let rows = tasks.map { task -> [String] in
      let processor = board.processors[Int(task.task)]
      let place = board.session.isOn(processor.number) ? symbols.label(processor.pc) : ""
      return ["\(task.isChosen ? "*" : " ") \(task.task)", task.state, "\(processor.instructionsRetired)", place]
    }
    return Answer(table([["  PE", "State", "Instructions", "Place"]] + rows), TasksData(tasks: tasks))
  }

  func chooseProcessor(_ given: CommandArguments, _ board: DebuggedBoard) throws(ShellError) -> Answer<TaskData> {
    if !given.text.isEmpty {
      let number = try evaluate(given.text).bits
      guard let processor = board.processors.first(where: { UInt64($0.number) == number }) else {
        throw ShellError("There is no PE \(number); info tasks lists them.")
      }
      if !board.session.isOn(processor.number) { throw ShellError("PE \(number) is off.") }
      view = View()
      board.chosen = processor
    }
    let task = data(board.processor, board)
    return Answer(["[PE \(task.task), \(task.state)]"] + placeLines(board.programCounter, board), task)
  }

  /// Tells that another PE has stopped than the one at which the user looked.
  func processorChange(_ board: DebuggedBoard) -> [String] {
    let number = board.processor.number
    defer { shownProcessor = number }
    return number == shownProcessor ? [] : ["[Switching to PE \(number)]"]
  }

  func boardProgram(_ board: DebuggedBoard) -> Answer<ProgramData> {
    var status: Int32?
    if case .exited(let code) = board.outcome { status = code }
    let place = board.outcome == nil ? "stands before" : status.map { "exited with status \($0) at" } ?? "is over at"
    let pc = board.programCounter
    return Answer(
      [
        path!,
        "\(place) \(symbols.label(pc)), \(board.instructionsRetired) instructions retired, \(board.faultHistory.count) aborts taken",
      ],
      ProgramData(
        path: path!, arguments: [], next: placeData(pc), status: status, isOver: board.outcome != nil,
        instructions: board.instructionsRetired, aborts: board.faultHistory.count))
  }
}
