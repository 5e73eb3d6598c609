// Owns the text of an explained report: its parts in the order in which a reader needs them.
// It does not know why anything happened.
import Architecture
import Debugging

extension OopsExplanation {
  /// The explanation as lines of text, without line ends. Parts are separated by empty lines.
  public var lines: [String] {
    let parts = [head, syndromeLines, tableLines, codeLines, hintLines].filter { !$0.isEmpty }
    return Array(parts.joined(separator: [""]))
  }

  private var head: [String] {
    let number = report.number.map { " #\($0)" } ?? ""
    var lines = ["\(report.kind.rawValue)\(number): \(title)"]
    var place: [String] = []
    if let symbol = report.pcSymbol { place.append("in \(symbol)") } else if let pc = report.pc { place.append("at pc \(hexadecimal(pc))") }
    if let mapping = report.mapping {
      let offset = mapping.offset ?? report.pc.map { $0 &- mapping.start }
      place.append("in \(mapping.file)" + (offset.map { ", offset \(hexadecimal($0)) in the file" } ?? ""))
    }
    if let symbol = report.lrSymbol { place.append("called from \(symbol)") }
    if let task = report.task { place.append("task \(task)" + (report.process.map { " (\($0))" } ?? "")) }
    if let cpu = report.cpu { place.append("CPU \(cpu)") }
    if let release = report.release { place.append("Linux \(release)") }
    if !place.isEmpty { lines.append("  " + place.joined(separator: ", ")) }
    lines += report.notes.map { "  \($0)" }
    if let meaning { lines.append("  Linux: \(meaning)") }
    return lines
  }

  private var syndromeLines: [String] {
    guard let syndrome else { return [] }
    return syndrome.lines + outcomes.map(\.line)
  }

  private var tableLines: [String] {
    guard let table = report.pageTable else { return [] }
    let place = report.address.map { " of \(hexadecimal($0))" } ?? ""
    if let refusal = table.refusal { return ["page tables\(place): none, \"\(refusal)\""] }
    guard let walk, walk.format != nil else {
      if table.entries.isEmpty { return [] }
      return ["page tables\(place): the log says no page size, so the levels are not known"]
        + table.entries.map { "  \($0.name)  \(bareHexadecimal($0.value, digits: 16))\($0.value == 0 ? "  nothing here" : "")" }
    }
    let owner = table.isUser ? "the program's (TTBR0_EL1)" : "the kernel's (TTBR1_EL1)"
    let root = table.root.map { ", pgdp \(hexadecimal($0))" } ?? ""
    var lines = [
      "page tables\(place): \(owner), \(table.pageSize >> 10)k pages, \(table.addressBits)-bit addresses, levels "
        + "\(walk.levels.lowerBound) to 3\(root)"
    ]
    let width = walk.steps.map(\.names.count).max() ?? 0
    for step in walk.steps {
      let name = step.names + String(repeating: " ", count: width - step.names.count)
      let level = step.level < 0 ? "\(step.level)" : " \(step.level)"
      lines.append(
        "  \(name)  level \(level)  \(bareHexadecimal(step.explanation.descriptor.rawValue, digits: 16))  \(step.explanation.summary)")
    }
    if let verdict, !verdict.text.isEmpty { lines.append("  \(verdict.text)") }
    return lines + refusals.map { "  \($0)" }
  }

  private var codeLines: [String] {
    if code.isEmpty { return [] }
    let place = report.pcSymbol.map { ", \($0)" } ?? ""
    let targets = report.pc == nil && report.offsetInFunction != nil ? "; branch targets are offsets in the function" : ""
    var lines = ["code before the PC\(place)\(targets)"]
    for line in code {
      let word = line.word.map { bareHexadecimal($0, digits: 8) } ?? "????????"
      lines.append("  \(line.isFaulting ? "=>" : "  ") \(word)  \(line.text)")
    }
    guard let access else { return lines }
    if !access.registers.isEmpty {
      lines.append("  " + access.registers.map { "\($0.name) = \(hexadecimal($0.value))" }.joined(separator: ", "))
    }
    if let address = access.address {
      let verdict =
        switch access.agrees {
        case true?: ", as the fault's address says"
        case false?:
          ", but the fault's address is \(report.address.map { hexadecimal($0) } ?? ""): the registers are not those of the access"
        case nil: ""
        }
      lines.append("  the access is to \(access.expression) = \(hexadecimal(address))\(verdict)")
    }
    return lines
  }

  private var hintLines: [String] { hints.isEmpty ? [] : ["what follows"] + hints.map { "  \($0)" } }
}
