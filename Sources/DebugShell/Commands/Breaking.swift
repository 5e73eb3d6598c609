// Owns break, tbreak, catch, delete and info breakpoints.
// It does not know how a run stops.
import Architecture
import Debugging

extension Shell {
  func `break`(_ given: CommandArguments) throws(ShellError) -> [String] { try setBreakpoint(given, isTemporary: false) }
  func tbreak(_ given: CommandArguments) throws(ShellError) -> [String] { try setBreakpoint(given, isTemporary: true) }

  private func setBreakpoint(_ given: CommandArguments, isTemporary: Bool) throws(ShellError) -> [String] {
    _ = try program()
    let address = try location(given.text)
    if address & 3 != 0 { throw ShellError("\(hexadecimal(address)) cannot have a breakpoint: instructions are 4-byte aligned") }
    let row = breakpoints.add(.address(address), isTemporary: isTemporary)
    applyBreakpoints()
    return ["\(isTemporary ? "Temporary breakpoint" : "Breakpoint") \(row.number) at \(symbols.label(address))"]
  }

  func `catch`(_ given: CommandArguments) throws(ShellError) -> [String] {
    _ = try program()
    let words = given.words
    guard let event = words.first, "fault".hasPrefix(event) else { throw ShellError("catch needs 'fault', as in catch fault write") }
    var filter = FaultFilter()
    filter.text = words.dropFirst().joined(separator: " ")
    for word in words.dropFirst() { try add(word, to: &filter) }
    let row = breakpoints.add(.fault(filter))
    applyBreakpoints()
    return ["Catchpoint \(row.number) (\((["fault"] + words.dropFirst()).joined(separator: " ")))"]
  }

  private func add(_ word: String, to filter: inout FaultFilter) throws(ShellError) {
    if let access = FaultFilter.Access(rawValue: word) {
      filter.accesses.append(access)
    } else if let row = FaultFilter.kindNames.first(where: { $0.name == word }) {
      filter.kinds += row.kinds
    } else if word == "signal" {
      filter.onlySignals = true
    } else {
      if filter.range != nil { throw ShellError("'\(word)': one address range is possible") }
      filter.range = try addressRange(word)
    }
  }

  /// Reads a range: `START-END`, `START,END`, `START,+LENGTH`, or an address, which stands for its page.
  private func addressRange(_ word: String) throws(ShellError) -> ClosedRange<UInt64> {
    guard let separator = word.firstIndex(of: ",") ?? word.firstIndex(of: "-") else {
      let page: UInt64
      do throws(ShellError) { page = try address(word) & ~0xfff } catch {
        throw ShellError("\(error.message) ('help catch' lists the filters)")
      }
      return page...(page | 0xfff)
    }
    let start = try address(String(word[..<separator]))
    let rest = word[word.index(after: separator)...]
    let hasLength = word[separator] == "," && rest.hasPrefix("+")
    let second = try address(String(hasLength ? rest.dropFirst() : rest))
    let end = hasLength ? start &+ second : second
    // An end of 0 means the end of the address space.
    guard end &- 1 >= start else { throw ShellError("'\(word)' is an empty range: its end is not above its start") }
    return start...(end &- 1)
  }

  func delete(_ given: CommandArguments) throws(ShellError) -> [String] {
    if given.text.isEmpty {
      breakpoints.removeAll()
    } else {
      let numbers = given.words.map { Int($0) }
      for (word, number) in zip(given.words, numbers) {
        guard let number, breakpoints.rows.contains(where: { $0.number == number }) else {
          throw ShellError("No breakpoint number \(word).")
        }
      }
      for number in numbers { _ = breakpoints.remove(number!) }
    }
    applyBreakpoints()
    return []
  }

  func infoBreakpoints(_ given: CommandArguments) throws(ShellError) -> [String] {
    try given.isEmptyOrFail("info breakpoints")
    if breakpoints.rows.isEmpty { return ["No breakpoints or catchpoints."] }
    var lines = ["Num     Type           Disp Enb Address            What"]
    for row in breakpoints.rows {
      let number = "\(row.number)".padded(8)
      let keep = row.isTemporary ? "del " : "keep"
      switch row.kind {
      case .address(let address):
        let name = symbols.name(address).map { " <\($0)>" } ?? ""
        lines.append("\(number)breakpoint     \(keep) y   \(hexadecimal(address, digits: 16))\(name)")
      case .fault(let filter):
        lines.append("\(number)catchpoint     \(keep) y                      fault\(filter.text.isEmpty ? "" : " ")\(filter.text)")
      }
      if row.hits > 0 { lines.append("        already hit \(row.hits) time\(row.hits == 1 ? "" : "s")") }
    }
    return lines
  }
}
