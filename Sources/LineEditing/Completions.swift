// Owns what Tab does with the ways in which a word can go on: how far they agree, and how they are listed.
// It does not know where the words come from.

/// The ways in which the last word of a line can go on.
public struct Completions: Equatable, Sendable {
  /// The word in front of the cursor, with which each candidate begins.
  public let word: String
  /// Whole words, sorted, each once.
  public let candidates: [String]

  public init(word: String, candidates: some Sequence<String>) {
    self.word = word
    self.candidates = Set(candidates.filter { $0.hasPrefix(word) }).sorted()
  }

  /// What is to be typed behind the word: as far as all candidates agree, and a blank behind the only one, unless that is a folder's name.
  /// It is empty where they disagree at once.
  public var step: String {
    guard let first = candidates.first, let last = candidates.last else { return "" }
    if candidates.count == 1 { return first.dropFirst(word.count) + (first.hasSuffix("/") ? "" : " ") }
    // The candidates are sorted, so all agree where the first and the last do.
    return String(zip(first, last).prefix { $0 == $1 }.map(\.0).dropFirst(word.count))
  }

  /// The most candidates that are listed.
  static let most = 200

  /// The candidates in columns, each line with its end. Of a path its last part is shown.
  func table(width: Int) -> String {
    let shown = candidates.prefix(Self.most).map { name in
      let isFolder = name.hasSuffix("/")
      let parts = name.split(separator: "/")
      return name.contains("/") ? String(parts.last ?? "/") + (isFolder ? "/" : "") : name
    }
    let column = min((shown.map(\.count).max() ?? 0) + 2, max(width, 1))
    let columns = max(1, width / column)
    let rows = (shown.count + columns - 1) / columns
    var text = ""
    for row in 0..<rows {
      let cells = stride(from: row, to: shown.count, by: rows).map { shown[$0] }
      text += cells.dropLast().map { $0 + String(repeating: " ", count: max(1, column - $0.count)) }.joined() + (cells.last ?? "") + "\n"
    }
    let left = candidates.count - shown.count
    return left > 0 ? text + "and \(left) more\n" : text
  }
}
