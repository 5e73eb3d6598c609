// Owns pt, pagewalk and tlb: they show the tables, one walk, and the TLB entries.
// It does not walk tables: the processor's spy does.
import Architecture
import Debugging

extension Shell {
  func pt(_ given: CommandArguments) throws(ShellError) -> Answer<TablesData> {
    let target = try requiredTarget()
    let wantsAll = given.text.isEmpty || given.text == "upper"
    let wanted = wantsAll ? nil : try address(given.text)
    // Bit 55 selects the upper or lower half. Arm ARM D8.2.
    let upper = given.text == "upper" || wanted.map { $0 >> 55 & 1 != 0 } ?? false
    let dump = TableDump(target.processor, target.machine.memory, upper: upper)
    if let wanted {
      guard let run = dump.runs.first(where: { $0.contains(wanted) }) else {
        return Answer(["No descriptor maps \(hexadecimal(wanted)); pagewalk shows where the walk ends."], nil)
      }
      return Answer([run.text], TablesData(runs: [TableRunData(run)], tables: dump.tables, isTruncated: dump.isTruncated))
    }
    var lines = dump.runs.map(\.text)
    let pages = dump.runs.reduce(0) { $0 + $1.count }
    lines.append("\(upper ? "TTBR1_EL1" : "TTBR0_EL1"): \(pages) leaf descriptors in \(dump.runs.count) runs, \(dump.tables) tables")
    if dump.isTruncated { lines.append("The tree has more tables than can be: the rest is left out.") }
    return Answer(lines, TablesData(runs: dump.runs.map(TableRunData.init), tables: dump.tables, isTruncated: dump.isTruncated))
  }

  func pagewalk(_ given: CommandArguments) throws(ShellError) -> Answer<WalkData> {
    let target = try requiredTarget()
    let words = given.words
    let wantsFields = words.count > 1 && words.last == "fields"
    let va = try address(wantsFields ? words.dropLast().joined(separator: " ") : given.text)
    let base = va >> 55 & 1 != 0 ? SystemRegister.TTBR1_EL1 : .TTBR0_EL1
    let table = hexadecimal(target.processor.read(base) ?? 0)
    let walk = target.processor.explainWalk(va)
    return Answer(
      ["pagewalk of \(symbols.label(va)) from \(base) = \(table)"] + walk.lines(for: va, fields: wantsFields), WalkData(walk, of: va))
  }

  func tlb(_ given: CommandArguments) throws(ShellError) -> Answer<TLBData> {
    let target = try requiredTarget()
    var entries = target.processor.tlbEntries()
    if !given.text.isEmpty {
      let page = try address(given.text) & ~0xfff
      entries = entries.filter { $0.va == page }
    }
    if entries.isEmpty { return Answer([given.text.isEmpty ? "The TLB is empty." : "The TLB has no such entry."], TLBData([])) }
    let lines = entries.map { entry in
      "\(hexadecimal(entry.va, digits: 16))  pa \(hexadecimal(entry.pa))  \(entry.isGlobal ? "global" : "ASID \(entry.asid)")  "
        + "of \(entry.size >> 10)K  EL0 \(entry.permissions.replacing(" ", with: " EL1 "))"
    }
    return Answer(lines, TLBData(entries))
  }
}
