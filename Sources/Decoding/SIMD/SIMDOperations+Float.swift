// Owns the names of the operations on floating-point lanes, one enumeration for each encoding class of C4.1.97.
// It does not know their encodings or what they compute.

@frozen public enum ThreeSameFloat: UInt8, Hashable, Sendable, CaseIterable {
  case fmaxnm, fmla, fadd, fmulx, fcmeq, fmax, frecps
  case fminnm, fmls, fsub, fmin, frsqrts
  case fmaxnmp, faddp, fmul, fcmge, facge, fmaxp, fdiv
  case fminnmp, fabd, fcmgt, facgt, fminp
  /// FEAT_FHM: half-precision products are added to single-precision lanes. `arrangement` describes the single-precision side.
  case fmlal, fmlal2, fmlsl, fmlsl2
}

@frozen public enum ThreeSameExtra: UInt8, Hashable, Sendable, CaseIterable {
  case sqrdmlah, sqrdmlsh
  case sdot, udot, usdot
  /// `immediate` is the rotation in quarter turns: 0 to 3 for FCMLA, 1 or 3 for FCADD.
  case fcmla, fcadd
  case smmla, ummla, usmmla
  case bfdot, bfmmla, bfmlalb, bfmlalt
}

@frozen public enum TwoRegisterFloat: UInt8, Hashable, Sendable, CaseIterable {
  case fcvtn, fcvtl, fcvtxn, bfcvtn
  case frintn, frinta, frintp, frintm, frintx, frintz, frinti
  case frint32z, frint32x, frint64z, frint64x
  case fcvtns, fcvtnu, fcvtps, fcvtpu, fcvtms, fcvtmu, fcvtzs, fcvtzu, fcvtas, fcvtau
  case scvtf, ucvtf
  case urecpe, ursqrte, frecpe, frsqrte, frecpx
  case fabs, fneg, fsqrt
  case fcmgtZero, fcmgeZero, fcmeqZero, fcmleZero, fcmltZero
}

@frozen public enum ByElementFloat: UInt8, Hashable, Sendable, CaseIterable {
  case fmla, fmls, fmul, fmulx
  case fmlal, fmlal2, fmlsl, fmlsl2
  /// `immediate` is the index of the pair, and the rotation in quarter turns from bit 8 up.
  case fcmla
  case bfdot, bfmlalb, bfmlalt
}

@frozen public enum FloatOneSource: UInt8, Hashable, Sendable, CaseIterable {
  case fabs, fneg, fsqrt
  case frintn, frintp, frintm, frintz, frinta, frintx, frinti
  case frint32z, frint32x, frint64z, frint64x
  /// FCVT to the precision named; BFCVT.
  case fcvtToHalf, fcvtToSingle, fcvtToDouble, bfcvt
}

@frozen public enum FloatTwoSource: UInt8, Hashable, Sendable, CaseIterable {
  case fmul, fdiv, fadd, fsub, fmax, fmin, fmaxnm, fminnm, fnmul
}

@frozen public enum FloatThreeSource: UInt8, Hashable, Sendable, CaseIterable { case fmadd, fmsub, fnmadd, fnmsub }

/// FCVT* to a general register, by rounding mode and signedness.
@frozen public enum FloatToGeneral: UInt8, Hashable, Sendable, CaseIterable {
  case fcvtns, fcvtnu, fcvtps, fcvtpu, fcvtms, fcvtmu, fcvtzs, fcvtzu, fcvtas, fcvtau
}
