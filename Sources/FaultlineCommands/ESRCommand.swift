// Owns `faultline esr`: syndromes explained with no program loaded.
// It does not know any field: Debugging does.
import Architecture
import ArgumentParser
import DebugShell
import Debugging
import JSONDocuments
import LinuxKernel

struct ESRCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "esr",
    abstract: "Explain values of ESR_EL1, field by field.",
    discussion: """
      VALUE \(Number.valueRule). The lines "Linux, from EL0" and "Linux, from EL1" say what Linux does where a program or the \
      kernel itself causes it. --json writes schema faultline.esr/2: {"schema", "syndromes": [{"value", "summary", "fields": \
      [{"name", "high", "low", "value", "meaning"}], "instruction", "linux": [{"from", "does"}]}]}; "instruction" (of a trapped \
      system instruction) is there where it applies.

      Examples:
        faultline esr 0x9200004f
        faultline esr 96000004
        faultline esr 92000007 9200004f --json
      """)

  @Flag(help: "Write JSON, schema faultline.esr/2.")
  var json = false

  @Argument(help: ArgumentHelp("Values of ESR_EL1.", valueName: "value"))
  var values: [String]

  func run() throws { Standard.output(try output()) }

  /// The text that it prints. It throws one line of text for a mistake.
  func output() throws -> String {
    let syndromes = try values.map { text in
      guard let value = Number.value(text) else {
        throw UsageError("'\(text)' is not a value of ESR_EL1; write it in hexadecimal, as in 0x9200004f")
      }
      return ExceptionSyndrome(rawValue: value)
    }
    return json ? try JSONText.document(ESRDocument(syndromes)) : syndromes.map(Self.text).joined(separator: "\n")
  }

  static func text(_ syndrome: ExceptionSyndrome) -> String {
    (ESRExplanation(syndrome).lines + ExceptionOutcome.all(syndrome).map(\.line)).joined(separator: "\n") + "\n"
  }
}

/// The JSON form of explained syndromes. 64-bit values are strings, because some readers of JSON lose bits of large numbers.
struct ESRDocument: Codable {
  var schema = "faultline.esr/2"
  let syndromes: [SyndromeDocument]

  init(_ values: [ExceptionSyndrome]) { syndromes = values.map(SyndromeDocument.init) }
}
