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
      VALUE is hexadecimal with 0x, or decimal. --json writes schema faultline.esr/1: {"schema", "syndromes": [{"value", \
      "summary", "fields": [{"name", "high", "low", "value", "meaning"}], "instruction", "linux"}]}; "instruction" (of a trapped \
      system instruction) and "linux" (what Linux does with it) are there where they apply.

      Examples:
        faultline esr 0x9200004f
        faultline esr 0x92000007 0x9200004f --json
      """)

  @Flag(help: "Write JSON, schema faultline.esr/1.")
  var json = false

  @Argument(help: ArgumentHelp("Values of ESR_EL1.", valueName: "value"))
  var values: [String]

  func run() throws { Standard.output(try output()) }

  /// The text that it prints. It throws one line of text for a mistake.
  func output() throws -> String {
    let syndromes = try values.map { text in
      guard let value = Number.parse(text) else {
        throw UsageError("'\(text)' is not a value of ESR_EL1; write it as 0x9200004f or in decimal")
      }
      return ExceptionSyndrome(rawValue: value)
    }
    return json ? try JSONText.encode(ESRDocument(syndromes)) : syndromes.map(Self.text).joined(separator: "\n")
  }

  static func text(_ syndrome: ExceptionSyndrome) -> String {
    var lines = ESRExplanation(syndrome).lines
    if let linux = ExceptionOutcome.describe(syndrome) { lines.append("  Linux, from \(ExceptionOutcome.origin(syndrome)): \(linux)") }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// The JSON form of explained syndromes. 64-bit values are strings, because some readers of JSON lose bits of large numbers.
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
        value: hexadecimal(value.rawValue), summary: explanation.summary, fields: explanation.fields.map(FieldDocument.init),
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
      The descriptor is one of stage 1. VALUE is hexadecimal with 0x, or decimal.

      Examples:
        faultline pte 0x00e8000040012f43
        faultline pte 0x0800000040013003 --level 2
        faultline pte 0x0060000040000f41 --level 2 --granule 16k
        faultline pte 0x00e8000040012f43 --lpa2
      """)

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The level of the descriptor's table: -1 to 3, depending on the granule.", valueName: "n"))
  var level = 3

  @Option(help: ArgumentHelp("The translation granule: 4k, 16k or 64k.", valueName: "size"), completion: .list(["4k", "16k", "64k"]))
  var granule = "4k"

  @Flag(help: "52-bit addresses with 64k (FEAT_LPA).")
  var lpa = false

  @Flag(help: "52-bit addresses with 4k or 16k (FEAT_LPA2, TCR_EL1.DS = 1).")
  var lpa2 = false

  @Argument(help: ArgumentHelp("The descriptor.", valueName: "value"))
  var value: String

  func run() throws { Standard.output(try output()) }

  /// The text that it prints. It throws one line of text for a mistake.
  func output() throws -> String {
    guard let number = Number.parse(value) else {
      throw UsageError("'\(value)' is not a descriptor; write it as 0x00e8000040012f43 or in decimal")
    }
    let format = try format()
    guard format.levels.contains(level) else {
      let levels = format.levels.map(String.init)
      throw UsageError("there is no level \(level); use \(levels.dropLast().joined(separator: ", ")) or \(levels.last!)")
    }
    return DescriptorExplanation(Descriptor(number), level: level, format: format).lines.joined(separator: "\n") + "\n"
  }

  private func format() throws -> DescriptorFormat {
    let granules: [String: Granule] = ["4k": .size4K, "16k": .size16K, "64k": .size64K]
    guard let size = granules[granule.lowercased()] else { throw UsageError("'\(granule)' is not a granule; use 4k, 16k or 64k") }
    if lpa2 && size == .size64K { throw UsageError("--lpa2 is for 4k and 16k; with 64k the 52-bit addresses are --lpa") }
    if lpa && size != .size64K { throw UsageError("--lpa is for --granule 64k; with 4k and 16k the 52-bit addresses are --lpa2") }
    return DescriptorFormat(size, hasWideAddresses: lpa || lpa2)
  }
}
