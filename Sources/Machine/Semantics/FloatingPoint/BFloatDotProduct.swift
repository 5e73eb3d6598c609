// Owns BFDOT's arithmetic without FEAT_EBF16: rounding to odd, denormals as zero, default NaNs, FPCR and FPSR untouched.
// It does not know how elements pair up, nor BFMLAL, which is a plain fused multiply-add. Arm ARM J1: BFDotAdd.

/// The control with which the common functions compute as BFAdd and BFMulH do: FZ and DN.
private var bfloatControl: FloatControl { FloatControl(bits: 0x0300_0000) }

/// Rounds a finite number. Overflow gives infinity, although rounding is to odd. Arm ARM: BFRound.
private func bfRound(_ x: WideFloat) -> UInt32 {
  let layout = SinglePrecision.layout
  if x.exponent > layout.bias { return UInt32(truncatingIfNeeded: layout.infinity(x.sign)) }
  var e = FloatEnvironment(control: bfloatControl, status: 0)
  return UInt32(truncatingIfNeeded: x.rounded(layout, .odd, &e))
}

private func bfUnpack(_ bits: UInt32) -> UnpackedFloat {
  var e = FloatEnvironment(control: bfloatControl, status: 0)
  return fpUnpack(SinglePrecision.layout, UInt64(bits), &e)
}

/// Arm ARM: BFMulH.
private func bfMultiply(_ a: UInt16, _ b: UInt16) -> UInt32 {
  let x = bfUnpack(UInt32(a) &<< 16)
  let y = bfUnpack(UInt32(b) &<< 16)
  let layout = SinglePrecision.layout
  let isInvalid = x.isNaN || y.isNaN || (x.isInfinity && y.isZero) || (x.isZero && y.isInfinity)
  if isInvalid { return UInt32(truncatingIfNeeded: layout.defaultNaN) }
  let product = WideFloat(product: x, y)
  switch product.type {
  case .infinity: return UInt32(truncatingIfNeeded: layout.infinity(product.sign))
  case .zero: return UInt32(truncatingIfNeeded: layout.zero(product.sign))
  default: return bfRound(product)
  }
}

/// Arm ARM: BFAdd.
private func bfAdd(_ a: UInt32, _ b: UInt32) -> UInt32 {
  let x = bfUnpack(a)
  let y = bfUnpack(b)
  let layout = SinglePrecision.layout
  if x.isNaN || y.isNaN || (x.isInfinity && y.isInfinity && x.sign != y.sign) {
    return UInt32(truncatingIfNeeded: layout.defaultNaN)
  }
  if x.isInfinity { return a }
  if y.isInfinity { return b }
  if x.isZero && y.isZero { return UInt32(truncatingIfNeeded: layout.zero(x.sign && y.sign)) }
  if x.isZero { return b }
  if y.isZero { return a }
  return WideFloat.sum(WideFloat(x), WideFloat(y)).map(bfRound) ?? 0
}

/// Computes addend + (a0 x b0 + a1 x b1), rounded at each step. BFMMLA does this twice for each element. Arm ARM: BFDotAdd.
func bfDotAdd(_ addend: UInt32, _ a0: UInt16, _ a1: UInt16, _ b0: UInt16, _ b1: UInt16) -> UInt32 {
  bfAdd(addend, bfAdd(bfMultiply(a0, b0), bfMultiply(a1, b1)))
}

/// BFMLALB and BFMLALT: single precision plus the exact product, with one rounding under FPCR. Arm ARM: BFMulAddH.
func bfMulAdd(_ addend: UInt32, _ a: UInt16, _ b: UInt16, _ e: inout FloatEnvironment) -> UInt32 {
  fpMulAdd(SinglePrecision.self, addend, UInt32(a) &<< 16, UInt32(b) &<< 16, &e)
}
