// Owns the words that our decoder and llvm-objdump see differently, as data: encoding, direction and reason.
// It does not know how the words are found.
import Decoding

/// A set of words on which the two sides differ for a known reason.
public struct DecodeDifference: Sendable {
  public enum Way: Sendable {
    /// LLVM names an instruction, and the word is UNDEFINED here.
    case llvmOnly
    /// The word is an instruction here, and LLVM names none.
    case oursOnly
    /// Both sides have an instruction, by different names.
    case name
  }

  public let way: Way
  public let pattern: EncodingPattern
  public let reason: String

  init(_ way: Way, _ pattern: EncodingPattern, _ reason: String) {
    self.way = way
    self.pattern = pattern
    self.reason = reason
  }

  public static let all: [DecodeDifference] = [
    .init(.llvmOnly, "1101010100 0 00 011 0011 xxxx 111 11111", "SB with CRm not 0: CONSTRAINED UNPREDICTABLE, UNDEFINED here and in QEMU"),
    .init(.llvmOnly, "1101010100 x 0 0", "MSR and MRS with op0 = 0: LLVM accepts registers that cannot exist"),
    .init(.llvmOnly, "11010100 101 xxxxxxxxxxxxxxxx 000 01", "DCPS1: halting debug only, UNDEFINED elsewhere"),
    .init(.llvmOnly, "11010100 101 xxxxxxxxxxxxxxxx 000 1x", "DCPS2, DCPS3: halting debug only, UNDEFINED elsewhere"),
    .init(.llvmOnly, "11010110 101 11111 000000 11111 00000", "DRPS: debug state only, UNDEFINED elsewhere"),
    .init(.llvmOnly, "1x01000110", "ADDG and SUBG with op3 not 00: CONSTRAINED UNPREDICTABLE, UNDEFINED here and in QEMU"),
    .init(.llvmOnly, "11011001 001 000000000 00", "STZGM: FEAT_MTE2"),
    .init(.llvmOnly, "11011001 1x1 000000000 00", "STGM, LDGM: FEAT_MTE2"),
    .init(.llvmOnly, "0000000000000000", "UDF: permanently undefined, which LLVM has a name for"),
    .init(.oursOnly, "x0011010110 xxxxx 0110xx", "SMAX, UMAX, SMIN, UMIN: LLVM 14 does not know FEAT_CSSC"),
    .init(.oursOnly, "x00100011100xx", "SMAX, UMAX, SMIN, UMIN (immediate): LLVM 14 does not know FEAT_CSSC"),
    .init(.oursOnly, "x1011010110 00000 00011x", "CTZ, CNT: LLVM 14 does not know FEAT_CSSC"),
    .init(.oursOnly, "x1011010110 00000 001000", "ABS: LLVM 14 does not know FEAT_CSSC"),
    .init(.name, "xx0100101", "MOVZ and MOVN where LLVM says mov, alias or not"),
    .init(.name, "xx1100100", "ORR (immediate) of SP where LLVM says mov"),
    .init(.name, "xx1100110", "BFM of XZR, which Capstone 4 does not call bfc"),
    .init(.name, "xx011010100 xxxxx 111x", "CSINC, CSINV and CSNEG under AL and NV, which have no alias; Capstone 4 gives one"),
    .init(.name, "1101010100 0 01", "SYS operations that Capstone 4 has no name for"),
    .init(.name, "1101010100 0 00 011 0010 xxxx xxx 11111", "hints with names in one of the two"),
    .init(.name, "11111000101 xxxxx x1xx 10 xxxxx 11xxx", "RPRFM, a name for part of PRFM's operations"),
    .init(.name, "xx101 1 000", "LDNP and STNP of SIMD&FP registers: the hint is not kept"),
  ]

  /// The index in `all` of the row that explains a disagreement.
  static func row(of disagreement: DecodeCoverage.Disagreement) -> Int? {
    let way: Way = disagreement.ours == nil ? .llvmOnly : disagreement.llvm == nil ? .oursOnly : .name
    return all.firstIndex { $0.way == way && $0.pattern.matches(disagreement.word) }
  }
}
