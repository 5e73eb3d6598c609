// Owns what an encoding class is: its name, its encodings, and how a program must prepare for its words.
// It does not know the classes' semantics.
import Decoding

/// A class of instructions that random words are drawn from.
public struct EncodingClass: Sendable {
  /// What a word asks of the registers before it, so that it neither leaves the program nor misses its memory.
  public enum Needs: Sendable {
    /// Nothing: any operands will do.
    case nothing
    /// An address in Rn, so that the access lies in the program's memory.
    case memory(Addressing)
    /// A load exclusive, and behind it the store exclusive of the same place.
    case exclusivePair
    /// The address in Rt, of cache maintenance.
    case addressInRt
    /// A literal near the word: imm19 made small.
    case literal
    /// A branch forward inside the stretch: the offset field at bit 5 with so many bits, or at bit 0 with 26.
    case branch(offsetBits: Int)
    /// A later word's address in Rn.
    case branchToRegister
  }

  /// How a load or store forms its address from Rn. Arm ARM: C1.3.3.
  public enum Addressing: Sendable {
    /// Rn alone: also post-indexed forms.
    case base
    /// imm9, bits 20:12, in bytes: unscaled and pre-indexed forms.
    case immediate9
    /// imm7, bits 21:15, times the size of one register of the pair.
    case immediate7
    /// imm12, bits 21:10, times the size.
    case immediate12
    /// Rm, extended and maybe shifted by the size.
    case register
  }

  /// How often an address is a multiple of the access's size.
  public enum Alignment: Sendable {
    /// In half of the cases.
    case sometimes
    /// Nearly always: what is not aligned faults.
    case mostly
    /// Always: what happens otherwise cannot be compared.
    case always
  }

  public let name: String
  public let needs: Needs
  public let patterns: [EncodingPattern]
  public let alignment: Alignment

  init(_ name: String, _ patterns: [EncodingPattern]) { self.init(name, .nothing, .sometimes, patterns) }
  init(_ name: String, _ needs: Needs, _ patterns: [EncodingPattern]) { self.init(name, needs, .sometimes, patterns) }

  init(_ name: String, _ needs: Needs, _ alignment: Alignment, _ patterns: [EncodingPattern]) {
    self.name = name
    self.needs = needs
    self.alignment = alignment
    self.patterns = patterns
  }

  /// Every class, in the order of the Arm ARM's C4.1.
  public static let all =
    dataProcessingImmediate + branchesAndSystem + dataProcessingRegister + loadsAndStores + floatingPoint + advancedSIMD
    + advancedSIMDScalar + cryptography

  public static func named(_ name: String) -> EncodingClass? { all.first { $0.name == name } }
}
