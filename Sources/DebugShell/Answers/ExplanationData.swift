// Owns the data of explained values: registers, descriptors and syndromes, field by field. It does not know any field.
import Architecture
import Debugging
import LinuxKernel

/// One field of an explained value.
public struct FieldDocument: Codable, Sendable {
  public let name: String
  /// Bit numbers, both inclusive.
  public let high: Int
  public let low: Int
  public let value: UInt64
  public let meaning: String

  public init(_ field: ExplainedField) {
    name = field.name
    high = field.high
    low = field.low
    value = field.value
    meaning = field.meaning
  }
}

/// An explained syndrome: its fields, and what Linux does where it comes from EL0 or EL1.
public struct SyndromeDocument: Codable, Sendable {
  public struct Outcome: Codable, Sendable {
    public let from: String
    public let does: String
  }
  public let value: String
  public let summary: String
  public let fields: [FieldDocument]
  /// The trapped system instruction, where there is one.
  public let instruction: String?
  public let linux: [Outcome]

  public init(_ syndrome: ExceptionSyndrome) {
    let explanation = ESRExplanation(syndrome)
    value = hexadecimal(syndrome.rawValue)
    summary = explanation.summary
    fields = explanation.fields.map(FieldDocument.init)
    instruction = explanation.instruction
    linux = ExceptionOutcome.all(syndrome).map { Outcome(from: $0.origin, does: $0.text) }
  }
}

/// An explained descriptor or system register.
struct ExplanationData: Codable, Sendable {
  let value: HexadecimalText
  let summary: String
  let fields: [FieldDocument]

  init(_ value: UInt64, _ summary: String, _ fields: [ExplainedField]) {
    self.value = HexadecimalText(value)
    self.summary = summary
    self.fields = fields.map(FieldDocument.init)
  }
}
