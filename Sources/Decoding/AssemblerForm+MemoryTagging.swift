// Owns the assembler text of FEAT_MTE's instructions. It does not know their encodings.
import Architecture

extension AssemblerForm {
  static func memoryTagging(_ instruction: Instruction) -> AssemblerForm? {
    switch instruction {
    case .addTag(let subtract, let d, let n, let offset, let tagOffset):
      AssemblerForm(subtract ? "subg" : "addg", [.x(d), .x(n), .immediate(UInt64(offset)), .immediate(UInt64(tagOffset))])
    case .insertRandomTag(let d, let n, let m): AssemblerForm("irg", m == .zero ? [.x(d), .x(n)] : [.x(d), .x(n), .x(m)])
    case .insertTagMask(let d, let n, let m): AssemblerForm("gmi", [.x(d), .x(n), .x(m)])
    case .subtractPointer(let setsFlags, let d, let n, let m):
      AssemblerForm(setsFlags ? "subps" : "subp", [.x(d), .x(n), .x(m)])
    case .storeTag(let granules, let zeroes, let t, let addressing):
      AssemblerForm("st\(zeroes ? "z" : "")\(granules == 2 ? "2" : "")g", [.x(t), .place(addressing, pc: 0)])
    case .loadTag(let t, let addressing): AssemblerForm("ldg", [.x(t), .place(addressing, pc: 0)])
    case .storeTagPair(let t, let t2, let addressing): AssemblerForm("stgp", [.x(t), .x(t2), .place(addressing, pc: 0)])
    default: nil
    }
  }
}
