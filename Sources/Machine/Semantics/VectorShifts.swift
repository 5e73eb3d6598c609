// Owns the pure functions of shifts of integer lanes: by any amount, rounding, saturating, inserting.
// It does not know vectors or registers. `saturated` becomes true where a result did not fit, and is never made false.

/// Shifts right by 1 or more, arithmetic for signed types; all bits may go. Rounded to nearest, halves up, where `rounds`.
@inline(__always)
func shiftRight<T: FixedWidthInteger>(_ value: T, _ amount: Int, rounds: Bool) -> T {
  let shifted = value >> amount
  return rounds ? shifted &+ (value >> (amount &- 1) & 1) : shifted
}

/// SSHL, USHL, SRSHL, URSHL: left by a signed amount.
@inline(__always)
func shiftLeft<T: FixedWidthInteger>(_ value: T, bySigned amount: Int8, rounds: Bool) -> T {
  amount >= 0 ? value << Int(amount) : shiftRight(value, 0 &- Int(amount), rounds: rounds)
}

/// SQSHL and UQSHL (immediate): left by 0 or more.
@inline(__always)
func saturatingShiftLeft<T: FixedWidthInteger>(_ value: T, _ amount: Int, _ saturated: inout Bool) -> T {
  let shifted = value << amount
  if shifted >> amount == value { return shifted }
  saturated = true
  return value < 0 ? .min : .max
}

/// SQSHL, UQSHL, SQRSHL, UQRSHL (register): left by a signed amount.
@inline(__always)
func saturatingShiftLeft<T: FixedWidthInteger>(_ value: T, bySigned amount: Int8, rounds: Bool, _ saturated: inout Bool) -> T {
  amount >= 0 ? saturatingShiftLeft(value, Int(amount), &saturated) : shiftRight(value, 0 &- Int(amount), rounds: rounds)
}

/// SQSHLU: a signed number shifted left into an unsigned one.
@inline(__always)
func saturatingShiftLeftUnsigned<S: FixedWidthInteger, U: FixedWidthInteger>(_ value: S, _ amount: Int, _ saturated: inout Bool) -> U {
  if value < 0 {
    saturated = true
    return 0
  }
  return saturatingShiftLeft(U(truncatingIfNeeded: value), amount, &saturated)
}

/// SRI: `value` shifted right into `destination`, whose upper bits stay.
@inline(__always)
func shiftRightInsert<T: FixedWidthInteger>(_ destination: T, _ value: T, _ amount: Int) -> T {
  let mask = T.max >> amount
  return (destination & ~mask) | (value >> amount)
}

/// SLI: `value` shifted left into `destination`, whose lower bits stay.
@inline(__always)
func shiftLeftInsert<T: FixedWidthInteger>(_ destination: T, _ value: T, _ amount: Int) -> T {
  let mask = T.max << amount
  return (destination & ~mask) | (value << amount)
}
