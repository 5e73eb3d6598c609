// Owns display, undisplay and info display, and the commands that run after a stop. It does not know why the program stopped.
import Debugging

/// What is shown at each stop.
struct DisplayTable {
  struct Row {
    let number: Int
    let text: String
    /// The text behind the slash; nil without one.
    let format: String?
    var isEnabled = true
  }
  private(set) var rows: [Row] = []
  private var nextNumber = 1

  mutating func add(_ text: String, format: String?) -> Row {
    defer { nextNumber += 1 }
    rows.append(Row(number: nextNumber, text: text, format: format))
    return rows.last!
  }
  mutating func remove(_ number: Int) { rows.removeAll { $0.number == number } }
  mutating func removeAll() { rows = [] }
  mutating func setEnabled(_ number: Int, _ isEnabled: Bool) {
    for index in rows.indices where rows[index].number == number { rows[index].isEnabled = isEnabled }
  }

  /// The numbers that words name; all of them if there is no word.
  func numbers(_ words: some Collection<String>) throws(ShellError) -> [Int] {
    if words.isEmpty { return rows.map(\.number) }
    var numbers: [Int] = []
    for word in words {
      guard let number = Int(word), rows.contains(where: { $0.number == number }) else { throw ShellError("No display number \(word).") }
      numbers.append(number)
    }
    return numbers
  }
}

extension Shell {
  func display(_ given: CommandArguments) throws(ShellError) -> [String] {
    if given.text.isEmpty { return displayLines() }
    _ = try ExpressionParser.parse(given.text)
    let row = displays.add(given.text, format: given.format)
    return target == nil ? [] : lines(of: row)
  }

  func undisplay(_ given: CommandArguments) throws(ShellError) -> [String] {
    for number in try displays.numbers(given.words) { displays.remove(number) }
    return []
  }

  func infoDisplay(_ given: CommandArguments) throws(ShellError) -> [String] {
    try given.isEmptyOrFail("info display")
    if displays.rows.isEmpty { return ["There are no auto-display expressions now."] }
    return ["Num Enb Expression"]
      + displays.rows.map { "\($0.number):".padded(4) + ($0.isEnabled ? "y" : "n") + "   " + ($0.format.map { "/\($0) " } ?? "") + $0.text }
  }

  /// What all enabled rows show now.
  func displayLines() -> [String] { displays.rows.filter(\.isEnabled).flatMap { lines(of: $0) } }

  private func lines(of row: DisplayTable.Row) -> [String] {
    let letters = row.format ?? ""
    do throws(ShellError) {
      // Instructions, strings and formats with a size or a count are memory, as in gdb.
      if letters.contains(where: { "isbhwg".contains($0) || $0.isNumber }) {
        guard let target, let format = ExamineFormat(letters, defaults: ExamineFormat()) else {
          throw ShellError("'/\(letters)' is not a format")
        }
        let start = try address(row.text)
        let dump = Examination(format, at: start, pc: target.programCounter, symbols: symbols) { self.peek($0, count: $1) }
        return ["\(row.number): x/\(letters) \(row.text)"] + dump.lines
      }
      return ["\(row.number): \(letters.isEmpty ? "" : "/\(letters) ")\(row.text) = \(try shownText(row.text, format: row.format))"]
    } catch { return ["\(row.number): \(row.text) = <error: \(error.message)>"] }
  }
}
