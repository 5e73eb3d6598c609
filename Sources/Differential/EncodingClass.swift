// Owns what an encoding class is: its name, its encodings, and how a program must prepare for its words.
// It does not know the classes' semantics.
import Decoding

/// A class of instructions that random words are drawn from.
public struct EncodingClass: Sendable {
  /// What a word requires of the registers before it, so that it stays in the program and accesses the program's memory.
  public enum Needs: Sendable {
    /// The word requires nothing.
    case nothing
    /// Rn must hold an address, so that the access lies in the program's memory.
    case memory(Addressing)
    /// The word is a load exclusive, and a store exclusive to the same place follows it.
    case exclusivePair
    /// Rt must hold the address for cache maintenance.
    case addressInRt
    /// The literal must be near the word: imm19 is made small.
    case literal
    /// The branch must go forward inside the stretch. The offset field has the given number of bits at bit 5, or 26 bits at bit 0.
    case branch(offsetBits: Int)
    /// Rn must hold a later word's address.
    case branchToRegister
  }

  /// How a load or store forms its address from Rn. Arm ARM: C1.3.3.
  public enum Addressing: Sendable {
    /// The address is Rn, also in post-indexed forms.
    case base
    /// The offset is imm9, bits 20:12, in bytes: unscaled and pre-indexed forms.
    case immediate9
    /// The offset is imm7, bits 21:15, times the size of one register of the pair.
    case immediate7
    /// The offset is imm12, bits 21:10, times the size.
    case immediate12
    /// The offset is Rm, extended and maybe shifted by the size.
    case register
  }

  /// How often the address is aligned to the access's size.
  public enum Alignment: Sendable {
    /// In half of the cases.
    case sometimes
    /// In nearly all cases, because an unaligned access faults.
    case mostly
    /// In all cases, because the results of an unaligned access cannot be compared.
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
