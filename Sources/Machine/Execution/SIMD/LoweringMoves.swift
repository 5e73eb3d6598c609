// Owns the packing of the moves of SIMD&FP registers into ops.
// It does not know what handlers do.
import Decoding

extension Lowering {
  /// The op of a move of SIMD&FP registers; nil for other instructions.
  func lowerMove(_ instruction: Instruction) -> Op? {
    switch instruction {
    case .vectorImmediate(let operation, let full, let d, let immediate):
      return Op(h_vectorImmediate, d: d.rawValue, s: operation.rawValue | (full ? 4 : 0), imm: page.setLiteral(slot, immediate))
    case .moveVectorScalarImmediate(_, let d, let bits):
      return Op(h_vectorImmediate, d: d.rawValue, s: VectorImmediate.move.rawValue, imm: page.setLiteral(slot, bits))
    case .moveVectorScalar(let log2Size, let d, let n): return Op(h_elementToScalar, d: d.rawValue, n: n.rawValue, s: log2Size)
    case .moveGeneralToVector(let log2Size, let upper, let d, let n):
      return Op(upper ? h_insertGeneral : h_moveFromGeneral, d: d.rawValue, n: n.rawValue, s: log2Size, imm: upper ? 1 : 0)
    case .moveVectorToGeneral(let log2Size, let upper, let d, let n):
      return Op(h_umov, d: target(d), n: n.rawValue, s: log2Size, imm: upper ? 1 : 0)
    case .duplicateElement(let log2Size, let full, let scalar, let d, let n, let index):
      return Op(
        scalar ? h_elementToScalar : h_duplicateElement, d: d.rawValue, n: n.rawValue, m: full ? 1 : 0, s: log2Size, imm: Int32(index))
    case .duplicateGeneral(let log2Size, let full, let d, let n):
      return Op(h_duplicateGeneral, d: d.rawValue, n: n.rawValue, m: full ? 1 : 0, s: log2Size)
    case .insertElement(let log2Size, let d, let index, let n, let sourceIndex):
      return Op(h_insertElement, d: d.rawValue, n: n.rawValue, m: sourceIndex, s: log2Size, imm: Int32(index))
    case .insertGeneral(let log2Size, let d, let index, let n):
      return Op(h_insertGeneral, d: d.rawValue, n: n.rawValue, s: log2Size, imm: Int32(index))
    case .moveElementToGeneral(let signed, let log2Size, let width, let d, let n, let index):
      return Op(
        !signed ? h_umov : pick(width, (h_smov_x, h_smov_w)), d: target(d), n: n.rawValue, s: log2Size, imm: Int32(index))
    case .vectorLogical(let operation, let full, let d, let n, let m):
      return Op(Self.bitwise[Int(operation.rawValue)], d: d.rawValue, n: n.rawValue, m: m.rawValue, s: full ? 1 : 0)
    default: return nil
    }
  }

  /// By `VectorLogical`.
  private static var bitwise: [Handler] {
    [h_vectorAnd, h_vectorBic, h_vectorOrr, h_vectorOrn, h_vectorEor, h_vectorBsl, h_vectorBit, h_vectorBif]
  }
}
