// Owns faults, vmmap and info proc: they show what faulted, and what the kernel maps at the addresses.
// It does not know the fault path.
import Architecture
import Debugging
import Laboratory
import LinuxKernel
import LinuxMM

extension Shell {
  func faults(_ given: CommandArguments) throws(ShellError) -> Answer<FaultsData> {
    let history = if let board { board.faultHistory } else { try program().faultHistory }
    var entries = history.entries
    if !given.text.isEmpty { entries = entries.suffix(Int(try count(given.text))) }
    let left = history.count - entries.count
    let data = FaultsData(faults: entries.map(faultData), omitted: left)
    if entries.isEmpty { return Answer(["No fault has been taken yet."], data) }
    let rows =
      [["instructions", board == nil ? "task" : "PE", "access", "address", "ESR", "status", board == nil ? "how" : "from", "pc"]]
      + entries.map { entry in
        [
          "\(entry.instruction)", "\(entry.task.rawValue)", entry.access.rawValue, hexadecimal(entry.far), "\(entry.esr)",
          "\(entry.esr.faultStatus)", outcome(of: entry), symbols.label(entry.pc),
        ]
      }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max()! + 2 }
    var lines = rows.map { row in row.enumerated().map { $1.padded($0 == row.count - 1 ? 0 : widths[$0]) }.joined() }
    if left > 0 { lines.append("(\(left) earlier ones left out)") }
    return Answer(lines, data)
  }

  /// Whether the kernel served a fault, or its signal; on a board the Exception level that faulted.
  private func outcome(of entry: FaultLogEntry) -> String {
    if board != nil { return entry.isFromEL0 ? "EL0" : "EL1" }
    return entry.service?.text ?? Signal.name(entry.signal)
  }

  func vmmap(_ given: CommandArguments) throws(ShellError) -> Answer<MappingsData> {
    let session = try program()
    var vmas = Array(session.vmas)
    if !given.text.isEmpty {
      // A word that is a part of a mapping's name stands for these mappings, where it is no symbol.
      if symbols.address(of: given.text) == nil, given.text.first.map({ $0.isLetter || "[/".contains($0) }) ?? false {
        let named = vmas.filter { session.kernel.mapsLine($0).dropFirst(73).contains(given.text) }
        if !named.isEmpty {
          let lines = named.map { session.kernel.mapsLine($0) }
          return Answer(lines, MappingsData(mappings: zip(named, lines).map { MappingData($0, line: $1) }))
        }
      }
      let wanted = try address(given.text)
      vmas = vmas.filter { $0.contains(wanted) }
      if vmas.isEmpty { return Answer(["Nothing is mapped at \(hexadecimal(wanted))."], MappingsData(mappings: [])) }
    }
    let lines = vmas.map { session.kernel.mapsLine($0) }
    return Answer(lines, MappingsData(mappings: zip(vmas, lines).map { MappingData($0, line: $1) }))
  }

  func infoProc(_ given: CommandArguments) throws(ShellError) -> Answer<MappingsData> {
    if !given.text.isEmpty && !"mappings".hasPrefix(given.text) { throw ShellError("info proc knows 'mappings' only") }
    return try vmmap(CommandArguments(text: ""))
  }
}

extension FaultLogEntry {
  /// Whether the class of the exception is one of a lower Exception level. Arm ARM D24.2.40: classes 0x20 and 0x24.
  var isFromEL0: Bool { esr.classCode & 1 == 0 }
}
