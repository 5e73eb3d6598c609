// Owns the memory of recently decoded words.
// It does not know where the words stand.
import Decoding

/// The words decoded most recently, direct-mapped. Decoding takes a few hundred nanoseconds, the general executor far less.
struct DecodeMemo {
  private struct Entry {
    var word: UInt32
    var isValid: Bool
    var instruction: Instruction
  }
  private let entries: UnsafeMutablePointer<Entry>
  private static var count: Int { 1 << 13 }

  init() {
    entries = .allocate(capacity: Self.count)
    entries.initialize(repeating: Entry(word: 0, isValid: false, instruction: .undefined), count: Self.count)
  }
  func deallocate() { entries.deallocate() }

  @inline(__always) private func entry(_ word: UInt32) -> UnsafeMutablePointer<Entry> {
    entries + Int(truncatingIfNeeded: (word &* 0x9e37_79b1) &>> 19)
  }
  @inline(__always) func find(_ word: UInt32) -> Instruction? {
    let entry = entry(word)
    return entry.pointee.isValid && entry.pointee.word == word ? entry.pointee.instruction : nil
  }
  func remember(_ word: UInt32, _ instruction: Instruction) {
    entry(word).pointee = Entry(word: word, isValid: true, instruction: instruction)
  }
}
