// Owns the names of the operations on integer lanes, one enumeration for each encoding class of C4.1.97.
// It does not know their encodings or what they compute.

@frozen public enum ThreeSame: UInt8, Hashable, Sendable, CaseIterable {
  case shadd, uhadd, sqadd, uqadd, srhadd, urhadd, shsub, uhsub, sqsub, uqsub
  case cmgt, cmhi, cmge, cmhs, cmtst, cmeq
  case sshl, ushl, sqshl, uqshl, srshl, urshl, sqrshl, uqrshl
  case smax, umax, smin, umin, sabd, uabd, saba, uaba
  case add, sub, mla, mls, mul, pmul
  case smaxp, umaxp, sminp, uminp, addp
  case sqdmulh, sqrdmulh
}

@frozen public enum ThreeDifferent: UInt8, Hashable, Sendable, CaseIterable {
  case saddl, uaddl, saddw, uaddw, ssubl, usubl, ssubw, usubw
  case addhn, raddhn, subhn, rsubhn
  case sabal, uabal, sabdl, uabdl
  case smlal, umlal, smlsl, umlsl, smull, umull
  case sqdmlal, sqdmlsl, sqdmull
  /// `log2Size` is 0, or 3 for the 64 x 64 bit product of FEAT_PMULL.
  case pmull
}

@frozen public enum TwoRegister: UInt8, Hashable, Sendable, CaseIterable {
  case rev64, rev32, rev16
  case saddlp, uaddlp, sadalp, uadalp
  case suqadd, usqadd
  case cls, clz, cnt, not, rbit
  case sqabs, sqneg, abs, neg
  case cmgtZero, cmgeZero, cmeqZero, cmleZero, cmltZero
  case xtn, sqxtn, uqxtn, sqxtun
  /// SHLL, which shifts by the lane's width.
  case shll
}

@frozen public enum AcrossLanes: UInt8, Hashable, Sendable, CaseIterable {
  case saddlv, uaddlv, smaxv, umaxv, sminv, uminv, addv
  case fmaxnmv, fmaxv, fminnmv, fminv
}

@frozen public enum ScalarPairwise: UInt8, Hashable, Sendable, CaseIterable {
  case addp
  case fmaxnmp, faddp, fmaxp, fminnmp, fminp
}

@frozen public enum ShiftByImmediate: UInt8, Hashable, Sendable, CaseIterable {
  case sshr, ushr, ssra, usra, srshr, urshr, srsra, ursra
  case sri, shl, sli
  case sqshl, uqshl, sqshlu
  case shrn, rshrn, sqshrn, sqrshrn, uqshrn, uqrshrn, sqshrun, sqrshrun
  case sshll, ushll
}

@frozen public enum ByElement: UInt8, Hashable, Sendable, CaseIterable {
  case mla, mls, mul
  case smlal, umlal, smlsl, umlsl, smull, umull
  case sqdmlal, sqdmlsl, sqdmull, sqdmulh, sqrdmulh, sqrdmlah, sqrdmlsh
  case sdot, udot, usdot, sudot
}

@frozen public enum Permute: UInt8, Hashable, Sendable, CaseIterable { case uzp1, trn1, zip1, uzp2, trn2, zip2 }

@frozen public enum Crypto: UInt8, Hashable, Sendable, CaseIterable {
  case aese, aesd, aesmc, aesimc
  case sha1c, sha1p, sha1m, sha1su0, sha1h, sha1su1
  case sha256h, sha256h2, sha256su0, sha256su1
  case sha512h, sha512h2, sha512su0, sha512su1
  /// XAR: `immediate` is the rotation.
  case eor3, rax1, xar, bcax
  /// SM3TT: `immediate` is the lane of Vm.
  case sm3ss1, sm3tt1a, sm3tt1b, sm3tt2a, sm3tt2b, sm3partw1, sm3partw2
  case sm4e, sm4ekey
}
