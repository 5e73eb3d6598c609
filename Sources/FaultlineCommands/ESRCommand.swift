// Owns `faultline esr` and `faultline pte`: values explained with no program loaded.
// It does not know any field: Debugging does.
import Architecture
import ArgumentParser
import Debugging
import LinuxKernel

struct ESRCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "esr",
    abstract: "Explain values of ESR_EL1, field by field.",
    discussion: """
      VALUE is hexadecimal with 0x, or decimal. --json writes schema faultline.esr/1: {"schema", "syndromes": [{"value",
      "summary", "fields": [{"name", "high", "low", "value", "meaning"}], "instruction", "linux"}]}; "instruction" (of a trapped
      system instruction) and "linux" (what Linux does with it from EL0) are there where they apply.

      Examples:
        faultline esr 0x9200004f
        faultline esr 0x92000007 0x9200004f --json
      """)

  @Flag(help: "Write JSON, schema faultline.esr/1.")
  var json = false

  @Argument(help: ArgumentHelp("Values of ESR_EL1.", valueName: "value"))
  var values: [String]

  func run() throws { Standard.output(try output()) }

  /// What it prints. Throws one clear line.
  func output() throws -> String {
    let syndromes = try values.map { text in
      guard let value = Number.parse(text) else {
        throw UsageError("'\(text)' is no value of ESR_EL1; write it as 0x9200004f or in decimal")
      }
      return ExceptionSyndrome(rawValue: value)
    }
    return json ? try JSONText.encode(ESRDocument(syndromes)) : syndromes.map(Self.text).joined(separator: "\n")
  }

  static func text(_ syndrome: ExceptionSyndrome) -> String {
    var lines = ESRExplanation(syndrome).lines
    if let linux = ExceptionOutcome.describe(syndrome) { lines.append("  Linux, from EL0: \(linux)") }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// The JSON form of explained syndromes. 64-bit values are strings: not every reader of JSON keeps all their bits.
struct ESRDocument: Codable {
  struct Syndrome: Codable {
    let value: String
    let summary: String
    let fields: [FieldDocument]
    let instruction: String?
    let linux: String?
  }
  var schema = "faultline.esr/1"
  let syndromes: [Syndrome]

  init(_ values: [ExceptionSyndrome]) {
    syndromes = values.map { value in
      let explanation = ESRExplanation(value)
      return Syndrome(
        value: hex(value.rawValue), summary: explanation.summary, fields: explanation.fields.map(FieldDocument.init),
        instruction: explanation.instruction, linux: ExceptionOutcome.describe(value))
    }
  }
}

struct FieldDocument: Codable {
  let name: String
  let high: Int
  let low: Int
  let value: UInt64
  let meaning: String

  init(_ field: ExplainedField) {
    name = field.name
    high = field.high
    low = field.low
    value = field.value
    meaning = field.meaning
  }
}

struct PTECommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pte",
    abstract: "Explain a translation table descriptor, field by field.",
    discussion: """
      The descriptor is one of stage 1 with 4 KiB pages. VALUE is hexadecimal with 0x, or decimal.

      Examples:
        faultline pte 0x00e8000040012f43
        faultline pte 0x0800000040013003 --level 2
      """)

  @Option(help: ArgumentHelp("The level of the table that it stands in: 0 to 3.", valueName: "n"))
  var level = 3

  @Argument(help: ArgumentHelp("The descriptor.", valueName: "value"))
  var value: String

  func run() throws { Standard.output(try output()) }

  /// What it prints. Throws one clear line.
  func output() throws -> String {
    guard let number = Number.parse(value) else {
      throw UsageError("'\(value)' is no descriptor; write it as 0x00e8000040012f43 or in decimal")
    }
    guard (0...3).contains(level) else { throw UsageError("there is no level \(level); use 0, 1, 2 or 3") }
    return DescriptorExplanation(Descriptor(number), level: level).lines.joined(separator: "\n") + "\n"
  }
}
