// Owns the comparison of our decoder with llvm-objdump over the encoding space: whether a word is an instruction, and which.
// It does not know how either of them decides.
import Decoding
import Architecture

/// A sweep over words: half of them uniform, half from the encoding classes and their close neighbours.
public struct DecodeCoverage {
  /// A word that the two sides see differently.
  public struct Disagreement: Sendable {
    public let word: UInt32
    /// Our name for it; nil if the word is UNDEFINED here.
    public let ours: String?
    /// LLVM's line of text; nil if the word is not allocated.
    public let llvm: String?

    public var description: String { "\(bareHexadecimal(word, digits: 8))  ours: \(ours ?? "UNDEFINED")  llvm: \(llvm ?? "unknown")" }
  }

  public struct Result: Sendable {
    public var words = 0
    /// The number of words that both sides take for the same instruction.
    public var same = 0
    /// The number of words that neither side knows.
    public var unallocated = 0
    /// For each row of `DecodeDifference.all`, the number of words that it explains.
    public var explained = [Int](repeating: 0, count: DecodeDifference.all.count)
    public var unexplained = 0
    /// The first example of each kind, where the kind is the pair of names on the two sides.
    public var examples: [(Disagreement, count: Int)] = []
  }

  private let decoder: Decoder
  private let disassembler: Disassembler
  private let llvm: LLVMDisassembler

  public init(_ llvm: LLVMDisassembler) throws {
    self.llvm = llvm
    decoder = try Decoder()
    disassembler = try Disassembler()
  }

  /// Compares `count` words. `progress` gets the number of words done so far.
  public func run(seed: UInt64, count: Int, progress: (Int) -> Void = { _ in }) throws -> Result {
    var random = SplitMix64(seed: seed)
    var result = Result()
    var kinds: [String: Int] = [:]
    while result.words < count {
      let words = (0..<min(1 << 17, count - result.words)).map { Self.word($0, &random) }
      let base = try llvm.lines(words, aliases: false)
      let preferred = try llvm.lines(words)
      for (index, word) in words.enumerated() {
        guard let disagreement = disagreement(word, base[index], preferred[index]) else {
          if base[index] == nil { result.unallocated += 1 } else { result.same += 1 }
          continue
        }
        if let row = DecodeDifference.row(of: disagreement) {
          result.explained[row] += 1
          continue
        }
        result.unexplained += 1
        let kind = "\(disagreement.ours.map(Self.mnemonic) ?? "-") \(disagreement.llvm.map(Self.mnemonic) ?? "-")"
        if let seen = kinds[kind] {
          result.examples[seen].count += 1
        } else {
          kinds[kind] = result.examples.count
          result.examples.append((disagreement, count: 1))
        }
      }
      result.words += words.count
      progress(result.words)
    }
    return result
  }

  private static func word(_ index: Int, _ random: inout SplitMix64) -> UInt32 {
    let bits = random.next()
    let free = UInt32(truncatingIfNeeded: bits)
    if index % 2 == 0 { return free }
    let kind = EncodingClass.all[index / 2 % EncodingClass.all.count]
    let word = kind.patterns[Int(bits >> 32 & 0xff) % kind.patterns.count].word(free)
    // Every fourth word is a neighbour of the class: one bit of its encoding is changed.
    return bits >> 40 & 3 == 0 ? word ^ 1 << UInt32(bits >> 42 & 31) : word
  }

  private static func mnemonic(_ line: String) -> String { String(line.prefix { $0 != " " }) }

  private func disagreement(_ word: UInt32, _ base: String?, _ preferred: String?) -> Disagreement? {
    let executes = decoder.decode(word) != .undefined
    if !executes && base == nil { return nil }
    let ours = executes ? disassembler.text(word) : nil
    if let ours, let base {
      let names = [Self.mnemonic(base), preferred.map(Self.mnemonic) ?? ""]
      if names.contains(Self.mnemonic(ours)) { return nil }
    }
    return Disagreement(word: word, ours: ours, llvm: base)
  }
}
