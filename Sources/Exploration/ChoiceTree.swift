// Owns the enumeration of all sequences of choices that a repeatable run makes.
// It does not know what the choices are about.

/// All ways through a tree whose forks become known only while it is walked. A run asks `choose` at each fork, `next` begins
/// the next run, and the runs together take every way once, in order. A run must ask the same questions as long as it gets the same
/// answers.
public struct ChoiceTree: Sendable {
  private var path: [(taken: Int, count: Int)] = []
  private var depth = 0

  public init() {}

  /// Chooses one of 0..<count.
  public mutating func choose(of count: Int) -> Int {
    precondition(count > 0, "there is nothing to choose from")
    if depth == path.count { path.append((0, count)) }
    precondition(path[depth].count == count, "a run that is not repeatable")
    defer { depth += 1 }
    return path[depth].taken
  }

  /// Ends a run; returns false if it was the last one.
  public mutating func next() -> Bool {
    path.removeSubrange(depth...)
    depth = 0
    while let last = path.popLast() {
      if last.taken + 1 < last.count {
        path.append((last.taken + 1, last.count))
        return true
      }
    }
    return false
  }
}
