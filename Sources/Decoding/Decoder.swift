// Owns the order in which a word is read: the encoding gives the instruction, and then either Capstone or the list of words unknown
// to Capstone must recognise the word. It does not keep instructions: the machine remembers words that it has decoded.
import Architecture

/// Decodes A64 instruction words. Not thread-safe: it owns one Capstone handle.
public final class Decoder {
  /// How often Capstone is asked. Both modes give the same instructions.
  public enum Mode: String, CaseIterable, Sendable {
    /// Capstone is asked once for each form. Words that differ only in registers and immediates share one answer.
    case everyForm = "every-form"
    /// Capstone is asked for each word, which takes hundreds of nanoseconds.
    case everyWord = "every-word"
  }

  let capstone: CapstoneDecoder
  private let mode: Mode
  /// Capstone's answers, by the word that represents a form.
  private var answers: [UInt32: Bool] = [:]

  /// Throws `CapstoneError` where the linked library cannot decode AArch64.
  public init(_ mode: Mode = .everyForm) throws {
    capstone = try CapstoneDecoder()
    self.mode = mode
  }

  /// What recognised a word.
  public enum Source: String, Sendable { case capstone, extensionDecoder, none }

  /// What recognises the word, whether or not the instruction can be executed.
  public func source(_ word: UInt32) -> Source {
    // A word without an encoding here has no form. Capstone can only say whether the word is an instruction at all.
    if case .undefined = Encoding.decode(word) { return capstone.recognises(word) && !Self.isVague(word) ? .capstone : .none }
    if recognises(word) { return .capstone }
    return ExtensionDecoder.recognises(word) ? .extensionDecoder : .none
  }

  /// Whether the word is an instruction, supported or not, as far as the linked Capstone and this module know. If this is true and
  /// `decode` answers `.undefined`, the word is allocated but not supported, and `Disassembler` names it.
  public func isAllocated(_ word: UInt32) -> Bool { source(word) != .none || UnsupportedInstructions.row(of: word) != nil }

  /// The instruction that `word` encodes, for a processor with every feature: the machine refuses what its own features lack. The
  /// answer is `.undefined` if the word is not allocated or its family is not supported.
  public func decode(_ word: UInt32) -> Instruction {
    let instruction = Encoding.decode(word)
    if case .undefined = instruction { return .undefined }
    return recognises(word) || ExtensionDecoder.recognises(word) ? instruction : .undefined
  }

  /// The word about which Capstone is asked on behalf of `word`'s whole form: its registers and immediates have fixed values.
  public static func form(of word: UInt32) -> UInt32 { FormTable.form(of: word) }

  /// The encodings of all forms, one for each row of the table.
  public static var formEncodings: [EncodingPattern] { FormTable.rows.map(\.pattern) }

  /// The number of forms about which Capstone has been asked so far.
  public var formsAsked: Int { answers.count }

  /// Whether Capstone recognises a word that has an encoding here.
  private func recognises(_ word: UInt32) -> Bool {
    if mode == .everyWord { return capstone.recognises(word) }
    let form = FormTable.form(of: word)
    if let answer = answers[form] { return answer }
    let answer = capstone.recognises(form)
    answers[form] = answer
    return answer
  }

  /// Capstone accepts every system word with op0 = 0 as an MSR or MRS of some S0_... register. Only hints, barriers and PSTATE
  /// fields are allocated there (C4.1.94), and the encoding tables have all of them.
  ///
  /// Words below 0x1_0000 are UDF (C6.2.393), which Capstone 5 recognises and Capstone 4 does not.
  private static func isVague(_ word: UInt32) -> Bool { word & 0xffd8_0000 == 0xd500_0000 || word >> 16 == 0 }
}
