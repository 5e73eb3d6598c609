// Owns an expression as a tree, and its value. It does not know whose registers, symbols and memory it reads: it asks for them.
/// An expression, parsed once and evaluated as often as a condition is tested.
indirect enum Expression: Hashable {
  case number(ExpressionValue)
  case register(String)
  /// A number of a view of a vector register: `$v0.d.u[1]`.
  case lane(String, [String], index: Expression?)
  case symbol(String)
  case shown(Int)
  case field(word: String, argument: Expression?, name: String)
  /// The value at an address. The type is the address's own if nil.
  case load(Expression, as: ValueType?)
  case addressOf(Expression)
  case cast(ValueType, Expression)
  case unary(Character, Expression)
  case binary(String, Expression, Expression)
  case conditional(Expression, Expression, Expression)

  func value(_ names: some ExpressionNames) throws(ShellError) -> ExpressionValue {
    switch self {
    case .number(let value): return value
    case .register(let name): return try names.register(name)
    case .lane(let name, let fields, let index):
      var place = UInt64(0)
      if let index { place = try index.value(names).bits }
      return try names.lane(name, fields, Int(clamping: place))
    case .symbol(let name):
      if let word = try names.word(name) { return word }
      return try names.symbol(name)
    case .shown(let number): return try names.shown(number)
    case .field(let word, let argument, let name):
      var value: ExpressionValue?
      if let argument { value = try argument.value(names) }
      return try names.field(name, of: word, value)
    case .load(let address, let type):
      let address = try address.value(names)
      let type = type ?? address.type.target
      return ExpressionValue(try names.memory(address.bits, size: type.size), type)
    case .addressOf(let inner):
      switch inner {
      case .symbol(let name): return try names.symbol(name)
      case .load(let address, _): return try address.value(names)
      default: throw ShellError("& needs a symbol or a place in memory.")
      }
    case .cast(let type, let inner): return ExpressionValue(try inner.value(names).bits, type)
    case .unary(let sign, let inner):
      let value = try inner.value(names)
      try Self.refuseFloat(value)
      switch sign {
      case "-": return ExpressionValue(0 &- value.bits, Self.promoted(value.type))
      case "~": return ExpressionValue(~value.bits, Self.promoted(value.type))
      default: return ExpressionValue(!value.isTrue)
      }
    case .binary("&&", let a, let b):
      if try !a.value(names).isTrue { return ExpressionValue(false) }
      return ExpressionValue(try b.value(names).isTrue)
    case .binary("||", let a, let b):
      if try a.value(names).isTrue { return ExpressionValue(true) }
      return ExpressionValue(try b.value(names).isTrue)
    case .binary(let sign, let a, let b): return try Self.combine(sign, try a.value(names), try b.value(names))
    case .conditional(let condition, let yes, let no): return try (condition.value(names).isTrue ? yes : no).value(names)
    }
  }

  /// C's integer promotion, to a long: the value of a W register is shown with its own size, but computed with as 64 bits.
  private static func promoted(_ type: ValueType) -> ValueType { type.size == 8 && !type.isAddress ? type : .long }

  private static func refuseFloat(_ value: ExpressionValue) throws(ShellError) {
    if value.type.isFloat { throw ShellError("Numbers of floating point are shown, but not computed with; take the bits: $d0.u") }
  }

  private static func combine(_ sign: String, _ a: ExpressionValue, _ b: ExpressionValue) throws(ShellError) -> ExpressionValue {
    try refuseFloat(a)
    try refuseFloat(b)
    let isSigned = a.type.isSigned && b.type.isSigned || a.type.size < 8 && b.type.size < 8
    let (x, y) = (a.bits, b.bits)
    let (signedX, signedY) = (Int64(bitPattern: x), Int64(bitPattern: y))
    func isLess(_ x: UInt64, _ y: UInt64) -> Bool { isSigned ? Int64(bitPattern: x) < Int64(bitPattern: y) : x < y }
    // An address stays one under + and -, except in a difference of addresses.
    let keepsAddress = a.type.isAddress != b.type.isAddress && "+-".contains(sign)
    let type = keepsAddress ? (a.type.isAddress ? a.type : b.type) : isSigned ? ValueType.long : .unsigned
    switch sign {
    case "+": return ExpressionValue(x &+ y, type)
    case "-": return ExpressionValue(x &- y, a.type.isAddress && b.type.isAddress ? .long : type)
    case "*": return ExpressionValue(x &* y, type)
    case "/", "%":
      if y == 0 { throw ShellError("Division by zero.") }
      if !isSigned { return ExpressionValue(sign == "/" ? x / y : x % y, type) }
      if signedY == -1 { return ExpressionValue(sign == "/" ? 0 &- x : 0, type) }
      return ExpressionValue(UInt64(bitPattern: sign == "/" ? signedX / signedY : signedX % signedY), type)
    case "<<": return ExpressionValue(y > 63 ? 0 : x << y, type)
    case ">>":
      if a.type.isSigned { return ExpressionValue(UInt64(bitPattern: signedX >> Int64(min(y, 63))), .long) }
      return ExpressionValue(y > 63 ? 0 : x >> y, .unsigned)
    case "&": return ExpressionValue(x & y, type)
    case "|": return ExpressionValue(x | y, type)
    case "^": return ExpressionValue(x ^ y, type)
    case "==": return ExpressionValue(x == y)
    case "!=": return ExpressionValue(x != y)
    case "<": return ExpressionValue(isLess(x, y))
    case ">": return ExpressionValue(isLess(y, x))
    case "<=": return ExpressionValue(!isLess(y, x))
    case ">=": return ExpressionValue(!isLess(x, y))
    default: preconditionFailure("the parser makes no operator '\(sign)'")
    }
  }
}
