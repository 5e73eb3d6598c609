// Owns a 64-bit digest over a value of any type: it is the same in every process, and covers fields that are added to the type
// later.
// It does not know what the value means. A value that holds a reference or a closure has no digest: that is a bug of the emulator.

/// A digest over plain values. Fields count in the order of their declaration. Entries of dictionaries and sets count in the order
/// of their own digests, because their own order differs from process to process.
public struct StateDigest: Sendable {
  private var state: UInt64 = 0x5afe_57a7_e000_0001

  public static func of(_ value: Any) -> UInt64 {
    var digest = StateDigest()
    digest.add(value)
    return digest.state
  }

  /// One round of SplitMix64's finaliser over the state and a word.
  private mutating func add(word: UInt64) {
    var z = (state ^ word) &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
    state = z ^ (z &>> 31)
  }
  private mutating func add(bytes: some Sequence<UInt8>) {
    var (word, count): (UInt64, UInt64) = (0, 0)
    for byte in bytes {
      word = word << 8 | UInt64(byte)
      count += 1
      if count & 7 == 0 { add(word: word) }
    }
    add(word: word)
    add(word: count)
  }

  private mutating func add(_ value: Any) {
    switch value {
    case let value as any FixedWidthInteger: add(word: UInt64(truncatingIfNeeded: value))
    case let value as Bool: add(word: value ? 1 : 0)
    case let value as String: add(bytes: value.utf8)
    case let value as [UInt8]: add(bytes: value)
    case let value as [UInt64]:
      add(word: UInt64(value.count))
      for word in value { add(word: word) }
    default: addParts(of: value)
    }
  }

  private mutating func addParts(of value: Any) {
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .class, .foreignReference: preconditionFailure("a state holds a reference: \(mirror.subjectType)")
    case .dictionary, .set:
      add(word: UInt64(mirror.children.count))
      for part in mirror.children.map({ Self.of($0.value) }).sorted() { add(word: part) }
    case .enum where mirror.children.isEmpty: add(bytes: "\(value)".utf8)
    // A value in an optional is digested as the value itself, so the empty optional must be digested as something else.
    case .optional where mirror.children.isEmpty: add(bytes: "nil".utf8)
    case .none:
      precondition(mirror.children.isEmpty && "\(mirror.subjectType)" == "()", "a state holds no plain value: \(mirror.subjectType)")
    default:
      add(word: UInt64(mirror.children.count))
      for child in mirror.children {
        // The label is the case of an enumeration with a payload. A field's label is left out, because its position says the same.
        if mirror.displayStyle == .enum, let label = child.label { add(bytes: label.utf8) }
        add(child.value)
      }
    }
  }
}
