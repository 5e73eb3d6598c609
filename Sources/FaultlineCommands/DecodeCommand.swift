// Owns `faultline decode`: instruction words explained with no program loaded.
// It does not know any encoding: Decoding does.
import Architecture
import ArgumentParser
import Debugging
import Decoding
import JSONDocuments

struct DecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Disassemble instruction words and show how the machine decodes them.",
    discussion: """
      WORD is the 32-bit instruction; it \(Number.valueRule), and so is --pc. --json writes schema \
      faultline.decode/1: {"schema", "words": [{"word", "assembly", "decoder", "instruction", "supported"}]}.

      Examples:
        faultline decode b8200041
        faultline decode 0xb8200041 0x88a07c41 --json
      """)

  @Flag(help: "Write JSON, schema faultline.decode/1.")
  var json = false

  @Option(help: ArgumentHelp("The address of the first word: branch targets depend on it.", valueName: "address"))
  var pc = "0"

  @Argument(help: ArgumentHelp("Instruction words.", valueName: "word"))
  var words: [String]

  func run() throws { Standard.output(try output()) }

  /// The text that it prints. It throws one line of text for a mistake.
  func output() throws -> String {
    guard let start = Number.value(pc) else { throw UsageError("'\(pc)' is not an address; write it as 0x400000") }
    let numbers = try words.map { text in
      guard let word = Number.value(text).flatMap({ UInt32(exactly: $0) }) else {
        throw UsageError("'\(text)' is not an instruction word; write up to eight hexadecimal digits, as in 0xb8200041")
      }
      return word
    }
    let decoder = try Decoder()
    let decoded = numbers.enumerated().map { DecodedWord($1, at: start &+ UInt64($0) * 4, decoder) }
    return json ? try JSONText.document(DecodeDocument(words: decoded)) : decoded.map(\.text).joined(separator: "\n")
  }
}

struct DecodeDocument: Codable {
  var schema = "faultline.decode/1"
  let words: [DecodedWord]
}

/// The explanation of one word.
struct DecodedWord: Codable {
  let word: String
  let assembly: String
  /// What recognised the word: capstone, extensionDecoder or none.
  let decoder: String
  /// The decoded form that executes.
  let instruction: String
  /// Whether a machine whose processor has the feature executes the instruction.
  let supported: Bool

  init(_ value: UInt32, at pc: UInt64, _ decoder: Decoder) {
    let decoded = decoder.decode(value)
    word = "0x" + bareHexadecimal(UInt64(value), digits: 8)
    assembly = InstructionText.describe(value, at: pc)
    self.decoder = decoder.source(value).rawValue
    instruction = decoded.dump
    supported = decoded != .undefined
  }

  var text: String {
    """
    \(word)  \(assembly)
      decoder      \(Self.decoderNames[decoder] ?? decoder)
      instruction  \(supported ? instruction : "undefined: executing it takes an exception with EC 0x00")

    """
  }

  private static let decoderNames = [
    "capstone": "Capstone", "extensionDecoder": "the extension decoder (the linked Capstone does not know the word)",
    "none": "none: the word is not allocated, or neither decoder knows it",
  ]
}
