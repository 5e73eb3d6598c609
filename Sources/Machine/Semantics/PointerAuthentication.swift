// Owns what pointer authentication does to one pointer: adding a code, checking it, and removing it.
// It does not know registers: the caller gives the layout of pointers and the key.
import Architecture

/// How the pointers of one kind, data or instruction, are laid out in the two halves of the address space.
struct PointerLayout: Equatable {
  /// The top byte is a tag. Arm ARM: EffectiveTBI.
  var lowerIsTagged: Bool
  var upperIsTagged: Bool
  /// The bits above an address: those from the lowest bit of the PAC field up. Arm ARM: CalculateBottomPACBit.
  var lowerExtension: UInt64
  var upperExtension: UInt64

  /// Arm ARM: EffectiveTBI, by bit 55.
  fileprivate func isTagged(_ pointer: UInt64) -> Bool { pointer & bit55 != 0 ? upperIsTagged : lowerIsTagged }
  /// The bits of `pointer` that all equal bit 55 if the pointer is canonical.
  fileprivate func extensionBits(upper: Bool, tagged: Bool) -> UInt64 {
    (upper ? upperExtension : lowerExtension) & (tagged ? 0x00ff_ffff_ffff_ffff : ~0)
  }
}

private let bit55: UInt64 = 1 << 55

/// A pointer with its code. Arm ARM: AddPAC.
func addPAC(
  _ pointer: UInt64, modifier: UInt64, _ key: PointerKeyValue, _ layout: PointerLayout, _ version: ProcessorFeatures.PointerAuthentication
) -> UInt64 {
  let tagged = layout.isTagged(pointer)
  // If either half has tags, bit 55 distinguishes the halves, even for a pointer of the half without tags.
  let upper = pointer &>> (layout.lowerIsTagged || layout.upperIsTagged ? 55 : 63) & 1 != 0
  let above = layout.extensionBits(upper: upper, tagged: tagged)
  var code = computePAC(upper ? pointer | above : pointer & ~above, modifier: modifier, key)
  if pointer & above != 0 && pointer & above != above {
    if version == .epac { code = 0 } else if version == .basic { code ^= 1 &<< (tagged ? 54 : 62) }
  }
  if version.rawValue >= ProcessorFeatures.PointerAuthentication.pauth2.rawValue { code ^= pointer }
  return pointer & ~above | code & above & ~bit55 | (upper ? bit55 : 0)
}

/// The pointer without its code, and in `isValid` whether the code was right. For a wrong code, FEAT_PAuth and FEAT_EPAC leave an
/// error code of two bits that no address has, and FEAT_PAuth2 leaves the difference of the codes. Arm ARM: Auth.
func authenticate(
  _ pointer: UInt64, modifier: UInt64, _ key: PointerKeyValue, isKeyB: Bool, _ layout: PointerLayout,
  _ version: ProcessorFeatures.PointerAuthentication
) -> (pointer: UInt64, isValid: Bool) {
  let (tagged, upper) = (layout.isTagged(pointer), pointer & bit55 != 0)
  let above = layout.extensionBits(upper: upper, tagged: tagged)
  let canonical = upper ? pointer | above : pointer & ~above
  let code = computePAC(canonical, modifier: modifier, key)
  let field = above & ~bit55
  if version.rawValue >= ProcessorFeatures.PointerAuthentication.pauth2.rawValue {
    let result = pointer ^ code & field
    return (result, result & above == canonical & above)
  }
  if (pointer ^ code) & field == 0 { return (canonical, true) }
  let errorCode: UInt64 = isKeyB ? 0b10 : 0b01
  let place: UInt64 = tagged ? 53 : 61
  return (canonical & ~(3 &<< place) | errorCode &<< place, false)
}

/// The pointer with the code replaced by extension bits. Arm ARM: Strip.
func strippingPAC(_ pointer: UInt64, _ layout: PointerLayout) -> UInt64 {
  let upper = pointer & bit55 != 0
  let above = layout.extensionBits(upper: upper, tagged: layout.isTagged(pointer))
  return upper ? pointer | above : pointer & ~above
}
