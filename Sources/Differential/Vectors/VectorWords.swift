// Owns the choice of words for a file of vectors: all words of encoding classes with given registers.
// It does not know what the words do; LLVM says which of them are instructions.
import Decoding

/// Words of some classes of `EncodingClass.all`, with registers and immediates from the overlays.
struct VectorWords {
  let classes: [String]
  let overlays: [EncodingPattern]
  /// The most words of one pattern under one overlay; they are spread evenly.
  var limit = Int.max

  /// The words that LLVM knows and that are comparable, in order, with LLVM's text.
  func words(_ llvm: LLVMDisassembler) throws -> [(word: UInt32, text: String)] {
    let candidates = Set(try classes.flatMap { try Self.patterns($0).flatMap { pattern in overlays.flatMap { words(pattern, $0) } } })
      .sorted()
    return zip(candidates, try llvm.lines(candidates, aliases: false)).compactMap { word, text in
      guard let text, (Exclusion.row(of: word)?.control ?? 1) != 0 else { return nil }
      return (word, text)
    }
  }

  static func patterns(_ name: String) throws -> [EncodingPattern] {
    guard let kind = EncodingClass.named(name) else { throw VectorJudge.Failure(description: "there is no encoding class \(name)") }
    return kind.patterns
  }

  private func words(_ pattern: EncodingPattern, _ overlay: EncodingPattern) -> [UInt32] {
    if (pattern.value ^ overlay.value) & pattern.mask & overlay.mask != 0 { return [] }
    let free = ~(pattern.mask | overlay.mask)
    let count = 1 << free.nonzeroBitCount
    // The step is odd, so that the low bits change too.
    let step = max(1, count / limit) | 1
    return stride(from: 0, to: count, by: step).map { Self.spread(UInt32($0), over: free) | pattern.value | overlay.value }
  }

  /// The low bits of a number, distributed over the set bits of `places`, the lowest first.
  static func spread(_ number: UInt32, over places: UInt32) -> UInt32 {
    var (left, places, result) = (number, places, UInt32(0))
    while places != 0 {
      if left & 1 == 1 { result |= places & (0 &- places) }
      left >>= 1
      places &= places - 1
    }
    return result
  }
}

/// The registers of vectors: Rd is V0, Rn V1, Rm V2.
enum VectorOverlay {
  static let twoRegisters: [EncodingPattern] = ["xxxxxxx0xx1 xxxxx xxxx10 00001 00000"]
  /// Scalar pairwise: ADDP, and the others.
  static let integerPairs: [EncodingPattern] = ["xxxxxxx0xx1 xxxx1 xxxx10 00001 00000"]
  static let floatPairs: [EncodingPattern] = ["xxxxxxx0xx1 xxxx0 xxxx10 00001 00000"]
  static let threeRegisters: [EncodingPattern] = ["xxxxxxx0xxx 00010 xxxxxx 00001 00000"]
  /// V31, V0, V1 and V2 are the table.
  static let table: [EncodingPattern] = ["xxxxxxxxxxx 00010 xxxxxx 11111 00000"]
  static let sourceAndDestination: [EncodingPattern] = ["xxxxxxxxxxx xxxxx xxxxxx 00001 00000"]
  /// imm8 is abcdefgh; bits 9:5 hold defgh.
  static let immediates: [EncodingPattern] = [
    "xxxxxxxxxxxxx 000 xxxxxx 11011 00000", "xxxxxxxxxxxxx 011 xxxxxx 10101 00000", "xxxxxxxxxxxxx 110 xxxxxx 10111 00000",
  ]
  /// L and M in bits 21:20, H in bit 11.
  static let elements: [EncodingPattern] = ["00", "01", "10", "11"].flatMap { lm in
    ["0", "1"].map { h in .init("xxxxxxx1xx \(lm) 0010 xxxx \(h)0 00001 00000") }
  }
  /// Values of immh:immb: for each size the smallest and the largest, their neighbours and one between.
  static let shifts: [EncodingPattern] = [8, 9, 12, 15, 16, 17, 21, 31, 32, 33, 43, 49, 63, 64, 65, 85, 127].map(shift)
  static let everyShift: [EncodingPattern] = (8..<128).map(shift)

  private static func shift(_ immediate: Int) -> EncodingPattern {
    .init(mask: 0x007f_03ff, value: UInt32(immediate) << 16 | 0x20)
  }
}
