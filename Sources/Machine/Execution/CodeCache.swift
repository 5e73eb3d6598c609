// Owns decoded code: one array of ops for each physical page that was ever fetched from, and the memo of decoded words.
// It does not know virtual addresses, exception levels or attributes: an op depends on its word and the features alone.
import Architecture
import Decoding

final class CodeCache {
  private let decoder: Decoder
  private let memory: PhysicalMemory
  let usesFusion: Bool
  let memo = DecodeMemo()
  /// First op of each frame's array, or nil where nothing was fetched yet.
  private let pages: UnsafeMutablePointer<Raw?>
  /// 64-bit immediates of ops, shared by all pages. Entries are never moved.
  let literals: UnsafeMutablePointer<UInt64>
  private var literalIndex: [UInt64: Int32] = [:]
  private let literalCapacity = 1 << 16

  init(decoder: Decoder, memory: PhysicalMemory, usesFusion: Bool) {
    self.decoder = decoder
    self.memory = memory
    self.usesFusion = usesFusion
    let frames = Int(memory.size >> 12)
    pages = .allocate(capacity: frames)
    pages.initialize(repeating: nil, count: frames)
    literals = .allocate(capacity: literalCapacity)
    literals.initialize(repeating: 0, count: literalCapacity)
  }

  deinit {
    for frame in 0..<Int(memory.size >> 12) { pages[frame]?.deallocate() }
    pages.deallocate()
    literals.deallocate()
    memo.deallocate()
  }

  /// The ops of the page at `pa`, made (undecoded) if need be.
  func ops(ofPage pa: UInt64) -> Raw {
    let frame = Int((pa &- memory.base) >> 12)
    if let page = pages[frame] { return page }
    let page = Raw.allocate(byteCount: (Op.perPage + 1) * 16, alignment: 64)
    let ops = page.assumingMemoryBound(to: Op.self)
    ops.initialize(repeating: Op(h_decode), count: Op.perPage)
    (ops + Op.perPage).initialize(to: Op(h_pageEnd))
    pages[frame] = page
    memory.setFlag(.code, frameOf: pa)
    return page
  }

  /// Forgets the ops of the words in [pa, pa+size), which lies in one frame, and the one before it, which may have fused.
  func invalidate(_ pa: UInt64, _ size: UInt64) {
    guard let page = pages[Int((pa &- memory.base) >> 12)] else { return }
    let ops = page.assumingMemoryBound(to: Op.self)
    let first = Int((pa & 0xfff) >> 2)
    let last = Int((pa & 0xfff &+ size &- 1) >> 2)
    for slot in max(0, first - 1)...last { ops[slot] = Op(h_decode) }
  }

  /// The instruction that `word` encodes.
  func decode(_ word: UInt32) -> Instruction {
    if let known = memo.find(word) { return known }
    let instruction = decoder.decode(word)
    memo.remember(word, instruction)
    return instruction
  }

  /// Index of a 64-bit immediate in `literals`, or nil when the pool is full.
  func literal(_ value: UInt64) -> Int32? {
    if let index = literalIndex[value] { return index }
    guard literalIndex.count < literalCapacity else { return nil }
    let index = Int32(literalIndex.count)
    literals[Int(index)] = value
    literalIndex[value] = index
    return index
  }
}

/// The words decoded of late, direct-mapped: decoding costs a few hundred nanoseconds, the general executor far less.
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
