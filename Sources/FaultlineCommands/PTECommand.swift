// Owns `faultline pte`: a descriptor explained with no program loaded.
// It does not know any field: Debugging does.
import Architecture
import ArgumentParser
import Debugging
import DebugShell
import JSONDocuments

struct PTECommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pte",
    abstract: "Explain a translation table descriptor, field by field.",
    discussion: """
      The descriptor is one of stage 1. VALUE \(Number.valueRule). --json writes schema faultline.pte/1: {"schema", "value", \
      "level", "granule" (bytes), "kind" (invalid, table, block or page), "output" (the physical address, of all but invalid ones), \
      "summary", "fields": [{"name", "high", "low", "value", "meaning"}]}.

      Examples:
        faultline pte 0x00e8000040012f43
        faultline pte 0800000040013003 --level 2 --json
        faultline pte 0x0060000040000f41 --level 2 --granule 16k
        faultline pte 0x00e8000040012f43 --lpa2
      """)

  @Flag(help: "Write JSON, schema faultline.pte/1.")
  var json = false

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
    guard let number = Number.value(value) else {
      throw UsageError("'\(value)' is not a descriptor; write it in hexadecimal, as in 0x00e8000040012f43")
    }
    let format = try format()
    guard format.levels.contains(level) else {
      let levels = format.levels.map(String.init)
      throw UsageError("there is no level \(level); use \(levels.dropLast().joined(separator: ", ")) or \(levels.last!)")
    }
    let explanation = DescriptorExplanation(Descriptor(number), level: level, format: format)
    return json ? try JSONText.document(PTEDocument(explanation)) : explanation.lines.joined(separator: "\n") + "\n"
  }

  private func format() throws -> DescriptorFormat {
    let granules: [String: Granule] = ["4k": .size4K, "16k": .size16K, "64k": .size64K]
    guard let size = granules[granule.lowercased()] else { throw UsageError("'\(granule)' is not a granule; use 4k, 16k or 64k") }
    if lpa2 && size == .size64K { throw UsageError("--lpa2 is for 4k and 16k; with 64k the 52-bit addresses are --lpa") }
    if lpa && size != .size64K { throw UsageError("--lpa is for --granule 64k; with 4k and 16k the 52-bit addresses are --lpa2") }
    return DescriptorFormat(size, hasWideAddresses: lpa || lpa2)
  }
}

/// The JSON form of an explained descriptor.
struct PTEDocument: Codable {
  var schema = "faultline.pte/1"
  let value: String
  let level: Int
  /// Bytes.
  let granule: UInt64
  let kind: String
  let output: String?
  let summary: String
  let fields: [FieldDocument]

  init(_ explanation: DescriptorExplanation) {
    value = hexadecimal(explanation.descriptor.rawValue)
    level = explanation.level
    granule = explanation.format.granule.bytes
    kind = explanation.kind.rawValue
    output = explanation.kind == .invalid ? nil : hexadecimal(explanation.output)
    summary = explanation.summary
    fields = explanation.fields.map(FieldDocument.init)
  }
}
