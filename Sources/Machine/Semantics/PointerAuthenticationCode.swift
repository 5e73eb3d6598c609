// Owns the QARMA5 cipher that computes every pointer authentication code: 64 bits under a 64-bit tweak and a 128-bit key. It does not know
// pointers, or which bits of the result are used. Arm ARM: ComputePAC.

/// A pointer authentication key, as its two registers hold it.
struct PointerKeyValue: Equatable {
  /// ...KeyLo_EL1: the core key.
  var low: UInt64 = 0
  /// ...KeyHi_EL1: the whitening key.
  var high: UInt64 = 0
}

/// Computes QARMA5 on sixteen cells of four bits. Cell 0 is the lowest. Arm ARM: ComputePAC.
func computePAC(_ data: UInt64, modifier: UInt64, _ key: PointerKeyValue) -> UInt64 {
  let (key0, key1) = (key.high, key.low)
  let mirrored = (key0 &<< 63 | key0 &>> 1) ^ key0 &>> 63
  var tweak = modifier
  var state = data ^ key0
  for round in 0..<5 {
    state ^= key1 ^ tweak ^ roundConstant(round)
    if round > 0 { state = pacMult(shuffleCells(state, CellOrder.state)) }
    state = substituteCells(state, Substitution.forward)
    tweak = tweakShuffle(tweak)
  }
  state = pacMult(shuffleCells(state ^ mirrored ^ tweak, CellOrder.state))
  state = substituteCells(state, Substitution.forward)
  // The reflector.
  state = key1 ^ pacMult(shuffleCells(state, CellOrder.state))
  state = substituteCells(shuffleCells(state, CellOrder.stateInverse), Substitution.inverse)
  state = shuffleCells(pacMult(state), CellOrder.stateInverse) ^ key0 ^ tweak
  for round in 0..<5 {
    state = substituteCells(state, Substitution.inverse)
    if round < 4 { state = shuffleCells(pacMult(state), CellOrder.stateInverse) }
    tweak = tweakInvShuffle(tweak)
    state ^= roundConstant(4 &- round) ^ key1 ^ tweak ^ 0xc0ac_29b7_c97c_50dd
  }
  return state ^ mirrored
}

/// Arm ARM: RC.
@inline(__always)
private func roundConstant(_ round: Int) -> UInt64 {
  switch round {
  case 0: 0
  case 1: 0x1319_8a2e_0370_7344
  case 2: 0xa409_3822_299f_31d0
  case 3: 0x082e_fa98_ec4e_6c89
  default: 0x4528_21e6_38d0_1377
  }
}

/// Digit n is the number of the cell that moves to cell n.
private enum CellOrder {
  /// Arm ARM: PACCellShuffle, PACCellInvShuffle.
  @inline(__always) static var state: UInt64 { 0xf492_5e38_a1c7_0b6d }
  @inline(__always) static var stateInverse: UInt64 { 0xfa05_27d8_41be_9c63 }
  /// The order of TweakShuffle and TweakInvShuffle.
  @inline(__always) static var tweak: UInt64 { 0x9a10_fedc_832b_7654 }
  @inline(__always) static var tweakInverse: UInt64 { 0xba98_4ef7_3210_65dc }
  /// The cells that TweakShuffle rotates after it has moved them.
  @inline(__always) static var rotated: UInt64 { 0xff0f_f000_f00f_0f00 }
}

/// Digit n is the value that replaces a cell of value n. Arm ARM: PACSub, PACInvSub.
private enum Substitution {
  @inline(__always) static var forward: UInt64 { 0xa12d_5473_e90c_f86b }
  @inline(__always) static var inverse: UInt64 { 0x37c4_0f62_91ba_8de5 }
}

@inline(__always)
private func shuffleCells(_ cells: UInt64, _ order: UInt64) -> UInt64 {
  var result: UInt64 = 0
  for cell in 0..<16 as Range<UInt64> {
    let place = cell &* 4
    result |= (cells &>> ((order &>> place & 15) &* 4) & 15) &<< place
  }
  return result
}

@inline(__always)
private func substituteCells(_ cells: UInt64, _ table: UInt64) -> UInt64 {
  var result: UInt64 = 0
  for cell in 0..<16 as Range<UInt64> {
    let place = cell &* 4
    result |= (table &>> ((cells &>> place & 15) &* 4) & 15) &<< place
  }
  return result
}

/// Rotates each cell left. Arm ARM: RotCell.
@inline(__always)
private func rotateCells(_ cells: UInt64) -> UInt64 {
  cells &<< 1 & 0xeeee_eeee_eeee_eeee | cells &>> 3 & 0x1111_1111_1111_1111
}

/// Mixes each row of four cells: each cell becomes a sum of the other three, rotated by 1, 2 and 1. Arm ARM: PACMult.
@inline(__always)
private func pacMult(_ cells: UInt64) -> UInt64 {
  let once = rotateCells(cells)
  let twice = rotateCells(once)
  return (once &<< 16 | once &>> 48) ^ (twice &<< 32 | twice &>> 32) ^ (once &<< 48 | once &>> 16)
}

/// Arm ARM: TweakShuffle, TweakCellRot.
@inline(__always)
private func tweakShuffle(_ tweak: UInt64) -> UInt64 {
  let moved = shuffleCells(tweak, CellOrder.tweak)
  let turned = moved &>> 1 & 0x7777_7777_7777_7777 | ((moved ^ moved &>> 1) & 0x1111_1111_1111_1111) &<< 3
  return moved & ~CellOrder.rotated | turned & CellOrder.rotated
}

/// Arm ARM: TweakInvShuffle, TweakCellInvRot.
@inline(__always)
private func tweakInvShuffle(_ tweak: UInt64) -> UInt64 {
  let turned = tweak &<< 1 & 0xeeee_eeee_eeee_eeee | (tweak ^ tweak &>> 3) & 0x1111_1111_1111_1111
  return shuffleCells(tweak & ~CellOrder.rotated | turned & CellOrder.rotated, CellOrder.tweakInverse)
}
