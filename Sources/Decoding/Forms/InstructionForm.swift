// Owns what a form is: all words of one encoding that differ only in registers and immediates, and the one of these words about
// which Capstone is asked. It does not know which encodings exist, or what Capstone answers.

/// A row of the table of forms, drawn as the Arm ARM draws an encoding, 32 places:
///
///     0, 1   the encoding's own bits
///     x      a bit that tells forms apart: size, opcode, condition of an alias
///     d n m a s t u    a register that is left out of the form: R0 stands for all
///     i      an immediate that is left out: 0 stands for all
///     D N M S T U      a register that Capstone compares with others, or with 31. The form keeps only which of them are 31 and which
///            of the others are the same register.
struct InstructionForm: Sendable {
  let name: String
  let pattern: EncodingPattern
  /// The bits that a word and its form have in common.
  private let kept: UInt32
  /// The lowest bit of each register field that is compared, from left to right.
  private let compared: [UInt32]

  init(_ name: String, _ drawing: String) {
    self.name = name
    pattern = EncodingPattern(drawing)
    kept = EncodingPattern.places(in: drawing) { $0 == "0" || $0 == "1" || $0 == "x" }
    compared = ("DSMUNT" as String).compactMap { letter in
      let field = EncodingPattern.places(in: drawing) { $0 == letter }
      precondition(field.nonzeroBitCount == 0 || field >> UInt32(field.trailingZeroBitCount) == 31, "'\(drawing)': a register is 5 bits")
      return field == 0 ? nil : UInt32(field.trailingZeroBitCount)
    }
  }

  /// The word that represents all words of `word`'s form. `word` must belong to the row.
  func canonical(_ word: UInt32) -> UInt32 { compared.isEmpty ? word & kept : word & kept | renumbered(word) }

  /// The word with its compared registers renumbered: each gets the lowest even number not yet given out, in the order of the
  /// fields; register 31 stays. The numbers are even because CASP names pairs of registers.
  private func renumbered(_ word: UInt32) -> UInt32 {
    var bits: UInt32 = 0
    for (index, low) in compared.enumerated() {
      let register = word >> low & 31
      let first = compared.firstIndex { word >> $0 & 31 == register } ?? index
      bits |= (register == 31 ? 31 : UInt32(first) * 2) << low
    }
    return bits
  }
}
