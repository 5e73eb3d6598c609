// Owns the layout of one frame's decoded form: its ops, its 64-bit immediates, and where its words are.
// It does not know instructions, virtual addresses, or which frames have a page of code.
import Architecture

/// A handle on the decoded form of one 4 KiB frame. The form is one piece of raw memory, which `CodePages` allocates and frees.
///
/// Layout, in bytes: 1024 ops and the op of the page's end; the header; a 64-bit literal for each slot, written where an op needs
/// one; a bit for each slot, set where the op is fused with the next. Handlers know the address of the ops only.
struct CodePage: Equatable {
  /// The first op.
  let ops: Raw

  private struct Header {
    /// Host address of the frame's words.
    let words: Raw
    /// Physical address of the frame.
    let frame: UInt64
    /// Stores to the frame since a word of it was last decoded.
    var stores = 0
    /// The next older and younger page in the order of use; nil at the ends.
    var older: Raw?
    var newer: Raw?
    /// The slot at which a stretch ends; its op is `h_stretchEnd` for as long. 0 means that no stretch ends in this page.
    var end = 0
    /// The ops that normally stand at `end` and before it.
    var savedEnd = Op(h_decode)
    var savedBeforeEnd: Op?
  }

  private enum Layout {
    static var header: Int { (Op.perPage + 1) * 16 }
    static var literals: Int { header + (MemoryLayout<Header>.size + 15) & ~15 }
    static var fused: Int { literals + Op.perPage * 8 }
    static var size: Int { fused + Op.perPage / 8 }
  }

  /// The bytes of host memory that one page takes.
  static var byteCount: Int { Layout.size }

  init(ops: Raw) { self.ops = ops }

  /// Makes the page of the frame at `frame` (physical) whose words lie at `words` in host memory. Nothing is decoded yet.
  init(frame: UInt64, words: Raw) {
    ops = Raw.allocate(byteCount: Layout.size, alignment: 64)
    (ops + Layout.header).initializeMemory(as: Header.self, to: Header(words: words, frame: frame))
    (ops + Op.perPage * 16).initializeMemory(as: Op.self, to: Op(h_pageEnd))
    ops.initializeMemory(as: Op.self, repeating: Op(h_decode), count: Op.perPage)
    (ops + Layout.fused).initializeMemory(as: UInt8.self, repeating: 0, count: Op.perPage / 8)
  }

  func deallocate() { ops.deallocate() }

  private var header: UnsafeMutablePointer<Header> { (ops + Layout.header).assumingMemoryBound(to: Header.self) }

  /// Host address of the frame's words.
  @inline(__always) var words: Raw { header.pointee.words }
  /// Physical address of the frame.
  var frame: UInt64 { header.pointee.frame }
  var stores: Int {
    get { header.pointee.stores }
    nonmutating set { header.pointee.stores = newValue }
  }
  var older: CodePage? {
    get { header.pointee.older.map(CodePage.init(ops:)) }
    nonmutating set { header.pointee.older = newValue?.ops }
  }
  var newer: CodePage? {
    get { header.pointee.newer.map(CodePage.init(ops:)) }
    nonmutating set { header.pointee.newer = newValue?.ops }
  }

  // MARK: Slots

  /// The op of a slot, 0 to 1024.
  func op(_ slot: Int) -> UnsafeMutablePointer<Op> { ops.assumingMemoryBound(to: Op.self) + slot }

  /// The instruction word of a slot, 0 to 1023.
  func word(_ slot: Int) -> UInt32 { words.load(fromByteOffset: slot * 4, as: UInt32.self) }

  /// Stores the 64-bit immediate for the op of `slot`, and returns its distance from the op in bytes, which the op carries.
  func setLiteral(_ slot: Int, _ value: UInt64) -> Int32 {
    let offset = Layout.literals + slot * 8
    (ops + offset).storeBytes(of: value, as: UInt64.self)
    return Int32(truncatingIfNeeded: offset - slot * 16)
  }

  /// Whether the word of a slot has not been decoded yet.
  func isUndecoded(_ slot: Int) -> Bool { op(slot).pointee.handler == unsafeBitCast(h_decode as Handler, to: UInt.self) }

  /// Whether the op of a slot also executes the next slot's instruction.
  func isFused(_ slot: Int) -> Bool { (ops + Layout.fused + slot >> 3).load(as: UInt8.self) & 1 << UInt8(slot & 7) != 0 }
  func setFused(_ slot: Int, _ isFused: Bool) {
    let byte = (ops + Layout.fused + slot >> 3).assumingMemoryBound(to: UInt8.self)
    let bit = 1 << UInt8(slot & 7) as UInt8
    byte.pointee = isFused ? byte.pointee | bit : byte.pointee & ~bit
  }

  /// Forgets the ops of a range of slots, and the op before the range, which may have fused with the first. The end of a stretch
  /// stays.
  func forget(_ slots: ClosedRange<Int>) {
    let end = header.pointee.end
    for slot in max(0, slots.lowerBound - 1)...slots.upperBound {
      if slot == end && end != 0 {
        header.pointee.savedEnd = Op(h_decode)
        continue
      }
      if slot == end - 1 && header.pointee.savedBeforeEnd != nil { header.pointee.savedBeforeEnd = Op(h_decode) }
      op(slot).pointee = Op(h_decode)
    }
  }

  // MARK: Stretches

  /// Whether a stretch ends at this slot. The op before must then not be fused with it.
  func isEnd(_ slot: Int) -> Bool { slot != 0 && slot == header.pointee.end }

  /// Makes a stretch end at a slot (1 to 1023). If the op before is fused, `plain` is its form without the fusion.
  func setEnd(_ slot: Int, plain: Op?) {
    precondition(header.pointee.end == 0 && slot > 0 && slot < Op.perPage, "one stretch at a time, inside a page")
    header.pointee.end = slot
    header.pointee.savedEnd = op(slot).pointee
    header.pointee.savedBeforeEnd = nil
    op(slot).pointee = Op(h_stretchEnd)
    if let plain {
      header.pointee.savedBeforeEnd = op(slot - 1).pointee
      op(slot - 1).pointee = plain
    }
  }

  /// Restores the ops that stood where the stretch ended.
  func clearEnd() {
    let end = header.pointee.end
    op(end).pointee = header.pointee.savedEnd
    if let before = header.pointee.savedBeforeEnd { op(end - 1).pointee = before }
    header.pointee.end = 0
  }
}
