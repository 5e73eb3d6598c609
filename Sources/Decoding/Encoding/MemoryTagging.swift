// Owns the encodings of those instructions of FEAT_MTE that EL0 may use, at their places in C4.1.
// It does not know tags: instructions of FEAT_MTE2, which need tag storage, are not allocated here.
import Architecture

enum MemoryTagging {
  /// Add/subtract (immediate, with tags).
  static func addTag(_ w: Word) -> Instruction {
    if !w[31] || w[29] || w[15, 14] != 0 { return .undefined }
    return .addTag(
      subtract: w[30], d: w.registerOrSP(0), n: w.nOrSP, offset: UInt16(w[21, 16] << 4), tagOffset: UInt8(w[13, 10]))
  }

  /// SUBP, SUBPS, IRG and GMI among data processing (2 source); nil for the others.
  static func twoSource(_ w: Word) -> Instruction? {
    switch (w[31], w[29], w[15, 10]) {
    case (true, let setsFlags, 0): .subtractPointer(setsFlags: setsFlags, d: w.d, n: w.nOrSP, m: w.registerOrSP(16))
    case (true, false, 4): .insertRandomTag(d: w.registerOrSP(0), n: w.nOrSP, m: w.m)
    case (true, false, 5): .insertTagMask(d: w.d, n: w.nOrSP, m: w.m)
    default: nil
    }
  }

  /// Load/store memory tags: LDGM, STGM and STZGM belong to FEAT_MTE2.
  static func access(_ w: Word) -> Instruction {
    let offset = w.signed(20, 12) << 4
    if w[11, 10] == 0 { return w[23, 22] == 1 ? .loadTag(t: w.t, .offset(n: w.nOrSP, offset)) : .undefined }
    let place: Addressing =
      switch w[11, 10] {
      case 1: .postIndex(n: w.nOrSP, offset)
      case 3: .preIndex(n: w.nOrSP, offset)
      default: .offset(n: w.nOrSP, offset)
      }
    return .storeTag(granules: w[23] ? 2 : 1, zeroes: w[22], t: w.registerOrSP(0), place)
  }
}
