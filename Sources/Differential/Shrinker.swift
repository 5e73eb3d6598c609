// Owns making a differing stretch small: first the fewest words, then the fewest operands, that still differ.
// It does not know what the words are.

/// A stretch that differs, as small as possible, with both results.
public struct Mismatch: Sendable {
  public let stretch: Stretch
  /// The indices of the words that matter; the other words are NOPs.
  public let words: [Int]
  public let ours: StretchState?
  public let theirs: StretchState?
  /// The message of an emulator that died; nil if none did.
  public let failure: String?
}

struct Shrinker {
  let comparison: Comparison
  /// The number of stretches in one program.
  let batchSize: Int

  /// For each stretch, every word that differs alone, or if there is none the smallest set of words that differs.
  func shrink(_ stretches: [Stretch]) throws -> [[Mismatch]] {
    // Most differences need one word, so all words of all stretches are tried alone, in as few programs as possible.
    var singles: [(stretch: Int, word: Int)] = []
    for (index, stretch) in stretches.enumerated() { singles += stretch.words.indices.map { (index, $0) } }
    var found = [[Mismatch]](repeating: [], count: stretches.count)
    for start in stride(from: 0, to: singles.count, by: batchSize) {
      let batch = singles[start..<min(start + batchSize, singles.count)]
      let candidates = batch.map { stretches[$0.stretch].keeping([$0.word]) }
      for difference in try comparison.run(candidates).differences {
        let (stretch, word) = singles[start + difference.index]
        found[stretch].append(mismatch(candidates[difference.index], [word], difference))
      }
    }
    for index in stretches.indices where found[index].isEmpty {
      if let several = try reduceWords(stretches[index]) { found[index] = [several] }
    }
    return found
  }

  /// Removes words one after the other while the rest still differs. Nil if the difference does not happen again.
  private func reduceWords(_ stretch: Stretch) throws -> Mismatch? {
    var words = Array(stretch.words.indices)
    guard let first = try comparison.run([stretch]).differences.first else { return nil }
    var smallest = mismatch(stretch, words, first)
    while words.count > 1 {
      let candidates = words.map { word in words.filter { $0 != word } }
      let stretches = candidates.map(stretch.keeping)
      guard let difference = try comparison.run(stretches).differences.first else { break }
      words = candidates[difference.index]
      smallest = mismatch(stretches[difference.index], words, difference)
    }
    return smallest
  }

  /// The same mismatch with as many registers as possible set to zero.
  func reduceOperands(_ mismatch: Mismatch) throws -> Mismatch {
    let edits = Self.edits(mismatch.stretch)
    let alone = try comparison.run(edits.map { mismatch.stretch.applying([$0]) })
    // Without an address everything faults, so the same words must take the same signals as before.
    func isSame(_ difference: Difference) -> Bool {
      difference.theirs?.place == mismatch.theirs?.place && difference.ours?.place == mismatch.ours?.place
    }
    var rest = alone.differences.filter(isSame).map { edits[$0.index] }
    var applied: [StretchEdit] = []
    var smallest = mismatch
    // Applies as many edits together as possible, and leaves out each one that hides the mismatch.
    while !rest.isEmpty {
      let candidates = rest.indices.map { mismatch.stretch.applying(applied + rest[...$0]) }
      let same = try comparison.run(candidates).differences.last(where: isSame)
      if let same {
        applied += rest[...same.index]
        smallest = self.mismatch(candidates[same.index], mismatch.words, same)
      }
      rest = Array(rest.dropFirst((same?.index ?? -1) + 2))
    }
    return smallest
  }

  private func mismatch(_ stretch: Stretch, _ words: [Int], _ difference: Difference) -> Mismatch {
    Mismatch(stretch: stretch, words: words, ours: difference.ours, theirs: difference.theirs, failure: difference.failure)
  }

  private static func edits(_ stretch: Stretch) -> [StretchEdit] {
    (0..<32).map { .generalRegister($0) } + (0..<32).map { .vectorRegister($0) } + [.control, .status, .flags]
      + stretch.input.window.indices.map { .window($0) }
  }
}

/// A part of a stretch's input that is set to zero.
enum StretchEdit { case generalRegister(Int), vectorRegister(Int), control, status, flags, window(Int) }

extension Stretch {
  /// The stretch with NOPs in place of all but some words, so that addresses and branches stay valid.
  func keeping(_ indices: [Int]) -> Stretch {
    var copy = self
    for index in words.indices where !indices.contains(index) { copy.words[index] = Self.nop }
    return copy
  }

  func applying(_ edits: [StretchEdit]) -> Stretch {
    var copy = self
    for edit in edits {
      switch edit {
      case .generalRegister(let register):
        copy.input.x[register] = 0
        copy.codeRegisters &= ~(1 << UInt32(register))
      case .vectorRegister(let register): (copy.input.v[2 * register], copy.input.v[2 * register + 1]) = (0, 0)
      case .control: copy.input.fpcr = 0
      case .status: copy.input.fpsr = 0
      case .flags: copy.input.nzcv = 0
      case .window(let index): copy.input.window[index] = 0
      }
    }
    return copy
  }
}
