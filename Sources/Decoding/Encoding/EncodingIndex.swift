// Owns the search for the first of many encodings that a word belongs to, without trying all of them.
// It does not know what the encodings mean to the table that uses the index.

/// An index over the patterns of a table, by bits 28:21 of the word, which tell most classes of C4.1 apart.
struct EncodingIndex: Sendable {
  private struct Candidate: Sendable {
    let pattern: EncodingPattern
    let row: Int
  }

  private static let buckets = 1 << 8
  @inline(__always) private static func bucket(_ word: UInt32) -> Int { Int(word &>> 21 & 0xff) }

  /// Where the candidates of each bucket begin; one more element says where the last bucket ends.
  private let starts: [Int]
  /// The rows that have a word in the bucket, in the order of the table.
  private let candidates: [Candidate]

  init(_ patterns: [EncodingPattern]) {
    var starts = [0]
    var candidates: [Candidate] = []
    for bucket in 0..<Self.buckets {
      let words = EncodingPattern(mask: 0xff << 21, value: UInt32(bucket) << 21)
      candidates += patterns.indices.filter { patterns[$0].overlaps(words) }.map { Candidate(pattern: patterns[$0], row: $0) }
      starts.append(candidates.count)
    }
    self.starts = starts
    self.candidates = candidates
  }

  /// The first row of the table that `word` belongs to.
  @inline(__always) func firstMatch(_ word: UInt32) -> Int? {
    let bucket = Self.bucket(word)
    for index in starts[bucket]..<starts[bucket + 1] where candidates[index].pattern.matches(word) { return candidates[index].row }
    return nil
  }
}
