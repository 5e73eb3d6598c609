// Owns `faultline tcr`, `mair`, `sctlr`, `spsr` and `par`: values of system registers explained with no program loaded.
// It does not know any field: Debugging does.
import Architecture
import ArgumentParser
import Debugging
import DebugShell
import JSONDocuments

/// A command that explains values of one register.
protocol RegisterCommand: ParsableCommand {
  static var layout: RegisterLayout { get }
  var json: Bool { get }
  var values: [String] { get }
}

extension RegisterCommand {
  static func command(for layout: RegisterLayout) -> CommandConfiguration {
    let example = bareHexadecimal(layout.example)
    return CommandConfiguration(
      commandName: layout.command,
      abstract: "Explain values of \(layout.register), field by field.",
      discussion: """
        \(layout.register) is the \(layout.purpose). VALUE \(Number.valueRule). --json writes schema faultline.register/1: \
        {"schema", "register", "values": [{"value", "summary", "fields": [{"name", "high", "low", "value", "meaning"}]}]}.

        Examples:
          faultline \(layout.command) 0x\(example)
          faultline \(layout.command) \(example) --json
        """)
  }

  func run() throws { Standard.output(try output()) }

  /// The text that it prints. It throws one line of text for a mistake.
  func output() throws -> String {
    let explanations = try values.map { text in
      guard let value = Number.value(text) else {
        throw UsageError(
          "'\(text)' is not a value of \(Self.layout.register); write it in hexadecimal, as in \(hexadecimal(Self.layout.example))")
      }
      return RegisterExplanation(value, of: Self.layout)
    }
    if json { return try JSONText.document(RegisterDocument(Self.layout, explanations)) }
    return explanations.map { $0.lines.joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }
}

/// The JSON form of explained registers. 64-bit values are strings, because some readers of JSON lose bits of large numbers.
struct RegisterDocument: Codable {
  struct Value: Codable {
    let value: String
    let summary: String
    let fields: [FieldDocument]
  }
  var schema = "faultline.register/1"
  let register: String
  let values: [Value]

  init(_ layout: RegisterLayout, _ explanations: [RegisterExplanation]) {
    register = layout.register
    values = explanations.map {
      Value(value: hexadecimal($0.value), summary: $0.summary, fields: $0.fields.map(FieldDocument.init))
    }
  }
}

struct TCRCommand: RegisterCommand {
  static let layout = RegisterLayout.named("tcr")!
  static let configuration: CommandConfiguration = command(for: layout)

  @Flag(help: "Write JSON, schema faultline.register/1.")
  var json = false

  @Argument(help: ArgumentHelp("Values of the register.", valueName: "value"))
  var values: [String]
}

struct MAIRCommand: RegisterCommand {
  static let layout = RegisterLayout.named("mair")!
  static let configuration: CommandConfiguration = command(for: layout)

  @Flag(help: "Write JSON, schema faultline.register/1.")
  var json = false

  @Argument(help: ArgumentHelp("Values of the register.", valueName: "value"))
  var values: [String]
}

struct SCTLRCommand: RegisterCommand {
  static let layout = RegisterLayout.named("sctlr")!
  static let configuration: CommandConfiguration = command(for: layout)

  @Flag(help: "Write JSON, schema faultline.register/1.")
  var json = false

  @Argument(help: ArgumentHelp("Values of the register.", valueName: "value"))
  var values: [String]
}

struct SPSRCommand: RegisterCommand {
  static let layout = RegisterLayout.named("spsr")!
  static let configuration: CommandConfiguration = command(for: layout)

  @Flag(help: "Write JSON, schema faultline.register/1.")
  var json = false

  @Argument(help: ArgumentHelp("Values of the register.", valueName: "value"))
  var values: [String]
}

struct PARCommand: RegisterCommand {
  static let layout = RegisterLayout.named("par")!
  static let configuration: CommandConfiguration = command(for: layout)

  @Flag(help: "Write JSON, schema faultline.register/1.")
  var json = false

  @Argument(help: ArgumentHelp("Values of the register.", valueName: "value"))
  var values: [String]
}
