// Owns tests of the manual pages: every command has one, with its options and examples. It does not know the formatter.
import Testing

@testable import FaultlineCommands

@Suite struct ManualTests {
  @Test func everyCommandHasAPage() throws {
    let names = try ManualCommand.pages().map(\.name)
    let commands =
      ["faultline"] + Faultline.configuration.subcommands.map { "faultline-\($0.configuration.commandName!)" }
      + BenchCommand.configuration.subcommands.map { "faultline-bench-\($0.configuration.commandName!)" }
    #expect(names.sorted() == commands.map { $0 + ".1" }.sorted())
  }

  @Test func aPageHasItsSections() throws {
    let page = try #require(try ManualCommand.pages().first { $0.name == "faultline-run.1" }).text
    let lines = page.split(separator: "\n")
    let sections = lines.filter { $0.hasPrefix(".SH ") }.map { $0.dropFirst(4) }
    #expect(sections == ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "SEE ALSO"])
    #expect(lines.contains { $0.hasPrefix("\\&\\fB\\-\\-max\\-instructions\\fR") })
    #expect(lines.contains("faultline run \\-\\-example hello"))
    // What help does not list is in no page either.
    #expect(!page.contains("vcpus"))
  }

  @Test(arguments: [("a-b", "a\\-b"), (".TH", "\\&.TH"), ("'x", "\\&'x"), ("\\n", "\\en"), ("a\nb", "a b")])
  func nothingIsAMacro(_ text: String, _ escaped: String) { #expect(ManualPage.escaped(text) == escaped) }
}
