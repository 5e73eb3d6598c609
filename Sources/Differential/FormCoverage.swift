// Owns the comparison of Capstone's answer for a word with its answer for the word's form, over many words.
// It does not know how a form is made, or what Capstone is.
import Architecture
import Decoding

/// A sweep over words that shows whether a form leaves out a field on which Capstone's answer depends.
public struct FormCoverage {
  public struct Result: Sendable {
    public var words = 0
    /// The number of words that have an encoding here, so that Capstone's answer matters.
    public var encoded = 0
    /// The number of these words that stand for themselves, because no row leaves out any of their fields.
    public var withoutForm = 0
    /// The number of forms about which Capstone was asked.
    public var forms = 0
    /// The number of words for which Capstone's answer differs from the answer for their form.
    public var mismatches = 0
    /// The first mismatching words.
    public var examples: [UInt32] = []
  }

  /// With this count, every word is compared, in order.
  public static let everyWord = 1 << 32

  private let byForm: Decoder
  private let byWord: Decoder
  private let encodings = Decoder.formEncodings

  public init() throws {
    byForm = try Decoder(.everyForm)
    byWord = try Decoder(.everyWord)
  }

  /// Compares `count` words: the first of every four is any word, and the others cover the encodings in turn.
  public func run(seed: UInt64, count: Int) -> Result {
    var random = SplitMix64(seed: seed)
    var result = Result()
    for index in 0..<min(count, Self.everyWord) {
      let word = count >= Self.everyWord ? UInt32(index) : word(index, &random)
      compare(word, &result)
    }
    result.forms = byForm.formsAsked
    return result
  }

  private func compare(_ word: UInt32, _ result: inout Result) {
    result.words += 1
    let source = byWord.source(word)
    if source == byForm.source(word) && byWord.decode(word) == byForm.decode(word) {
      if source == .none || byWord.decode(word) == .undefined { return }
    } else {
      result.mismatches += 1
      if result.examples.count < 10 { result.examples.append(word) }
    }
    result.encoded += 1
    if Decoder.form(of: word) == word && encodings.allSatisfy({ !$0.matches(word) }) { result.withoutForm += 1 }
  }

  /// Makes a word. Registers are equal, or 31, more often than by chance, because Capstone may look at that.
  private func word(_ index: Int, _ random: inout SplitMix64) -> UInt32 {
    let choice = random.next()
    var bits = UInt32(truncatingIfNeeded: choice >> 32)
    if index % 4 == 0 { return bits }
    let fields: [UInt32] = [0, 5, 10, 16]
    for (place, field) in fields.enumerated() {
      switch choice >> UInt64(4 * place) & 15 {
      case 0: bits |= 31 << field
      case 1...3: bits = bits & ~(31 << field) | (bits >> fields[Int(choice >> 16) & 3] & 31) << field
      default: break
      }
    }
    return encodings[index % encodings.count].word(bits)
  }
}
