// Owns making stretches: their classes, their words, and the register values that lead accesses and branches to valid places.
// It does not know what runs them.

/// A source of random stretches, which counts the words of each class that it tried and left out. The same seed gives the same
/// stretches.
public struct StretchGenerator {
  public let classes: [Int]
  public private(set) var tried: [Int]
  public private(set) var skipped: [Int]
  private var random: RandomOperands
  private var turn = 0

  /// Draws from these classes of `EncodingClass.all`, by index.
  public init(seed: UInt64, classes: [Int]) {
    precondition(!classes.isEmpty)
    self.classes = classes
    tried = [Int](repeating: 0, count: EncodingClass.all.count)
    skipped = tried
    random = RandomOperands(seed: seed)
  }

  /// The next stretch: 1 to 8 words. Half of them come from one class, and successive stretches take the classes in turn.
  public mutating func next() -> Stretch {
    let leading = classes[turn % classes.count]
    turn += 1
    var draft = StretchDraft(&random)
    let count = 1 + random.below(Stretch.wordLimit)
    let mixed = random.chance(1, in: 2)
    while draft.words.count < count {
      let index = mixed && !draft.words.isEmpty ? random.choice(classes) : leading
      append(index, to: &draft, limit: count)
    }
    return draft.finished(&random)
  }

  /// Adds a word of the class, or the two words of a pair; a NOP if no word fits in many attempts.
  private mutating func append(_ index: Int, to draft: inout StretchDraft, limit: Int) {
    let kind = EncodingClass.all[index]
    for _ in 0..<32 {
      let word = randomWord(kind)
      if let row = Exclusion.row(of: word), !draft.avoids(row) {
        skipped[index] += 1
      } else {
        let before = draft.words.count
        if draft.add(word, of: kind, index: index, &random) {
          tried[index] += draft.words.count - before
          return
        }
      }
    }
    draft.addFiller(index)
  }

  /// A word with random free bits. In a quarter of the cases two register fields are equal.
  private mutating func randomWord(_ kind: EncodingClass) -> UInt32 {
    let pattern = random.choice(kind.patterns)
    var bits = UInt32(truncatingIfNeeded: random.bits())
    let target = bits & 0x1f
    switch random.below(8) {
    case 0: bits = bits & ~0x3e0 | target << 5
    case 1: bits = bits & ~0x1f_0000 | target << 16
    default: break
    }
    return pattern.word(bits)
  }
}
