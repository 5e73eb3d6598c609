// Owns the table of system registers whose values are explained field by field: one row for each.
// It does not know where a value comes from.
import Architecture

/// One register: its names, its fields, and its value in one line.
public struct RegisterLayout: Sendable {
  /// The name in the Arm ARM.
  public let register: String
  /// The name of the command that explains it.
  public let command: String
  /// What the register does, in a few words.
  public let purpose: String
  /// A value that its users meet: an example for help.
  public let example: UInt64
  /// The fields, which in some registers depend on the value.
  let fields: @Sendable (UInt64) -> [FieldLayout]
  let summary: @Sendable (UInt64) -> String

  /// All registers that have a layout.
  public static let all: [RegisterLayout] = [
    RegisterLayout(
      register: "TCR_EL1", command: "tcr", purpose: "translation control: address sizes, granules, hardware updates",
      example: 0x0040_0035_b550_3510, fields: { _ in translationControl }, summary: translationControlSummary),
    RegisterLayout(
      register: "MAIR_EL1", command: "mair", purpose: "the memory types that descriptors name by AttrIndx", example: 0x0004_0044_f0ff,
      fields: { _ in memoryAttributes }, summary: memoryAttributesSummary),
    RegisterLayout(
      register: "SCTLR_EL1", command: "sctlr", purpose: "system control: MMU, caches, checks and traps", example: 0x0200_0020_34f4_d91d,
      fields: { _ in systemControl }, summary: systemControlSummary),
    RegisterLayout(
      register: "SPSR_EL1", command: "spsr", purpose: "PSTATE as an exception saved it, as in a log's pstate line", example: 0x6040_0005,
      fields: { $0 >> 4 & 1 == 0 ? savedState : savedState32 }, summary: savedStateSummary),
    RegisterLayout(
      register: "PAR_EL1", command: "par", purpose: "the result of an address translation instruction (AT)",
      example: 0xff00_0000_4001_2f80, fields: { $0 & 1 == 0 ? translated : untranslated }, summary: translationSummary),
  ]

  /// The row of a command; nil if there is none.
  public static func named(_ command: String) -> RegisterLayout? { all.first { $0.command == command } }
}
