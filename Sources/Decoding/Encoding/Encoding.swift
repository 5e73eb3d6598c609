// Owns the top of the A64 encoding table, C4.1, and the reason why operands are read from the word.
// It does not know what recognised the word.
//
// Capstone decides whether a word is an instruction. Its operand details are not executed, because they describe the preferred
// alias (mov, cmp, lsl, cset, ubfx...), whose operands differ from those of the base instruction. Capstone 4 and 5 also disagree
// about some (register lists of exclusives, shifts folded into immediates, MOVI). The word itself has every operand at a fixed
// place. A test compares these operands with Capstone's registers wherever the instruction has no alias.
//
// CONSTRAINED UNPREDICTABLE encodings decode literally, as QEMU runs them:
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
  /// The instruction in a word that is known to be allocated; `.undefined` if the word belongs to no supported family.
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
