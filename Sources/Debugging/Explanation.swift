// Owns the form of an explanation: fields with bits, value and meaning, as text and as data.
// It does not know any register.
import Architecture

/// The bits of a field and the meanings of its values.
struct FieldLayout: Sendable {
  let name: String
  let high: Int
  let low: Int
  let meaning: @Sendable (UInt64) -> String

  init(_ name: String, _ high: Int, _ low: Int, _ meaning: @escaping @Sendable (UInt64) -> String = { _ in "" }) {
    self.name = name
    self.high = high
    self.low = low
    self.meaning = meaning
  }

  /// A field of one bit, with a meaning for 0 and one for 1.
  init(_ name: String, _ bit: Int, _ zero: String, _ one: String) {
    self.init(name, bit, bit) { $0 == 0 ? zero : one }
  }

  /// A field whose values from 0 up have names; the other values are reserved.
  init(_ name: String, _ high: Int, _ low: Int, names: [String]) {
    self.init(name, high, low) { $0 < UInt64(names.count) ? names[Int($0)] : "reserved" }
  }

  var mask: UInt64 { (high - low == 63 ? ~0 : (1 << UInt64(high - low + 1)) - 1) << UInt64(low) }

  func explain(_ word: UInt64, depth: Int) -> ExplainedField {
    let value = (word & mask) >> UInt64(low)
    return ExplainedField(name: name, high: high, low: low, value: value, meaning: meaning(value), depth: depth)
  }
}

/// One field of a word.
public struct ExplainedField: Hashable, Sendable {
  public let name: String
  /// Bit numbers, both inclusive.
  public let high: Int
  public let low: Int
  public let value: UInt64
  /// The meaning of the value; empty if the value needs none.
  public let meaning: String
  /// 1 for a field inside another one.
  public let depth: Int

  /// `12:11`, or `24`.
  var bits: String { high == low ? "\(high)" : "\(high):\(low)" }
  /// A single bit as 0 or 1, others with all their hexadecimal digits.
  var valueText: String { high == low ? "\(value)" : hexadecimal(value, digits: (high - low + 4) / 4) }
}

extension [ExplainedField] {
  /// One line for each field, in columns.
  func table() -> [String] {
    let nameWidth = map { $0.name.count + 2 * $0.depth }.max() ?? 0
    let bitsWidth = map(\.bits.count).max() ?? 0
    let valueWidth = map(\.valueText.count).max() ?? 0
    return map { field in
      let name = String(repeating: "  ", count: field.depth) + field.name
      let line = "  \(name.padded(nameWidth))  \(field.bits.padded(bitsWidth))  \(field.valueText.padded(valueWidth))  \(field.meaning)"
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}

/// Explains `word` by `layout`. A set bit of `within` that belongs to no field is reported as RES0.
func explain(_ word: UInt64, by layout: [FieldLayout], within: UInt64, depth: Int) -> [ExplainedField] {
  var fields = layout.map { $0.explain(word, depth: depth) }
  var rest = word & within & ~layout.reduce(0) { $0 | $1.mask }
  while rest != 0 {
    let low = rest.trailingZeroBitCount
    var high = low
    while high < 63 && rest >> UInt64(high + 1) & 1 != 0 { high += 1 }
    let field = FieldLayout("RES0", high, low) { _ in "bits that should be 0" }
    fields.append(field.explain(word, depth: depth))
    rest &= ~field.mask
  }
  return fields.sorted { $0.high > $1.high }
}
