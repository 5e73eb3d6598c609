// Owns tests of what Tab types and lists. It does not know the terminal.
import Testing

@testable import LineEditing

@Suite struct CompletionsTests {
  @Test(arguments: [
    ("br", ["break"], "eak "), ("b", ["break", "backtrace"], ""), ("b", ["break", "breakable"], "reak"), ("x", ["break"], ""),
    ("/us", ["/usr/"], "r/"), ("", ["é1", "é2"], "é"), ("break", ["break", "break"], " "),
  ])
  func aStepIsWhatAllAgreeOn(_ word: String, _ candidates: [String], _ step: String) {
    #expect(Completions(word: word, candidates: candidates).step == step)
  }

  @Test func columnsFitTheTerminal() {
    let found = Completions(word: "", candidates: (1...9).map { "name\($0)" })
    #expect(found.table(width: 20) == "name1  name6\nname2  name7\nname3  name8\nname4  name9\nname5\n")
    #expect(found.table(width: 3) == (1...9).map { "name\($0)\n" }.joined())
    #expect(Completions(word: "/usr/", candidates: ["/usr/lib/", "/usr/x"]).table(width: 80) == "lib/  x\n")
  }

  @Test func aLongListIsCut() {
    let text = Completions(word: "", candidates: (1000..<1250).map { "s\($0)" }).table(width: 5)
    #expect(text.hasSuffix("s1199\nand 50 more\n"))
  }
}
