// Owns the files of integer Advanced SIMD vectors: which classes each has, and how a row is written.
// It does not know what the instructions compute.
import Architecture

extension VectorFile {
  static let integers: [VectorFile] = [
    integer(
      "three_same", rows: 2,
      .init(classes: ["simd-three-same", "simd-three-same-logical", "scalar-three-same"], overlays: VectorOverlay.threeRegisters)),
    integer(
      "three_same_extra", rows: 4,
      .init(
        classes: ["simd-three-same-extra", "simd-dot", "simd-matrix", "scalar-three-same-extra"], overlays: VectorOverlay.threeRegisters)),
    integer(
      "three_different", rows: 2,
      .init(classes: ["simd-three-different", "scalar-three-different", "crypto-polynomial"], overlays: VectorOverlay.threeRegisters)),
    integer("two_register", rows: 2, .init(classes: ["simd-two-misc", "scalar-two-misc"], overlays: VectorOverlay.twoRegisters)),
    integer(
      "across_lanes", rows: 2, .init(classes: ["simd-across-lanes"], overlays: VectorOverlay.twoRegisters),
      .init(classes: ["scalar-pairwise"], overlays: VectorOverlay.integerPairs)),
    integer(
      "shift", rows: 1, .init(classes: ["simd-shift-immediate", "scalar-shift-immediate"], overlays: VectorOverlay.shifts)),
    integer(
      "by_element", rows: 1,
      .init(classes: ["simd-by-element", "scalar-by-element", "simd-dot"], overlays: VectorOverlay.elements)),
    integer(
      "permute", rows: 2, .init(classes: ["simd-permute", "simd-extract"], overlays: VectorOverlay.threeRegisters),
      .init(classes: ["simd-table"], overlays: VectorOverlay.table)),
    integer(
      "move", rows: 1,
      .init(classes: ["simd-copy", "scalar-copy"], overlays: VectorOverlay.sourceAndDestination, limit: 64),
      .init(classes: ["simd-modified-immediate"], overlays: VectorOverlay.immediates)),
  ]

  /// The row's columns: V0, V1 and V2 are operands, as many as the instruction has, and all other registers and FPSR are zero; V0
  /// and FPSR are results.
  private static func integer(_ name: String, rows: Int, _ choices: VectorWords...) -> VectorFile {
    VectorFile(name: "simd/\(name).tsv") { sources in
      let words = try choices.flatMap { try $0.words(sources.llvm) }.flatMap { Array(repeating: $0, count: rows) }
      let cases = words.map { word, text in
        var vector = VectorCase(word)
        let sizes = LaneSizes.of(text)
        for register in 0..<min(3, sizes.count) {
          let (low, high) = sources.random.vector(mostly: sizes[register], areIntegers: true)
          vector.setVector(register, low: low, high: high)
        }
        return vector
      }
      let results = try sources.judge.run(cases)
      let header = "word\ttext\tv0\tv1\tv2\tresult in V0\tFPSR after, in hexadecimal; as \(sources.judgeName) computes them"
      return [header]
        + words.indices.map { row in
          let operands = (0..<3).map { cases[row].input.digits($0, isPadded: true) }
          return
            ([bareHexadecimal(words[row].word, digits: 8), words[row].text] + operands + [
              results[row].digits(0, isPadded: true), bareHexadecimal(results[row].fpsr, digits: 8),
            ])
            .joined(separator: "\t")
        }
    }
  }

  /// Memory holds 64 bytes 0 to 63 at X0; byte i of Vr is 0x80 + 16 r + i for r from 0 to 3; X1 is 24. The digits are V0 to V3
  /// after a load and memory after a store, the lowest byte first; `advance` is the amount added to X0.
  static let structures = VectorFile(name: "simd/structures.tsv") { sources in
    let choices: [VectorWords] = [
      .init(classes: ["structures", "structure-lane"], overlays: ["xxxxxxxxxxx xxxxx xxxxxx 00000 00000"], limit: 64),
      .init(
        classes: ["structures-post", "structure-lane-post"],
        overlays: ["xxxxxxxxxxx 00001 xxxxxx 00000 00000", "xxxxxxxxxxx 11111 xxxxxx 00000 00000"], limit: 32),
    ]
    let words = try choices.flatMap { try $0.words(sources.llvm) }
    let cases = words.map { word, _ in
      var vector = VectorCase(word)
      vector.input.x[0] = TestProgramLayout.window
      vector.input.x[1] = 24
      for index in 0..<8 { vector.input.window[index] = 0x0706_0504_0302_0100 + 0x0808_0808_0808_0808 &* UInt64(index) }
      for register in 0..<4 {
        let low: UInt64 = 0x8786_8584_8382_8180 + 0x1010_1010_1010_1010 * UInt64(register)
        vector.setVector(register, low: low, high: low + 0x0808_0808_0808_0808)
      }
      return vector
    }
    let results = try sources.judge.run(cases)
    let header = "word\ttext\tadvance\tbytes of V0 to V3 or of memory, in hexadecimal; as \(sources.judgeName) computes them"
    return [header]
      + zip(words, results).map { word, result in
        let isLoad = word.word >> 22 & 1 == 1
        let bytes = (isLoad ? result.v[..<8] : result.window[..<8]).map { bareHexadecimal($0.byteSwapped, digits: 16) }.joined()
        return [bareHexadecimal(word.word, digits: 8), word.text, "\(result.x[0] &- TestProgramLayout.window)", bytes].joined(
          separator: "\t")
      }
  }
}
