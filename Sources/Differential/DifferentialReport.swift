// Owns the text about a run: the table of classes, and each mismatch with its words, operands and both results.
// It does not know how the words were found.
import Architecture

/// Text for people about the result of a run.
public struct DifferentialReport {
  let result: DifferentialResult
  /// The names of the two sides.
  let ours: String
  let theirs: String
  let disassemble: ([UInt32]) -> [String]

  public init(_ result: DifferentialResult, ours: String, theirs: String, disassemble: @escaping ([UInt32]) -> [String]) {
    self.result = result
    self.ours = ours
    self.theirs = theirs
    self.disassemble = disassemble
  }

  /// The table, one line for each class.
  public var table: String {
    let width = result.tallies.map(\.name.count).max() ?? 0
    func row(_ name: String, _ numbers: [String]) -> String {
      name + String(repeating: " ", count: width - name.count) + numbers.map { String(repeating: " ", count: 12 - $0.count) + $0 }.joined()
    }
    let lines = result.tallies.map { row($0.name, [$0.tried, $0.skipped, $0.undefined, $0.mismatches].map(String.init)) }
    return ([row("class", ["tried", "skipped", "undefined", "mismatches"])] + lines).joined(separator: "\n") + "\n"
  }

  /// Each example in full.
  public var examples: String { result.examples.map(describe).joined(separator: "\n") }

  private func describe(_ mismatch: Mismatch) -> String {
    let stretch = mismatch.stretch
    let words = mismatch.words.map { stretch.words[$0] }
    var lines: [String] = []
    for (index, text) in zip(mismatch.words, disassemble(words)) {
      lines.append("\(EncodingClass.all[stretch.classes[index]].name): \(bareHexadecimal(stretch.words[index], digits: 8))  \(text)")
    }
    lines += values(stretch.input, words).map { "  in   \($0)" }
    if let failure = mismatch.failure { return (lines + ["  \(failure)", ""]).joined(separator: "\n") }
    guard let mine = mismatch.ours, let other = mismatch.theirs else { return lines.joined(separator: "\n") }
    for (left, right) in zip(Self.rows(mine), Self.rows(other)) where left.value != right.value {
      lines.append("  out  \(left.name)  \(theirs) \(right.value)  \(ours) \(left.value)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The operands that are not zero, and those that a field of the words may name.
  private func values(_ input: StretchState, _ words: [UInt32]) -> [String] {
    let zero = Set(Self.rows(StretchState()).map { $0.name + $0.value })
    return Self.rows(input).filter { !zero.contains($0.name + $0.value) && $0.name != "signals" }.map { "\($0.name) \($0.value)" }
  }

  private static func rows(_ state: StretchState) -> [(name: String, value: String)] {
    var rows = (0..<32).map { (name: $0 == 31 ? "sp" : "x\($0)", value: bareHexadecimal(state.x[$0], digits: 16)) }
    rows += (0..<32).map {
      (name: "v\($0)", value: bareHexadecimal(state.v[2 * $0 + 1], digits: 16) + "_" + bareHexadecimal(state.v[2 * $0], digits: 16))
    }
    rows += [
      ("fpcr", bareHexadecimal(state.fpcr, digits: 8)), ("fpsr", bareHexadecimal(state.fpsr, digits: 8)),
      ("nzcv", bareHexadecimal(state.nzcv, digits: 8)),
    ]
    let signals = (0..<Stretch.wordLimit).map { state.signal($0) }.filter { $0 != 0 }
    rows.append(("signals", signals.isEmpty ? "none" : signals.map(Self.signalName).joined(separator: " ")))
    rows += state.window.enumerated().map {
      ("[\(bareHexadecimal(TestProgramLayout.window + UInt64($0 * 8), digits: 8))]", bareHexadecimal($1, digits: 16))
    }
    return rows
  }

  private static func signalName(_ number: UInt8) -> String {
    [4: "SIGILL", 7: "SIGBUS", 11: "SIGSEGV"][number] ?? "signal \(number)"
  }
}
