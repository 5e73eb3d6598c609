// Owns comparisons, maxima and minima.
// It does not know instructions or where flags are kept. Arm ARM J1: shared/functions/float.

/// An operand of a comparison: the number's place in the order of all numbers. Both zeros have the place 0.
private struct OrderedFloat {
  let value: UnpackedFloat
  let rank: Int64

  @inline(__always) init(_ layout: FloatLayout, _ bits: UInt64, _ e: inout FloatEnvironment) {
    value = fpUnpack(layout, bits, &e)
    let magnitude = value.isZero ? 0 : Int64(bitPattern: bits & (layout.signBit &- 1))
    rank = value.sign ? 0 &- magnitude : magnitude
  }
}

/// Arm ARM: FPCompare. NZCV in bits 3:0.
func fpCompare<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits, signalNaNs: Bool, _ e: inout FloatEnvironment) -> UInt64 {
  let x = OrderedFloat(F.layout, UInt64(a), &e)
  let y = OrderedFloat(F.layout, UInt64(b), &e)
  if x.value.isNaN || y.value.isNaN {
    if signalNaNs || x.value.type == .signallingNaN || y.value.type == .signallingNaN { e.raise(.invalidOperation) }
    return 0b0011
  }
  return x.rank == y.rank ? 0b0110 : x.rank < y.rank ? 0b1000 : 0b0010
}

/// Arm ARM: FPCompareEQ.
func fpCompareEQ<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment) -> Bool {
  fpCompare(f, a, b, signalNaNs: false, &e) == 0b0110
}

/// Arm ARM: FPCompareGE.
func fpCompareGE<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment) -> Bool {
  let nzcv = fpCompare(f, a, b, signalNaNs: true, &e)
  return nzcv == 0b0110 || nzcv == 0b0010
}

/// Arm ARM: FPCompareGT.
func fpCompareGT<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment) -> Bool {
  fpCompare(f, a, b, signalNaNs: true, &e) == 0b0010
}

/// Arm ARM: FPMax.
func fpMax<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  F.Bits(truncatingIfNeeded: fpExtremum(F.layout, UInt64(a), UInt64(b), isMaximum: true, &e))
}

/// Arm ARM: FPMin.
func fpMin<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  F.Bits(truncatingIfNeeded: fpExtremum(F.layout, UInt64(a), UInt64(b), isMaximum: false, &e))
}

/// The maximum, for which a number is greater than a quiet NaN. Arm ARM: FPMaxNum.
func fpMaxNum<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  F.Bits(truncatingIfNeeded: fpNumericExtremum(F.layout, UInt64(a), UInt64(b), isMaximum: true, &e))
}

/// The minimum, for which a number is less than a quiet NaN. Arm ARM: FPMinNum.
func fpMinNum<F: FloatFormat>(_ f: F.Type, _ a: F.Bits, _ b: F.Bits, _ e: inout FloatEnvironment) -> F.Bits {
  F.Bits(truncatingIfNeeded: fpNumericExtremum(F.layout, UInt64(a), UInt64(b), isMaximum: false, &e))
}

private func fpExtremum(_ layout: FloatLayout, _ a: UInt64, _ b: UInt64, isMaximum: Bool, _ e: inout FloatEnvironment) -> UInt64 {
  let x = OrderedFloat(layout, a, &e)
  let y = OrderedFloat(layout, b, &e)
  if let nan = fpProcessNaNs(layout, x.value, y.value, a, b, &e) { return nan }
  let takesFirst = isMaximum ? x.rank > y.rank : x.rank < y.rank
  if (takesFirst ? x.value : y.value).isZero {
    // Of two zeros, the maximum is the positive one and the minimum the negative one.
    return layout.zero(isMaximum ? x.value.sign && y.value.sign : x.value.sign || y.value.sign)
  }
  return takesFirst ? a : b
}

private func fpNumericExtremum(
  _ layout: FloatLayout, _ a: UInt64, _ b: UInt64, isMaximum: Bool, _ e: inout FloatEnvironment
) -> UInt64 {
  let x = fpUnpack(layout, a, &e).type == .quietNaN
  let y = fpUnpack(layout, b, &e).type == .quietNaN
  let least = layout.infinity(isMaximum)
  return fpExtremum(layout, x && !y ? least : a, y && !x ? least : b, isMaximum: isMaximum, &e)
}
