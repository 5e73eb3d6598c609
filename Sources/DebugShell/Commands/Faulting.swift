// Owns faults, vmmap and info proc: they show what faulted, and what the kernel maps at the addresses.
// It does not know the fault path.
import Architecture
import Debugging
import Laboratory
import LinuxKernel
import LinuxMM

extension Shell {
  func faults(_ given: CommandArguments) throws(ShellError) -> [String] {
    let session = try program()
    var entries = session.faultHistory.entries
    if !given.text.isEmpty { entries = entries.suffix(Int(try count(given.text))) }
    if entries.isEmpty { return ["No fault has been taken yet."] }
    let rows =
      [["instructions", "task", "access", "address", "ESR", "status", "outcome", "pc"]]
      + entries.map { entry in
        [
          "\(entry.instruction)", "\(entry.task.rawValue)", entry.access.rawValue, hexadecimal(entry.far), "\(entry.esr)",
          "\(entry.esr.faultStatus)", entry.signal == 0 ? "served" : Signal.name(entry.signal), symbols.label(entry.pc),
        ]
      }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max()! + 2 }
    var lines = rows.map { row in row.enumerated().map { $1.padded($0 == row.count - 1 ? 0 : widths[$0]) }.joined() }
    let left = session.faultHistory.count - entries.count
    if left > 0 { lines.append("(\(left) earlier ones left out)") }
    return lines
  }

  func vmmap(_ given: CommandArguments) throws(ShellError) -> [String] {
    let session = try program()
    if given.text.isEmpty { return session.vmas.map { session.kernel.mapsLine($0) } }
    let wanted = try address(given.text)
    guard let vma = session.vmas.first(where: { $0.contains(wanted) }) else { return ["Nothing is mapped at \(hexadecimal(wanted))."] }
    return [session.kernel.mapsLine(vma)]
  }

  func infoProc(_ given: CommandArguments) throws(ShellError) -> [String] {
    if !given.text.isEmpty && !"mappings".hasPrefix(given.text) { throw ShellError("info proc knows 'mappings' only") }
    return try vmmap(CommandArguments(text: ""))
  }
}
