// Owns the files with LLVM's view of Advanced SIMD words: which are instructions, and how floating-point ones are written.
// It does not know our decoder.
import Architecture
import Decoding

extension VectorFile {
  /// Every combination of the free bits of an encoding class: sizes, opcodes, Q and U.
  private static let classes: [(name: String, pattern: String)] = [
    ("three same, vector", "0xx01110xx100010xxxxx10000100000"),
    ("three same, scalar", "01x11110xx100010xxxxx10000100000"),
    ("three same (extra), vector", "0xx01110xx0000101xxxx10000100000"),
    ("three same (extra), scalar", "01x11110xx0000101xxxx10000100000"),
    ("three different, vector", "0xx01110xx100010xxxx000000100000"),
    ("three different, scalar", "01x11110xx100010xxxx000000100000"),
    ("two-register miscellaneous, vector", "0xx01110xx10000xxxxx100000100000"),
    ("two-register miscellaneous, scalar", "01x11110xx10000xxxxx100000100000"),
    ("the same of half precision, vector", "0xx01110xx11100xxxxx100000100000"),
    ("the same of half precision, scalar", "01x11110xx11100xxxxx100000100000"),
    ("across lanes", "0xx01110xx11000xxxxx100000100000"),
    ("scalar pairwise", "01x11110xx11000xxxxx100000100000"),
    ("shift by immediate, vector", "0xx011110xxxx101xxxxx10000100000"),
    ("shift by immediate, scalar", "01x111110xxxx101xxxxx10000100000"),
    ("x indexed element, vector", "0xx01111xxxx0010xxxxx00000100000"),
    ("x indexed element, scalar", "01x11111xxxx0010xxxxx00000100000"),
    ("three same of half precision, vector", "0xx01110xx00001000xxx10000100000"),
    ("three same of half precision, scalar", "01x11110xx00001000xxx10000100000"),
    ("permute, table lookup", "0x001110xx0000100xxxx00000100000"),
    ("extract", "0x101110xx0000100xxxx00000100000"),
    ("copy, vector", "0xx01110000xxxxx0xxxx10000100000"),
    ("copy, scalar", "01x11110000xxxxx0xxxx10000100000"),
    ("multiple structures", "0x0011000x000000xxxxxx0000000000"),
    ("multiple structures, post-index", "0x0011001x000010xxxxxx0000000000"),
    ("multiple structures, field not zero", "0x0011000xx0000xxxxxxx0000000000"),
    ("single structure", "0x0011010xx00000xxxxxx0000000000"),
    ("single structure, post-index", "0x0011011xx11111xxxxxx0000000000"),
    ("single structure, field not zero", "0x0011010xx10000xxxxxx0000000000"),
  ]

  /// A bit for each word, the first word in the highest bit of the first digit. The bit is set if LLVM names an instruction.
  static let allocation = VectorFile(name: "simd/allocation.tsv") { sources in
    let header = "class\tpattern\ta bit for each of its words in order: whether it is an instruction; as \(sources.llvmName) says"
    return [header]
      + (try classes.map { name, drawing in
        let pattern = EncodingPattern(drawing)
        let words = (0..<UInt32(1) << UInt32((~pattern.mask).nonzeroBitCount)).map {
          VectorWords.spread($0, over: ~pattern.mask) | pattern.value
        }
        let isKnown = try sources.llvm.lines(words).map { $0 != nil }
        let digits = stride(from: 0, to: words.count, by: 4).map { start in
          bareHexadecimal(isKnown[start..<start + 4].reduce(0) { $0 << 1 | ($1 ? 1 : 0) })
        }
        return [name, drawing, digits.joined()].joined(separator: "\t")
      })
  }

  /// LLVM's text for words of the floating-point classes with any registers, and for their neighbours, whose encodings differ in
  /// one bit; - if LLVM knows no instruction. A neighbour that is an instruction of another class is left out.
  static let floatText = VectorFile(name: "simd/float_text.tsv") { sources in
    let classes = [
      "simd-three-same-fp", "simd-three-same-fp16", "scalar-three-same-fp", "scalar-three-same-fp16", "simd-two-misc-fp",
      "simd-two-misc-fp16", "scalar-two-misc-fp", "scalar-two-misc-fp16", "simd-shift-convert", "scalar-shift-convert",
      "simd-across-lanes-fp", "simd-by-element-fp", "scalar-by-element-fp", "simd-multiply-long-fp16", "simd-complex", "simd-bfloat16",
    ]
    var words: [UInt32] = []
    for pattern in try classes.flatMap(VectorWords.patterns) {
      for _ in 0..<24 { words.append(pattern.word(UInt32(truncatingIfNeeded: sources.random.bits()))) }
    }
    let encodingBits: [UInt32] = [30, 29, 28] + (10..<25)
    let neighbours = words.map { $0 ^ 1 << sources.random.choice(encodingBits) }
    let texts = try sources.llvm.lines(words, aliases: false)
    let mnemonics = Set(texts.compactMap { $0?.prefix { $0 != " " } })
    var rows: [UInt32: String] = [:]
    for (word, text) in zip(words + neighbours, texts + (try sources.llvm.lines(neighbours, aliases: false))) {
      if let text, !mnemonics.contains(text.prefix { $0 != " " }) { continue }
      rows[word] = text ?? "-"
    }
    return ["# word\twhat \(sources.llvmName) writes with every feature of Armv8.6; - where it knows no instruction"]
      + rows.sorted { $0.key < $1.key }.map { "\(bareHexadecimal($0.key, digits: 8))\t\($0.value)" }
  }
}
