// Owns the top of the A64 encoding table, C4.1, and why operands are read from the word at all.
// It does not know who recognised the word.
//
// Capstone decides whether a word is an instruction. Its operand details are not used to execute: they describe the
// preferred alias (mov, cmp, lsl, cset, ubfx...), whose operands are not those of the base instruction, and Capstone 4
// and 5 differ in them (register lists of exclusives, shifts folded into immediates, MOVI). The word has all of it in fixed
// places. A test compares these operands with Capstone's registers wherever no alias hides them.
//
// CONSTRAINED UNPREDICTABLE encodings decode as what they say, as QEMU runs them:
//
//   encoding                                   permitted by the manual            ours
//   LDP, LDPSW, LDNP with Rt = Rt2             UNDEFINED, NOP, UNKNOWN result     both loads are done, the first value stays
//   LDXP, SIMD&FP pairs with Rt = Rt2          UNDEFINED, NOP, UNKNOWN result     both loads are done, the second value stays
//   write-back with Rt (or Rt2) = Rn           UNDEFINED, NOP, UNKNOWN values     decodes; the machine decides which write wins
//   STXR, STXP with Rs = Rt, Rt2 or Rn         UNDEFINED, NOP, UNKNOWN values     decodes; addresses and data are read first
//   exclusives, LDAR, STLR, SBO fields not 1   UNDEFINED, NOP, as if all ones     as if all ones
//   SMULH, UMULH with Ra not 11111             UNDEFINED, NOP, as if all ones     as if all ones
//   SB with CRm not 0000                       UNDEFINED, NOP, as if zero         UNDEFINED
//   CFINV, AXFLAG, XAFLAG, CRm not 0000        UNDEFINED, NOP, as if zero         UNDEFINED
//   ISB, CLREX: CRm                            ignored (reserved for ISB)         kept in `option`, no effect
import Architecture

enum Encoding {
  /// The instruction in a word that is known to be allocated; `.undefined` where it belongs to no supported family.
  static func decode(_ bits: UInt32) -> Instruction {
    let w = Word(bits)
    return switch w[28, 25] {
    case 0b1000, 0b1001: DataProcessingImmediate.decode(w)
    case 0b1010, 0b1011: BranchesAndSystem.decode(w)
    case 0b0100, 0b0110, 0b1100, 0b1110: LoadsAndStores.decode(w)
    case 0b0101, 0b1101: DataProcessingRegister.decode(w)
    case 0b0111, 0b1111: SIMDAndFloat.decode(w)
    default: .undefined
    }
  }
}
