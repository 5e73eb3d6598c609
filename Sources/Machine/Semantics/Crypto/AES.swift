// Owns the steps of AES rounds as pure functions on 16 bytes.
// It does not know keys or instructions. FIPS 197; Arm ARM: AESSubBytes, AESShiftRows, AESMixColumns and their inverses.

/// Does SubBytes after ShiftRows.
@inline(__always) func aesSubstituteAndShift(_ state: Vector) -> Vector {
  let box = SubstitutionBoxes.shared.aes
  var result = Vector.zero
  for i in 0..<16 { result.setLane(i, box[state.lane((i &+ (i & 3) &* 4) & 15)]) }
  return result
}

/// Does InvSubBytes after InvShiftRows.
@inline(__always) func aesInverseSubstituteAndShift(_ state: Vector) -> Vector {
  let box = SubstitutionBoxes.shared.aesInverse
  var result = Vector.zero
  for i in 0..<16 { result.setLane(i, box[state.lane((i &- (i & 3) &* 4) & 15)]) }
  return result
}

@inline(__always) func aesMixColumns(_ state: Vector) -> Vector { mix(state, 2, 3, 1, 1) }
@inline(__always) func aesInverseMixColumns(_ state: Vector) -> Vector { mix(state, 14, 11, 13, 9) }

/// Multiplies each column by the circulant matrix whose first row is a, b, c, d.
@inline(__always) private func mix(_ state: Vector, _ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> Vector {
  var result = Vector.zero
  for i in 0..<16 {
    let column = i & 12
    let value =
      times(a, state.lane(i)) ^ times(b, state.lane(column | (i &+ 1) & 3)) ^ times(c, state.lane(column | (i &+ 2) & 3))
      ^ times(d, state.lane(column | (i &+ 3) & 3))
    result.setLane(i, value)
  }
  return result
}

/// The product of a byte and a factor below 16 in the field of AES.
@inline(__always) private func times(_ factor: UInt8, _ x: UInt8) -> UInt8 {
  @inline(__always) func double(_ y: UInt8) -> UInt8 { y &<< 1 ^ (y &>> 7 &* 0x1b) }
  let x2 = double(x), x4 = double(x2), x8 = double(x4)
  return (factor & 1 != 0 ? x : 0) ^ (factor & 2 != 0 ? x2 : 0) ^ (factor & 4 != 0 ? x4 : 0) ^ (factor & 8 != 0 ? x8 : 0)
}
