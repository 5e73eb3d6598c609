// Owns the views of a vector register, and their text as GDB writes it. It does not know where the register's value comes from.
import Architecture

/// The views of V0 to V31 and of their parts under the names of GDB's target descriptions: `$v0.d.u[1]`, `$d0.f`, `$s0.u`.
public struct VectorView: Hashable, Sendable {
  /// The letter of a part of the register, with its size in bytes, and the kinds of number that it may hold.
  private static let parts: [(letter: Character, size: Int, kinds: [Kind])] = [
    ("d", 8, [.f, .u, .s]), ("s", 4, [.f, .u, .s]), ("h", 2, [.bf, .f, .u, .s]), ("b", 1, [.u, .s]), ("q", 16, [.u, .s]),
  ]

  /// Floating point, bfloat16, unsigned, signed.
  public enum Kind: String, Sendable { case bf, f, u, s }

  private let low: UInt64
  private let high: UInt64

  public init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  /// One number of a view.
  public struct Lane: Hashable, Sendable {
    public let bits: UInt64
    /// The size in bytes: 1 to 8.
    public let size: Int
    public let kind: Kind
  }

  /// The number that a name and its fields stand for: `v0`, [`d`, `u`], 1. Nil if there is none.
  public func lane(_ name: String, _ fields: [String], _ index: Int) -> Lane? {
    guard let letter = name.first, let part = letter == "v" ? fields.first?.first : letter,
      let row = Self.parts.first(where: { $0.letter == part }), letter != "v" || fields[0].count == 1
    else { return nil }
    let rest = letter == "v" ? fields.dropFirst() : fields[...]
    guard rest.count == 1, let kind = Kind(rawValue: rest.first!), row.kinds.contains(kind), row.size <= 8 else { return nil }
    guard (0..<(letter == "v" ? 16 / row.size : 1)).contains(index) else { return nil }
    return Lane(bits: bits(row.size, index), size: row.size, kind: kind)
  }

  private func bits(_ size: Int, _ index: Int) -> UInt64 {
    let at = size * index
    let half = at < 8 ? low : high
    return size == 8 ? half : half >> UInt64(at % 8 * 8) & (1 << UInt64(size * 8) - 1)
  }

  /// The text of all views of the register of this name: `{f = 1.5, u = 4609434218613702656, s = 4609434218613702656}`. `format` is the
  /// format of all numbers; nil for each kind's own.
  public func text(_ name: String, format: ExamineFormat?) -> String {
    guard let letter = name.first else { return "" }
    if letter != "v" {
      guard let row = Self.parts.first(where: { $0.letter == letter }) else { return "" }
      return "{" + row.kinds.map { "\($0.rawValue) = \(number(row.size, 0, $0, format))" }.joined(separator: ", ") + "}"
    }
    let views = Self.parts.map { row in
      let kinds = row.kinds.map { kind in
        "\(kind.rawValue) = {" + Self.list((0..<16 / row.size).map { number(row.size, $0, kind, format) }) + "}"
      }
      return "\(row.letter) = {" + kinds.joined(separator: ", ") + "}"
    }
    return "{" + views.joined(separator: ", ") + "}"
  }

  private func number(_ size: Int, _ index: Int, _ kind: Kind, _ format: ExamineFormat?) -> String {
    if size == 16 {
      if high == 0 { return ExamineFormat(letter: format?.letter ?? .u).text(low, size: 8, padded: false, symbols: .init([])) }
      let isHexadecimal = format.map { [.x, .z].contains($0.letter) } ?? false
      let value = UInt128(high) << 64 | UInt128(low)
      return isHexadecimal ? "0x" + String(value, radix: 16) : kind == .s ? "\(Int128(truncatingIfNeeded: value))" : "\(value)"
    }
    let bits = bits(size, index)
    let own: ExamineFormat.Letter =
      switch kind {
      case .bf, .f: .f
      case .u: .u
      case .s: .d
      }
    let letter = format?.letter ?? own
    if kind == .bf && letter == .f { return FloatingPointText.brainText(bits) }
    return ExamineFormat(letter: letter).text(bits, size: size, padded: false, symbols: .init([]))
  }

  /// GDB's form of an array: 10 and more equal numbers are written once.
  private static func list(_ numbers: [String]) -> String {
    var parts: [String] = []
    var rest = numbers[...]
    while let first = rest.first {
      let run = rest.prefix { $0 == first }.count
      if run >= 10 {
        parts.append("\(first) <repeats \(run) times>")
        rest = rest.dropFirst(run)
      } else {
        parts.append(first)
        rest = rest.dropFirst()
      }
    }
    return parts.joined(separator: ", ")
  }
}
