// Owns the order in which a word is read: the encoding gives the instruction, and Capstone, or the list of what Capstone does not
// know, must recognise the word. It does not keep instructions: the machine has a memo of words.
import Architecture

/// Decodes A64 instruction words. Not thread-safe: it owns one Capstone handle.
public final class Decoder {
  /// How often Capstone is asked. Both give the same instructions.
  public enum Mode: String, CaseIterable, Sendable {
    /// Once for each form: all words that differ in registers and immediates only have one answer.
    case everyForm = "every-form"
    /// For each word, at hundreds of nanoseconds.
    case everyWord = "every-word"
  }

  let capstone: CapstoneDecoder
  private let mode: Mode
  /// Capstone's answers, by the word that stands for a form.
  private var answers: [UInt32: Bool] = [:]

  /// Throws `CapstoneError` where the linked library cannot decode AArch64.
  public init(_ mode: Mode = .everyForm) throws {
    capstone = try CapstoneDecoder()
    self.mode = mode
  }

  /// Who recognised a word.
  public enum Source: String, Sendable { case capstone, extensionDecoder, nobody }

  /// Who recognises the word, whether or not it can be executed.
  public func source(_ word: UInt32) -> Source {
    // What has no encoding here has no form: Capstone can only say whether the word is an instruction at all.
    if case .undefined = Encoding.decode(word) { return capstone.recognises(word) && !Self.isVague(word) ? .capstone : .nobody }
    if recognises(word) { return .capstone }
    return ExtensionDecoder.recognises(word) ? .extensionDecoder : .nobody
  }

  /// Whether the word is an instruction, supported here or not, as far as the linked Capstone and this module know.
  /// True with `.undefined` from `decode` means "allocated but not supported"; `Disassembler` names it.
  public func isAllocated(_ word: UInt32) -> Bool { source(word) != .nobody || UnsupportedInstructions.row(of: word) != nil }

  /// The instruction that `word` encodes, whatever the processor: the machine refuses what its features lack.
  /// `.undefined` where the word is not allocated or its family is not supported.
  public func decode(_ word: UInt32) -> Instruction {
    let instruction = Encoding.decode(word)
    if case .undefined = instruction { return .undefined }
    return recognises(word) || ExtensionDecoder.recognises(word) ? instruction : .undefined
  }

  /// The word that Capstone is asked instead of `word` where it is asked once for each form: registers and immediates are fixed.
  public static func form(of word: UInt32) -> UInt32 { FormTable.form(of: word) }

  /// The encodings that forms are rows of.
  public static var formEncodings: [EncodingPattern] { FormTable.rows.map(\.pattern) }

  /// Forms that Capstone has been asked so far.
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

  /// Capstone accepts every system word with op0 = 0 as a MSR or MRS of some S0_... register; only hints, barriers and PSTATE
  /// fields are allocated there (C4.1.94), and the encoding tables have all of them.
  ///
  /// UDF (C6.2.393) is what reserved space below 0x1_0000 is called: version 5 knows the name, version 4 does not.
  private static func isVague(_ word: UInt32) -> Bool { word & 0xffd8_0000 == 0xd500_0000 || word >> 16 == 0 }
}
