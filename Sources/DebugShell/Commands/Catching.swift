// Owns catch: which events a catchpoint stops at. It does not know how a run stops.
import Architecture
import Debugging
import LinuxKernel

extension Shell {
  func `catch`(_ given: CommandArguments) throws(ShellError) -> Answer<StopPointsData> { try setCatchpoint(given, isTemporary: false) }
  func tcatch(_ given: CommandArguments) throws(ShellError) -> Answer<StopPointsData> { try setCatchpoint(given, isTemporary: true) }

  private static let events = ["fault", "syscall", "signal", "fork", "vfork", "exec"]

  private func setCatchpoint(_ given: CommandArguments, isTemporary: Bool) throws(ShellError) -> Answer<StopPointsData> {
    _ = try requiredTarget()
    let (text, condition) = try splitCondition(given.text)
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    let candidates = words.first.map { word in Self.events.filter { $0 == word || word.count > 1 && $0.hasPrefix(word) } } ?? []
    guard candidates.count == 1, let event = candidates.first else {
      throw ShellError("catch needs one of \(Self.events.joined(separator: ", ")), as in catch fault write")
    }
    if board != nil && event != "fault" { throw ShellError("Of an image on a board, faults can be caught. " + Self.onlyForPrograms) }
    let rest = words.dropFirst()
    let kind: Breakpoint.Kind
    switch event {
    case "fault": kind = .fault(try faultFilter(rest))
    case "syscall": kind = .systemCall(try systemCalls(rest))
    case "signal": kind = .signal(try signals(rest))
    default:
      if let word = rest.first { throw ShellError("catch \(event) takes no argument: '\(word)'") }
      kind = event == "exec" ? .exec : .fork
    }
    let row = breakpoints.add(kind, isTemporary: isTemporary)
    breakpoints[row.number].condition = condition
    return Answer(
      ["\(row.title) \(row.number) (\(([event] + rest).joined(separator: " ")))"],
      StopPointsData(stopPoints: [stopPointData(breakpoints[row.number])]))
  }

  private func systemCalls(_ words: ArraySlice<String>) throws(ShellError) -> Set<UInt64> {
    var calls: Set<UInt64> = []
    for word in words {
      guard let number = Number.parse(word) ?? (0..<512).first(where: { SystemCallNames.name($0) == word }) else {
        throw ShellError("Unknown syscall name '\(word)'.")
      }
      calls.insert(number)
    }
    return calls
  }

  private func signals(_ words: ArraySlice<String>) throws(ShellError) -> Set<Int32> {
    var signals: Set<Int32> = []
    for word in words where word != "all" {
      guard let number = Self.signal(word) else {
        throw ShellError("'\(word)' is no signal: use a name or a number, as in catch signal SIGSEGV")
      }
      signals.insert(number)
    }
    return signals
  }

  // MARK: Faults

  private func faultFilter(_ words: ArraySlice<String>) throws(ShellError) -> FaultFilter {
    var filter = FaultFilter()
    filter.text = words.joined(separator: " ")
    let moment = words.first.flatMap { ["before", "after"].contains($0) ? $0 : nil }
    filter.isBefore = moment == "before"
    for word in moment == nil ? words : words.dropFirst() { try add(word, to: &filter) }
    if filter.isBefore && filter.onlySignals {
      throw ShellError("Whether a fault becomes a signal is known only behind the kernel's handler: catch fault after signal")
    }
    return filter
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
}
