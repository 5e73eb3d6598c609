// Owns the operands of FEAT_PAuth's instructions, which are spread over branches, data processing, loads and hints.
// It does not know what recognised the word.
import Architecture

enum PointerAuthentication {
  /// Data processing (1 source) with opcode2 = 00001: PACIA to AUTDB, their Z forms, XPACI, XPACD. C4.1.95.
  static func oneSource(_ w: Word) -> Instruction {
    if !w[31] { return .undefined }
    let key = PointerKey(rawValue: UInt8(w[11, 10]))!
    switch w[15, 13] {
    case 0: return pointer(w, key, modifier: w.nOrSP)
    case 1: return w[9, 5] == 31 ? pointer(w, key, modifier: .zero) : .undefined
    case 2 where w[12, 11] == 0 && w[9, 5] == 31: return .stripPointerCode(data: w[10], d: w.d)
    default: return .undefined
    }
  }
  private static func pointer(_ w: Word, _ key: PointerKey, modifier: Register) -> Instruction {
    w[12] ? .authenticatePointer(key, d: w.d, modifier: modifier) : .addPointerCode(key, d: w.d, modifier: modifier)
  }

  /// Data processing (2 source), opcode 001100: PACGA.
  static func generic(_ w: Word) -> Instruction {
    w[31] ? .genericCode(d: w.d, n: w.n, m: w.registerOrSP(16)) : .undefined
  }

  /// Branch (register) with op3 = 00001M. If bit 24 is set the modifier is in Rm; otherwise it is zero, or SP for returns. C4.1.94.
  static func branch(_ w: Word) -> Instruction {
    let key: PointerKey = w[10] ? .ib : .ia
    switch (w[24], w[23, 21], w[4, 0]) {
    case (let hasModifier, 0, let m), (let hasModifier, 1, let m):
      if !hasModifier && m != 31 { return .undefined }
      return .branchAuthenticated(w[21] ? .blr : .br, key, n: w.n, modifier: hasModifier ? w.registerOrSP(0) : .zero)
    case (false, 2, 31) where w[9, 5] == 31: return .branchAuthenticated(.ret, key, n: Register(30), modifier: .sp)
    case (false, 4, 31) where w[9, 5] == 31: return .exceptionReturnAuthenticated(key)
    default: return .undefined
    }
  }

  /// LDRAA, LDRAB: the offset is S:imm9, in doublewords. C4.1.96.
  static func load(_ w: Word) -> Instruction {
    if w[31, 30] != 3 || w[26] { return .undefined }
    let offset = (w[22] ? Int64(w[20, 12]) - 512 : Int64(w[20, 12])) << 3
    return .loadAuthenticated(
      w[23] ? .db : .da, t: w.t, w[11] ? .preIndex(n: w.nOrSP, offset) : .offset(n: w.nOrSP, offset))
  }
}

extension Instruction {
  /// The instruction that a hint is on a processor with FEAT_PAuth; the hint itself if FEAT_PAuth gives it no meaning. C4.1.94,
  /// hints.
  public var asPointerAuthentication: Instruction {
    guard case .hint(let number) = self else { return self }
    let lr = Register(30)
    switch number {
    case 7: return .stripPointerCode(data: false, d: lr)
    case 8, 10, 12, 14:  // the forms on X17 with modifier X16
      return number & 4 == 0
        ? .addPointerCode(number & 2 == 0 ? .ia : .ib, d: Register(17), modifier: Register(16))
        : .authenticatePointer(number & 2 == 0 ? .ia : .ib, d: Register(17), modifier: Register(16))
    case 24...31:  // the forms on X30 with modifier zero, or SP
      let modifier: Register = number & 1 == 0 ? .zero : .sp
      return number & 4 == 0
        ? .addPointerCode(number & 2 == 0 ? .ia : .ib, d: lr, modifier: modifier)
        : .authenticatePointer(number & 2 == 0 ? .ia : .ib, d: lr, modifier: modifier)
    default: return self
    }
  }
}
