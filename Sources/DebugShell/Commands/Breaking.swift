// Owns break, tbreak, watch, catch, and what can be done to the stop points: delete, clear, enable, disable, condition, ignore. It does not
// know how a run stops.
import Architecture
import Debugging
import LinuxKernel
import Machine

extension Shell {
  func `break`(_ given: CommandArguments) throws(ShellError) -> Answer<StopPointsData> { try setBreakpoint(given, isTemporary: false) }
  func tbreak(_ given: CommandArguments) throws(ShellError) -> Answer<StopPointsData> { try setBreakpoint(given, isTemporary: true) }

  private func setBreakpoint(_ given: CommandArguments, isTemporary: Bool) throws(ShellError) -> Answer<StopPointsData> {
    _ = try requiredTarget()
    let (place, condition) = try splitCondition(given.text)
    var answer = Answer([], StopPointsData(stopPoints: []))
    let named = try named(place)
    for (index, address) in try stopPlaces(place, named).enumerated() {
      if address & 3 != 0 { throw ShellError("\(hexadecimal(address)) cannot have a breakpoint: instructions are 4-byte aligned") }
      let row = breakpoints.add(.address(address), isTemporary: isTemporary)
      breakpoints[row.number].condition = condition
      if let named {
        breakpoints[row.number].name = (named.text, index)
        breakpoints[row.number].places[viewedProgram] = [address]
      }
      let inlining = named.map { inliningText(address, $0.text) } ?? ""
      answer.lines.append("\(isTemporary ? "Temporary breakpoint" : "Breakpoint") \(row.number) at \(placeText(address))\(inlining)")
      answer.data?.stopPoints.append(stopPointData(breakpoints[row.number]))
    }
    return answer
  }

  /// The addresses of a location, which may be a name.
  private func stopPlaces(_ location: String, _ named: (text: String, addresses: [UInt64])?) throws(ShellError) -> [UInt64] {
    if let named { return named.addresses }
    return try locations(location)
  }

  /// Splits `main if $x0 == 1` into the place and the condition.
  func splitCondition(_ text: String) throws(ShellError) -> (place: String, condition: (text: String, expression: Expression)?) {
    let words = " " + text
    guard let match = words.firstRange(of: /\sif[\s(]/) else { return (text, nil) }
    let place = String(words[..<match.lowerBound]).trimmed
    let start = words.index(match.lowerBound, offsetBy: 3)
    return (place, try condition(String(words[start...]).trimmed))
  }

  private func condition(_ text: String) throws(ShellError) -> (text: String, expression: Expression) {
    (text, try ExpressionParser.parse(text))
  }

  // MARK: Watchpoints

  func watch(_ given: CommandArguments) throws(ShellError) -> Answer<StopPointsData> {
    try setWatchpoint(given, reads: false, writes: true)
  }
  func rwatch(_ given: CommandArguments) throws(ShellError) -> Answer<StopPointsData> {
    try setWatchpoint(given, reads: true, writes: false)
  }
  func awatch(_ given: CommandArguments) throws(ShellError) -> Answer<StopPointsData> {
    try setWatchpoint(given, reads: true, writes: true)
  }

  private func setWatchpoint(_ given: CommandArguments, reads: Bool, writes: Bool) throws(ShellError) -> Answer<StopPointsData> {
    _ = try requiredTarget()
    var (text, condition) = try splitCondition(given.text)
    for option in ["-l ", "-location "] where text.hasPrefix(option) { text = String(text.dropFirst(option.count)).trimmed }
    if text.isEmpty { throw ShellError("A place in memory is missing: a symbol, *(u32*)ADDRESS, or pte ADDRESS.") }
    let kind: Breakpoint.Kind
    if writes && !reads, text.hasPrefix("pte "), text.dropFirst(4).contains(where: { !$0.isWhitespace }) {
      kind = .descriptor(WatchedDescriptor(address: try address(String(text.dropFirst(4))), value: nil))
    } else {
      kind = .watch(try watchedPlace(text, reads: reads, writes: writes))
    }
    let row = breakpoints.add(kind)
    breakpoints[row.number].condition = condition
    return Answer(["\(row.title) \(row.number): \(text)"], StopPointsData(stopPoints: [stopPointData(breakpoints[row.number])]))
  }

  /// The memory that an expression names: an object, or the place of a load.
  private func watchedPlace(_ text: String, reads: Bool, writes: Bool) throws(ShellError) -> WatchedPlace {
    let (start, type, size) = try memoryPlace(text)
    return WatchedPlace(
      text: text, watch: Watch(start: VirtualAddress(start).untagged.rawValue, count: size, reads: reads, writes: writes), type: type,
      value: nil)
  }

  /// The address, the type and the number of bytes of an expression that stands for a place in memory.
  func memoryPlace(_ text: String) throws(ShellError) -> (address: UInt64, type: ValueType, size: UInt64) {
    let names = ShellNames(shell: self)
    switch try ExpressionParser.parse(text) {
    case .symbol(let name):
      let address = try names.symbol(name).bits
      // An object of another size is shown by its first bytes.
      let size = symbols.place(address).map { $0.size } ?? 0
      let shown = [1, 2, 4, 8].contains(size) ? Int(size) : size > 8 || size == 0 ? 8 : 4
      return (address, ValueType.sized(shown), max(1, size == 0 ? 8 : min(size, 1 << 20)))
    case .load(let place, let type):
      let address = try place.value(names)
      let type = type ?? address.type.target
      return (address.bits, type, UInt64(type.size))
    default: throw ShellError("'\(text)' is no place in memory: use a symbol, *(u32*)ADDRESS or {u32}ADDRESS.")
    }
  }

  // MARK: The table

  func delete(_ given: CommandArguments) throws(ShellError) -> [String] {
    if given.text.isEmpty {
      breakpoints.removeAll()
      return []
    }
    var words = given.words
    if words.first.map({ "breakpoints".hasPrefix($0) && !$0.isEmpty && Int($0) == nil }) ?? false { words.removeFirst() }
    if words.first == "display" { return try undisplay(CommandArguments(text: words.dropFirst().joined(separator: " "))) }
    for number in try numbers(words) { _ = breakpoints.remove(number) }
    return []
  }

  func clear(_ given: CommandArguments) throws(ShellError) -> [String] {
    let places = Set(try stopPlaces(given.text, named(given.text)))
    var numbers: [Int] = []
    for row in breakpoints.rows { if let address = address(of: row), places.contains(address) { numbers.append(row.number) } }
    if numbers.isEmpty { throw ShellError("No breakpoint at \(given.text.isEmpty ? "this line" : given.text).") }
    for number in numbers { _ = breakpoints.remove(number) }
    return ["Deleted breakpoint\(numbers.count == 1 ? "" : "s") " + numbers.map(String.init).joined(separator: " ")]
  }

  func enable(_ given: CommandArguments) throws(ShellError) -> [String] { try setEnabled(given, true) }
  func disable(_ given: CommandArguments) throws(ShellError) -> [String] { try setEnabled(given, false) }

  private func setEnabled(_ given: CommandArguments, _ isEnabled: Bool) throws(ShellError) -> [String] {
    var words = given.words
    if words.first == "breakpoints" || words.first == "once" { words.removeFirst() }
    if words.first == "display" {
      for number in try displays.numbers(words.dropFirst()) { displays.setEnabled(number, isEnabled) }
      return []
    }
    for number in words.isEmpty ? breakpoints.rows.map(\.number) : try numbers(words) { breakpoints[number].isEnabled = isEnabled }
    return []
  }

  private func numbers(_ words: [String]) throws(ShellError) -> [Int] {
    var numbers: [Int] = []
    for word in words {
      guard let number = Int(word), breakpoints.has(number) else { throw ShellError("No breakpoint number \(word).") }
      numbers.append(number)
    }
    return numbers
  }

  /// condition N EXPRESSION; without an expression the stop point always stops.
  func condition(_ given: CommandArguments) throws(ShellError) -> [String] {
    let parts = given.text.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
    guard let first = parts.first else { throw ShellError("condition needs a number, as in condition 1 $x0 == 2") }
    let number = try numbers([first])[0]
    if parts.count == 1 {
      breakpoints[number].condition = nil
      return ["Breakpoint \(number) now unconditional."]
    }
    breakpoints[number].condition = try condition(parts[1].trimmed)
    return []
  }

  func ignore(_ given: CommandArguments) throws(ShellError) -> [String] {
    let parts = given.text.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
    guard parts.count == 2 else { throw ShellError("ignore needs a number and a count, as in ignore 1 5") }
    let number = try numbers([parts[0]])[0]
    let count = try evaluate(parts[1]).bits
    breakpoints[number].ignored = count
    return ["Will ignore next \(count) crossing\(count == 1 ? "" : "s") of breakpoint \(number)."]
  }

  func infoBreakpoints(_ given: CommandArguments) throws(ShellError) -> Answer<StopPointsData> {
    try given.isEmptyOrFail("info breakpoints")
    let data = StopPointsData(stopPoints: breakpoints.rows.map { stopPointData($0) })
    if breakpoints.rows.isEmpty { return Answer(["No breakpoints, watchpoints or catchpoints."], data) }
    var lines = ["Num     Type           Disp Enb Address            What"]
    for row in breakpoints.rows {
      let place = address(of: row).map { hexadecimal($0, digits: 16) } ?? ""
      let head =
        "\(row.number)".padded(8) + row.typeName.padded(15) + (row.isTemporary ? "del  " : "keep ") + (row.isEnabled ? "y   " : "n   ")
      lines.append(head + place.padded(18) + " " + what(row))
      if let condition = row.condition { lines.append("        stop only if \(condition.text)") }
      if row.hits > 0 { lines.append("        already hit \(row.hits) time\(row.hits == 1 ? "" : "s")") }
      if row.ignored > 0 { lines.append("        ignore next \(row.ignored) hits") }
      lines += row.commands.map { "        \($0)" }
    }
    return Answer(lines, data)
  }

  func what(_ row: Breakpoint) -> String {
    switch row.kind {
    case .address:
      guard let address = address(of: row) else { return "\(row.name?.text ?? ""), which this program does not have" }
      let name = symbols.name(address).map { "<\($0)>" } ?? ""
      return name + (sourceLine(address)?.shortPlace.map { " \($0)" } ?? "")
    case .watch(let place): return place.text
    case .descriptor(let descriptor): return "descriptor of \(hexadecimal(descriptor.address))"
    case .fault(let filter): return "fault\(filter.text.isEmpty ? "" : " ")\(filter.text)"
    case .systemCall(let calls):
      return "syscall " + (calls.isEmpty ? "<any>" : calls.sorted().map { SystemCallNames.name($0) ?? "\($0)" }.joined(separator: ", "))
    case .signal(let signals): return "signal " + (signals.isEmpty ? "<any>" : signals.sorted().map(Signal.name).joined(separator: ", "))
    case .fork: return "fork"
    case .exec: return "exec"
    }
  }
}
