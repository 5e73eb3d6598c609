// Owns the types of values in expressions, and the names that users may write for them. It does not know any value.

/// The type of a value: an integer of 1, 2, 4 or 8 bytes.
struct ValueType: Hashable {
  var size = 8
  var isSigned = true
  /// Whether the value is an address, which is shown with its symbol.
  var isAddress = false
  /// Whether the bits are a number of floating point, which is shown and not computed with.
  var isFloat = false
  /// What lies behind an address of this type; nil if that is not known.
  var pointee: Pointee?

  /// The type behind a pointer, as its size and sign, and how many more pointers lead to it.
  struct Pointee: Hashable {
    var size: Int
    var isSigned: Bool
    var depth: Int
  }

  static let long = ValueType()
  static let unsigned = ValueType(isSigned: false)
  static let word = ValueType(size: 4)
  static let address = ValueType(isSigned: false, isAddress: true)

  /// A signed integer of this size in bytes.
  static func sized(_ size: Int) -> ValueType { ValueType(size: size) }
  static func number(_ size: Int, isSigned: Bool) -> ValueType { ValueType(size: size, isSigned: isSigned) }

  /// The type to which an address of this type leads; an unsigned doubleword if that is not known.
  var target: ValueType {
    guard let pointee else { return .unsigned }
    if pointee.depth == 0 { return ValueType(size: pointee.size, isSigned: pointee.isSigned) }
    return ValueType(
      isSigned: false, isAddress: true, pointee: Pointee(size: pointee.size, isSigned: pointee.isSigned, depth: pointee.depth - 1))
  }

  /// The type with this many pointers in front of it.
  func pointer(_ depth: Int) -> ValueType {
    if depth == 0 { return self }
    return ValueType(isSigned: false, isAddress: true, pointee: Pointee(size: size, isSigned: isSigned, depth: depth - 1))
  }

  /// The bits of a value in this type, extended to 64 bits.
  func extend(_ bits: UInt64) -> UInt64 {
    if size == 8 { return bits }
    let shift = UInt64(64 - 8 * size)
    return isSigned ? UInt64(bitPattern: Int64(bitPattern: bits << shift) >> Int64(shift)) : (bits << shift) >> shift
  }

  /// The type of the words between parentheses or braces, without their stars; nil if they are no type.
  init?(words: [String]) {
    let words = words.filter { !["const", "volatile", "struct"].contains($0) }
    if words.isEmpty { return nil }
    if words.count == 1, let named = Self.named[words[0]] {
      self = named
      return
    }
    guard words.allSatisfy({ Self.keywords.contains($0) }) else { return nil }
    let isUnsigned = words.contains("unsigned")
    let size = words.contains("char") ? 1 : words.contains("short") ? 2 : words.contains("long") ? 8 : 4
    // A plain char is unsigned on arm64.
    let isSigned = size == 1 ? words.contains("signed") : !isUnsigned
    self = ValueType(size: size, isSigned: isSigned)
  }

  /// A number of floating point of this size in bytes.
  static func float(_ size: Int) -> ValueType {
    var type = ValueType(size: size, isSigned: false)
    type.isFloat = true
    return type
  }

  /// Whether it is C's pointer to characters.
  var isString: Bool { pointee.map { $0.size == 1 && $0.depth == 0 } ?? false }

  private init(size: Int = 8, isSigned: Bool = true, isAddress: Bool = false, pointee: Pointee? = nil) {
    self.size = size
    self.isSigned = isSigned
    self.isAddress = isAddress
    self.pointee = pointee
  }

  private static let keywords: Set = ["unsigned", "signed", "char", "short", "int", "long"]
  private static let named: [String: ValueType] = {
    var types: [String: ValueType] = [
      "void": ValueType(size: 1, isSigned: false), "size_t": .unsigned, "uintptr_t": .unsigned, "ssize_t": .long, "intptr_t": .long,
      "pid_t": .word, "bool": ValueType(size: 1, isSigned: false), "_Bool": ValueType(size: 1, isSigned: false),
    ]
    for (size, bits) in [(1, 8), (2, 16), (4, 32), (8, 64)] {
      let unsigned = ValueType(size: size, isSigned: false)
      for name in ["u\(bits)", "uint\(bits)_t", "__u\(bits)"] { types[name] = unsigned }
      for name in ["i\(bits)", "s\(bits)", "int\(bits)_t", "__s\(bits)"] { types[name] = ValueType(size: size) }
    }
    return types
  }()
}

/// A value, and how to show it.
struct ExpressionValue: Hashable {
  var bits: UInt64
  var type = ValueType.long

  init(_ bits: UInt64, _ type: ValueType = .long) {
    self.bits = type.extend(bits)
    self.type = type
  }
  init(_ truth: Bool) { self.init(truth ? 1 : 0, .word) }

  var isTrue: Bool { bits != 0 }
}
