// Owns tests of what helps to type commands: help texts, completion scripts and defaults.
// It does not know what commands do.
import ArgumentParser
import TestSupport
import Testing

@testable import FaultlineCommands

@Suite struct HelpTests {
  static let commands: [[String]] =
    [[]] + Faultline.configuration.subcommands.map { [$0.configuration.commandName!] }
    + BenchCommand.configuration.subcommands.map { ["bench", $0.configuration.commandName!] }

  /// In a terminal of 80 columns no example is broken into two lines, so that each can be pasted.
  @Test(arguments: commands) func examplesCanBePasted(_ command: [String]) throws {
    let help = try FaultlineProcess(command + ["--help"])
    #expect(help.status == 0)
    let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(where: { $0.hasSuffix("Examples:") }) else { return }
    let examples = lines[(start + 1)...].prefix { !$0.isEmpty }
    #expect(!examples.isEmpty)
    for example in examples { #expect(example.hasPrefix("  faultline ") || example.hasPrefix("  echo "), "\(example)") }
  }

  /// A paragraph is broken where the terminal ends, and nowhere else.
  @Test(arguments: commands) func paragraphsAreFilled(_ command: [String]) throws {
    let help = try FaultlineProcess(command + ["--help"])
    let overview = Array(help.output.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.hasPrefix("USAGE") })
    #expect(overview.count > 1)
    for (line, next) in zip(overview, overview.dropFirst()) where !line.isEmpty && !next.isEmpty && !next.hasPrefix(" ") {
      #expect(line.hasPrefix(" ") || line.count + 1 + next.prefix { $0 != " " }.count >= 80, "\(line)")
    }
  }

  static let completions: [(words: String, answer: String)] = [
    ("faultline run Packa", "Package.resolved Package.swift"), ("faultline machine Makef", "Makefile"),
    ("faultline run Makefile Packa", "Package.resolved Package.swift"), ("faultline run --root Source", "Sources"),
    ("faultline run --kernel linux-7", "linux-7.2 linux-7.3"), ("faultline shell --atomic-faults s", "stock"),
    ("faultline run --thp ma", "madvise"), ("faultline bench pretouch --json READ", "README.md"), ("faultline esr --js", "--json"),
    ("faultline run --example hel", "hello"), ("faultline examples kin", "kinds"), ("faultline exam", "examples"),
    ("faultline machine --cpu corte", "cortex-a53 cortex-a72"), ("faultline differential --class fp-two", "fp-two-source"),
    ("faultline examples --save Source", "Sources"), ("faultline pte --granule 1", "16k"),
  ]

  @Test(arguments: completions) func bashCompletes(_ words: String, _ answer: String) throws {
    let script = """
      command -v bash >/dev/null || exit 77
      faultline --generate-completion-script bash >"$1" && bash -c '
        source "$1"; COMP_WORDS=($2); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE=$2; COMP_POINT=${#2}
        _faultline faultline "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
        printf "%s\\n" "${COMPREPLY[@]}" | sort | tr "\\n" " "' bash "$1" "$2"
      """
    let run = try withProgram([]) { try FaultlineProcess(shell: script, $0, words) }
    if run.status != 77 { #expect(run.output == answer + " ", "\(run.errors)") }
  }

  /// An option with one legal value is accepted and not listed.
  @Test func optionsWithOneValueAreNotListed() throws {
    // A board of the shell has several processors.
    for (command, names) in [("run", ["--page-size", "--vcpus", "--engine"]), ("shell", ["--page-size", "--engine"])] {
      let help = try FaultlineProcess(command, "--help").output
      for name in names { #expect(!help.contains(name), "\(command) \(name)") }
    }
    let run = try FaultlineProcess("run", "--page-size", "4k", "--vcpus", "1", "--engine", "auto", "--example", "hello")
    #expect(run.output == "Hello from EL0.\n", "\(run.errors)")
  }

  @Test func developersCommandsAreAGroup() throws {
    let help = try FaultlineProcess("--help").output
    let group = try #require(help.firstRange(of: "FOR DEVELOPERS SUBCOMMANDS:"))
    for name in ["differential", "decode-coverage", "vectors"] { #expect(help[group.upperBound...].contains("\n  \(name) "), "\(help)") }
    #expect(help[..<group.lowerBound].contains("\n  examples "))
  }

  /// A number means the same in each form.
  @Test func countsHaveManyForms() throws {
    for count in ["1000000", "1e6", "1M", "0xf4240", "1_000_000"] {
      let run = try FaultlineProcess("run", "--max-instructions", count, firmwarePath("tests/hostile"), "loop")
      #expect(run.status == 124 && run.errors.hasPrefix("faultline: stopped after 1000000 instructions"), "\(count): \(run.errors)")
    }
  }

  /// A program runs on Linux as it is, unless the user asks for the patch.
  @Test func theDefaultIsAnUnmodifiedLinux() throws {
    let program = firmwarePath("examples/force_write")
    let asIs = try FaultlineProcess("run", program)
    #expect(asIs.output.contains("ldadd: 256 pages, 512 minor faults"))
    #expect(asIs.output == (try FaultlineProcess("run", "--atomic-faults", "stock", program)).output)
    let shell = try FaultlineProcess("shell", "--batch", "-ex", "run", program)
    #expect(shell.output.contains("ldadd: 256 pages, 512 minor faults"), "\(shell.output)\(shell.errors)")
  }

  /// The value in every oops of arm64: what Linux does with an abort of its own.
  @Test func anAbortOfTheKernelsHasItsLine() throws {
    let run = try FaultlineProcess("esr", "0x96000004")
    #expect(run.output.contains("\n  Linux, from EL1: for a user address, serves the fault (do_page_fault)"), "\(run.output)")
    #expect(run.output.contains("NULL pointer dereference"))
    #expect(try FaultlineProcess("esr", "0x9600004f").output.contains("write to read-only memory"))
    #expect(try FaultlineProcess("esr", "0x8600000f").output.contains("execute from non-executable memory"))
  }
}
