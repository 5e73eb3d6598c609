// Owns schedules: the order in which actors go on, as a value that can be printed and followed again.
// It does not know how a schedule is found.

/// The actors of a run in the order in which they went on, one number for each step. The printed form counts repetitions: `0*5
/// 1*3 0`.
public struct Schedule: Hashable, Sendable, CustomStringConvertible {
  public var actors: [Int] = []
  public init() {}

  /// Reads a printed schedule; nil if the text is not the printed form of one.
  public init?(_ text: String) {
    for part in text.split(separator: " ") {
      let numbers = part.split(separator: "*", omittingEmptySubsequences: false).map { Int($0) }
      guard numbers.count <= 2, let actor = numbers[0], actor >= 0, let count = numbers.count == 2 ? numbers[1] : 1, count > 0,
        count <= 1 << 20
      else { return nil }
      actors += Array(repeating: actor, count: count)
    }
  }

  public var description: String {
    var runs: [(actor: Int, count: Int)] = []
    for actor in actors {
      if runs.last?.actor == actor { runs[runs.count - 1].count += 1 } else { runs.append((actor, 1)) }
    }
    return runs.map { $0.count == 1 ? "\($0.actor)" : "\($0.actor)*\($0.count)" }.joined(separator: " ")
  }
}
