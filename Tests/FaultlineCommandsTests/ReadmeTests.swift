// Owns the check that the command prints what README and the pages for users show.
// It does not know why. Benchmarks are left out, because their times depend on the host.
import Testing

@Suite struct ReadmeTests {
  static let readme = Transcript.all(of: "README.md").filter { !$0.command.hasPrefix("faultline bench") }
  static let pages = ["UsersGuide", "ShellReference"].flatMap { Transcript.all(of: "Sources/faultline/faultline.docc/\($0).md") }

  @Test(arguments: readme + pages) func showsWhatIsPrinted(_ transcript: Transcript) throws {
    let lines = try transcript.run()
    #expect(transcript.shows(lines), "\(lines.joined(separator: "\n"))")
  }

  @Test func thereAreTranscripts() {
    #expect(Self.readme.count >= 9)
    #expect(Self.pages.count >= 6)
  }

  /// The comparison itself: what is left out may be of any length, and everything else counts.
  @Test(
    arguments: [
      (["a", "b"], true), (["a"], false), (["a", "b", "c"], false), ([], false),
    ] as [([String], Bool)])
  func everyLineCounts(_ lines: [String], _ isShown: Bool) {
    #expect(Transcript(command: "", output: ["a", "b"]).shows(lines) == isShown)
  }

  @Test(
    arguments: [
      (["a", "x", "y", "b", "c"], true), (["a", "b", "c"], true), (["a", "b"], false), (["b", "c"], false),
      (["a", "c", "b", "x", "c"], true),
      (["a", "x", "c"], false),
    ] as [([String], Bool)])
  func aGapHasAnyLength(_ lines: [String], _ isShown: Bool) {
    #expect(Transcript(command: "", output: ["a", "...", "b", "...", "c"]).shows(lines) == isShown)
  }
}
