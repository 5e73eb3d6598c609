// Owns FEAT_PAuth's instructions in the general executor: they combine a pointer with a key, the controls and the address sizes. It does
// not know the cipher. Arm ARM C6.2 and J1.1, AddPACIA, AuthIA and the functions of the other keys.
import Architecture
import Decoding

extension Context {
  /// The layout of pointers that TCR_EL1 sets. It is the same for both Exception levels, and it holds even while the MMU is off.
  private func layout(isData: Bool) -> PointerLayout {
    let regime = state.pointee.regime
    func isTagged(_ half: TranslationRegime.Half) -> Bool {
      half.control.topByteIgnored && (isData || !half.control.topByteIgnoredForDataOnly)
    }
    return PointerLayout(
      lowerIsTagged: isTagged(regime.lower), upperIsTagged: isTagged(regime.upper),
      lowerExtension: regime.lower.checkMask, upperExtension: regime.upper.checkMask)
  }

  func addPointerCode(_ key: PointerKey, _ d: Register, _ modifier: Register) {
    let s = state
    guard s.pointee.regime.sctlr.uses(key) else { return }
    let version = s.pointee.features.pauth
    write(
      d,
      addPAC(read(d), modifier: read(modifier), s.pointee.systemRegisters.pointerKeys[key], layout(isData: key.isData), version))
  }

  func authenticatePointer(_ key: PointerKey, _ d: Register, _ modifier: Register) throws(GeneralExit) {
    write(d, try authenticated(read(d), key, modifier: modifier, isCombined: false))
  }

  func stripPointerCode(isData: Bool, _ d: Register) { write(d, strippingPAC(read(d), layout(isData: isData))) }

  /// PACGA: stores the upper half of the code, whatever SCTLR_EL1 says. Arm ARM: AddPACGA.
  func genericCode(_ d: Register, _ n: Register, _ m: Register) {
    let code = computePAC(read(n), modifier: read(m), state.pointee.systemRegisters.pointerKeys.generic)
    write(d, code & 0xffff_ffff_0000_0000)
  }

  /// Authenticates a pointer for a register, or (if `isCombined`) for a branch or a load.
  private func authenticated(_ pointer: UInt64, _ key: PointerKey, modifier: Register, isCombined: Bool) throws(GeneralExit) -> UInt64 {
    let s = state
    guard s.pointee.regime.sctlr.uses(key) else { return pointer }
    let version = s.pointee.features.pauth
    let result = authenticate(
      pointer, modifier: read(modifier), s.pointee.systemRegisters.pointerKeys[key], isKeyB: key.isB, layout(isData: key.isData),
      version)
    let mayFail = version == .fpacCombine || (version == .fpac && !isCombined)
    if mayFail && !result.isValid { throw .exception(.pointerAuthentication(key: key.rawValue), far: nil) }
    return result.pointer
  }

  func branchAuthenticated(
    _ kind: BranchRegister, _ key: PointerKey, _ n: Register, _ modifier: Register, _ general: GeneralState
  ) throws(GeneralExit) {
    let target = try authenticated(read(n), key, modifier: modifier, isCombined: true)
    try branchIndirect(kind, n, to: target, general)
  }

  func returnAuthenticated(_ key: PointerKey, at retired: UInt64) throws(GeneralExit) {
    if state.pointee.processorState.exceptionLevel == 0 { throw .undefined }
    self[Slot.retired] = retired
    exceptionReturn(byGuest: true, to: try authenticated(self[.ELR_EL1], key, modifier: .sp, isCombined: true))
    throw .leave(pc: self[Slot.exitPC], .limit)
  }

  func loadAuthenticated(_ key: PointerKey, _ t: Register, _ addressing: Addressing) throws(GeneralExit) {
    let (n, offset, writesBack): (Register, Int64, Bool) =
      switch addressing {
      case .preIndex(let n, let offset): (n, offset, true)
      case .offset(let n, let offset): (n, offset, false)
      default: preconditionFailure("LDRAA has an offset, before the access or none")
      }
    let va = try authenticated(try base(n), key, modifier: .zero, isCombined: true) &+ UInt64(bitPattern: offset)
    write(t, try readValue(va, 8, AccessRules(kind: .read)))
    if writesBack { write(n, va) }
  }
}
