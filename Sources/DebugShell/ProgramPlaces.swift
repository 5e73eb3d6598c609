// Owns where breakpoints lie in each program: a name is looked for again in a program that execve starts. It does not know how a run stops
// there.
import Debugging
import Laboratory
import LinuxKernel
import LinuxMM
import Symbols

extension Shell {
  /// The address of a breakpoint in the program that the running task runs; nil if the breakpoint has none there, or is no breakpoint.
  func address(of row: Breakpoint) -> UInt64? {
    guard row.name != nil, let session else { return row.address }
    guard let program = session.runningProgram else { return row.places[.none]?.first }
    return place(of: row.number, in: program, session)
  }

  /// The addresses of breakpoints in all programs that run.
  func addresses(of rows: [Breakpoint]) -> Set<UInt64> {
    guard let session else { return Set(rows.compactMap(\.address)) }
    var addresses = Set(rows.filter { $0.name == nil }.compactMap(\.address))
    let named = rows.filter { $0.name != nil }
    if named.isEmpty { return addresses }
    let programs = Set(session.kernel.tasks.compactMap { $0.space.map { session.programFile(of: $0) } })
    for row in named { addresses.formUnion(programs.compactMap { place(of: row.number, in: $0, session) }) }
    return addresses
  }

  private func place(of number: Int, in program: FileID, _ session: Session) -> UInt64? {
    let row = breakpoints[number]
    guard let name = row.name else { return row.address }
    if let known = row.places[program] { return known.first }
    let found = Array(places(named: name.text, in: session.debugInformation(ofProgram: program)).dropFirst(name.index).prefix(1))
    breakpoints[number].places[program] = found
    return found.first
  }

  /// The addresses of a name in a program: the body of a function and the places where the function was inlined, or the code of FILE:LINE.
  func places(named text: String, in information: DebugInformation) -> [UInt64] {
    let lines = information.lines
    if let start = information.symbols.address(of: text) {
      let body = lines.bodyStart(ofFunctionAt: start) ?? start
      // No program may call main, so it is never inlined, and the search is spared.
      return [body] + (text == "main" ? [] : lines.inlinedPlaces(of: text).filter { $0 != body })
    }
    if let match = text.wholeMatch(of: /(.+):([0-9]+)/), let line = Int(match.2) {
      return lines.addresses(file: String(match.1), line: line)
    }
    return text.wholeMatch(of: /[A-Za-z_][\w:~]*/) == nil ? [] : lines.inlinedPlaces(of: text)
  }

  /// A location that is a name, with its addresses in the program that the chosen task runs; nil for an address.
  func named(_ location: String) throws(ShellError) -> (text: String, addresses: [UInt64])? {
    if location.isEmpty || location.hasPrefix("*") || location.hasPrefix("$") { return nil }
    guard let information = debugInformation else { return nil }
    if let line = try lineLocation(location) {
      let text = "\(line.file):\(line.line)"
      let addresses = places(named: text, in: information)
      if addresses.isEmpty { throw ShellError("No line \(line.line) in file \"\(line.file)\".") }
      return (text, addresses)
    }
    let addresses = places(named: location, in: information)
    return addresses.isEmpty ? nil : (location, addresses)
  }

  /// The program that the chosen task runs.
  var viewedProgram: FileID {
    guard let session else { return .none }
    return otherTask?.space.map { session.programFile(of: $0) } ?? session.runningProgram ?? .none
  }

  /// Says that a breakpoint lies where a function was inlined: `, inlined in main`.
  func inliningText(_ address: UInt64, _ name: String) -> String {
    guard let frames = debugInformation?.lines.frames(at: address), let outer = frames.last,
      frames.dropLast().contains(where: { $0.function == name })
    else { return "" }
    return ", inlined in \(outer.function)"
  }
}
