// Owns a stretch: a few random words that run between loading and storing all registers, and the state before and after them.
// It does not know how a program runs stretches.

/// The state before and after a stretch, as the program stores it: 0x440 bytes.
///
///     0x000  X0 to X30, SP     0x300  FPCR, FPSR, NZCV
///     0x100  V0 to V31         0x318  in: the words' address; out: the signal at each word, a byte each
///     0x340  the window of memory
public struct StretchState: Hashable, Sendable {
  public static let size = 0x440
  static let windowSize = 256
  static let vectorOffset = 0x100
  static let controlOffset = 0x300
  static let placeOffset = 0x318
  static let windowOffset = 0x340

  /// X0 to X30, then SP.
  public var x = [UInt64](repeating: 0, count: 32)
  /// Low and high halves of V0 to V31.
  public var v = [UInt64](repeating: 0, count: 64)
  public var fpcr: UInt64 = 0
  public var fpsr: UInt64 = 0
  public var nzcv: UInt64 = 0
  /// Before the stretch the address of its words, after it the signals.
  public var place: UInt64 = 0
  /// The window of memory, as doublewords.
  public var window = [UInt64](repeating: 0, count: windowSize / 8)

  init() {}

  /// Reads the bytes that a program stored.
  init(_ bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count == Self.size)
    let words = (0..<Self.size / 8).map { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) }
    x = Array(words[..<32])
    v = Array(words[32..<96])
    (fpcr, fpsr, nzcv, place) = (words[96], words[97], words[98], words[99])
    window = Array(words[(Self.windowOffset / 8)...])
  }

  func append(to bytes: inout [UInt8]) {
    let words = x + v + [fpcr, fpsr, nzcv, place] + [0, 0, 0, 0] + window
    words.withUnsafeBytes { bytes += $0 }
  }

  /// The signal that a word took: 0 for none, 4 (SIGILL), 7 (SIGBUS) or 11 (SIGSEGV).
  func signal(_ word: Int) -> UInt8 { UInt8(truncatingIfNeeded: place >> UInt64(8 * word)) }
}

/// Random words and the state before them.
public struct Stretch: Sendable {
  static let wordLimit = 8
  static let nop: UInt32 = 0xd503_201f

  public var words: [UInt32]
  /// The index in `EncodingClass.all` of each word's class.
  public var classes: [Int]
  public var input: StretchState
  /// A bit for each X register whose input is the address of a word of the stretch.
  var codeRegisters: UInt32 = 0

  /// The same stretch in another slot of a program.
  func moved(to slot: Int) -> Stretch {
    var copy = self
    let place = TestProgramLayout.address(slot: slot, word: 0)
    for register in 0..<31 where codeRegisters >> UInt32(register) & 1 == 1 { copy.input.x[register] &+= place &- input.place }
    copy.input.place = place
    return copy
  }
}
