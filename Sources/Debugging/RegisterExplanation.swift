// Owns the explanation of one value of a system register that has a layout: a summary and every field.
// It does not know any register: RegisterLayout does.
import Architecture

/// The explanation of a value of a register that `RegisterLayout` describes.
public struct RegisterExplanation: Sendable {
  public let layout: RegisterLayout
  public let value: UInt64
  /// The fields, highest bit first; set bits that have no field are reported as RES0.
  public let fields: [ExplainedField]

  public init(_ value: UInt64, of layout: RegisterLayout) {
    self.layout = layout
    self.value = value
    fields = explain(value, by: layout.fields(value), within: ~0, depth: 0)
  }

  /// The value in one line.
  public var summary: String { layout.summary(value) }

  /// The explanation as lines of text, without line ends.
  public var lines: [String] { ["\(layout.register) \(hexadecimal(value)): \(summary)"] + fields.table() }
}
