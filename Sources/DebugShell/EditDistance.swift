// Owns how far a word is from another one, and which word was probably meant.
// It does not know what the words are for.

/// Slips of the fingers.
public enum EditDistance {
  /// Whether so small a distance is a slip of the fingers.
  public static func isSlip(_ distance: Int, of word: String) -> Bool { distance <= (word.count < 5 ? 1 : 2) }

  /// The nearest of some names, if the word can be a slip of it. Of names that are equally near it is the first.
  public static func nearest(_ word: String, in names: [String]) -> String? {
    // A word of one or two letters is near to all others of its length.
    if word.count < 3 || word.count > 64 { return nil }
    let nearest = names.map { (name: $0, distance: between($0, word)) }.min { $0.distance < $1.distance }
    return nearest.flatMap { isSlip($0.distance, of: word) ? $0.name : nil }
  }

  /// The least number of characters to insert, remove, replace, or swap with their neighbour.
  public static func between(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first), Array(second))
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var least = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
        if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
