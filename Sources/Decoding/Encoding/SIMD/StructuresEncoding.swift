// Owns the encodings of LD1 to LD4 and ST1 to ST4, C4.1.96.
// It does not know what the accesses do.
import Architecture

enum StructuresEncoding {
  static func decode(_ w: Word) -> Instruction {
    // Without write-back the field of the increment is zero. Bit 21, R, may be set for single structures only.
    if w[31] || (!w[23] && w[20, 16] != 0) || (!w[24] && w[21]) { return .undefined }
    guard let (elements, selection) = w[24] ? single(w) : multiple(w) else { return .undefined }
    let writeBack: StructureAccess.WriteBack = !w[23] ? .none : w[20, 16] == 31 ? .transferSize : .register(w.m)
    return .structures(
      StructureAccess(
        load: w[22], elements: UInt8(elements), selection: selection, t: w.vector(0), n: w.nOrSP, writeBack: writeBack))
  }

  private static func multiple(_ w: Word) -> (elements: Int, StructureAccess.Selection)? {
    let shapes: [Int: (repeats: UInt8, elements: Int)] = [
      0b0000: (1, 4), 0b0010: (4, 1), 0b0100: (1, 3), 0b0110: (3, 1), 0b0111: (1, 1), 0b1000: (1, 2), 0b1010: (2, 1),
    ]
    guard let shape = shapes[w[15, 12]] else { return nil }
    // Only LD1 and ST1 may have one doubleword in each register.
    if w[11, 10] == 3 && !w[30] && shape.elements != 1 { return nil }
    let arrangement = Arrangement(log2Size: UInt8(w[11, 10]), w[30] ? .full : .half)
    return (shape.elements, .multiple(repeats: shape.repeats, arrangement))
  }

  private static func single(_ w: Word) -> (elements: Int, StructureAccess.Selection)? {
    let elements = w[13, 13] << 1 + w[21, 21] + 1
    let q = w[30, 30], s = w[12, 12], size = w[11, 10]
    switch w[15, 14] {
    case 0: return (elements, .lane(UInt8(q << 3 | s << 2 | size), log2Size: 0))
    case 1: return w[10] ? nil : (elements, .lane(UInt8(q << 2 | s << 1 | size >> 1), log2Size: 1))
    case 2:
      if size == 0 { return (elements, .lane(UInt8(q << 1 | s), log2Size: 2)) }
      return size == 1 && s == 0 ? (elements, .lane(UInt8(q), log2Size: 3)) : nil
    default:
      if !w[22] || w[12] { return nil }
      return (elements, .replicate(Arrangement(log2Size: UInt8(size), w[30] ? .full : .half)))
    }
  }
}
