// Owns the files of Advanced SIMD vectors on floating-point lanes: which classes each has, and how a row is written.
// It does not know what the instructions compute.
import Architecture
import Decoding

extension VectorFile {
  /// Classes whose words are in more than one file; the overlays distinguish them.
  private static let mixed = ["simd-multiply-long-fp16", "simd-complex", "simd-bfloat16"]

  static let floatingPoint: [VectorFile] = [
    float(
      "threeSame", rows: 14,
      .init(
        classes: ["simd-three-same-fp", "simd-three-same-fp16", "scalar-three-same-fp", "scalar-three-same-fp16", mixed[0]],
        overlays: VectorOverlay.threeRegisters)),
    float(
      "threeSameExtra", rows: 20,
      .init(classes: ["simd-complex", "simd-bfloat16"], overlays: ["xxxxxxx0xx0 00010 xxxxxx 00001 00000"])),
    float(
      "twoRegister", rows: 14,
      .init(
        classes: ["simd-two-misc-fp", "simd-two-misc-fp16", "scalar-two-misc-fp", "scalar-two-misc-fp16", "simd-bfloat16"],
        overlays: VectorOverlay.twoRegisters)),
    float(
      "fixedPoint", rows: 1,
      .init(classes: ["simd-shift-convert", "scalar-shift-convert"], overlays: VectorOverlay.everyShift)),
    float(
      "acrossLanes", rows: 20, .init(classes: ["simd-across-lanes-fp"], overlays: VectorOverlay.twoRegisters),
      .init(classes: ["scalar-pairwise"], overlays: VectorOverlay.floatPairs)),
    float(
      "byElement", rows: 3,
      .init(classes: ["simd-by-element-fp", "scalar-by-element-fp"] + mixed, overlays: VectorOverlay.elements)),
  ]

  /// The row's columns: V0, V1 and V2 are operands, as many as the instruction has, and all other registers are zero; V0 and FPSR
  /// are results.
  private static func float(_ name: String, rows: Int, _ choices: VectorWords...) -> VectorFile {
    VectorFile(name: "simd/float_\(name).tsv") { sources in
      let words = try choices.flatMap { try $0.words(sources.llvm) }.flatMap { Array(repeating: $0, count: rows) }
      let cases = words.map { word, text in
        var vector = VectorCase(word)
        let sizes = LaneSizes.of(text)
        for register in 0..<min(3, sizes.count) {
          let (low, high) = sources.random.vector(mostly: sizes[register], areIntegers: false)
          vector.setVector(register, low: low, high: high)
        }
        vector.input.fpcr = sources.random.control() & ~(Exclusion.row(of: word)?.control ?? 0)
        vector.input.fpsr = sources.random.choice([0, 0x10])
        return vector
      }
      let results = try sources.judge.run(cases)
      let header =
        "# word (Vd = V0, Vn = V1, Vm = V2 or an element of it)\tFPCR\tFPSR\tVd\tVn\tVm\tresult in Vd\tFPSR after, in hexadecimal; "
        + "as \(sources.judgeName) computes them"
      return [header]
        + words.indices.map { row in
          let input = cases[row].input
          let numbers = [UInt64(words[row].word), input.fpcr, input.fpsr].map { bareHexadecimal($0) }
          let registers = (0..<3).map { input.digits($0, isPadded: false) } + [results[row].digits(0, isPadded: false)]
          return ([bareHexadecimal(words[row].word, digits: 8)] + numbers[1...] + registers + [bareHexadecimal(results[row].fpsr)]).joined(
            separator: "\t")
        }
    }
  }
}
