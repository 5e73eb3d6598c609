// Owns tests of what the command says about a word that names no command and an option that it does not have, and of colours.
// It does not know any command's work.
import TestSupport
import Testing

@testable import DebugShell
@testable import FaultlineCommands

@Suite struct CommandPathTests {
  @Test(arguments: [
    ("rum", "there is no command 'rum'; did you mean 'run'? (see faultline --help)"),
    ("shel", "there is no command 'shel'; did you mean 'shell'? (see faultline --help)"),
    ("exmaples", "there is no command 'exmaples'; did you mean 'examples'? (see faultline --help)"),
    ("hlep", "there is no command 'hlep'; did you mean 'help'? (see faultline --help)"),
    ("walk", "there is no command 'walk' (see faultline --help)"),
    ("./README.md", "there is no command './README.md'; did you mean 'faultline run ./README.md'? (see faultline --help)"),
  ])
  func aWordThatNamesNoCommand(_ word: String, _ line: String) throws {
    let run = try FaultlineProcess(word, "x")
    #expect(run.status == 2 && run.output == "")
    #expect(run.errors == "faultline: error: \(line)\n")
  }

  @Test func aBenchmarkIsACommandToo() throws {
    #expect(
      try FaultlineProcess("bench", "fualt").errors
        == "faultline: error: there is no command 'fualt'; did you mean 'fault'? (see faultline bench --help)\n")
    #expect(try FaultlineProcess("help", "rum").errors.contains("did you mean 'run'?"))
    #expect(try FaultlineProcess("help", "help").errors == "")
  }

  /// An option's mistake leads to the help of its own command.
  @Test(arguments: [
    (["run", "--bogus"], "Unknown option '--bogus' (see faultline run --help)"),
    (["run", "--stat", "x"], "Unknown option '--stat'. Did you mean '--stats'? (see faultline run --help)"),
    (["bench", "cpu", "--nothing"], "Unknown option '--nothing' (see faultline bench cpu --help)"),
    (["machine"], "Missing expected argument '<image>' (see faultline machine --help)"),
    (["--bogus"], "Unknown option '--bogus' (see faultline --help)"),
  ])
  func anOptionsMistake(_ arguments: [String], _ line: String) throws {
    #expect(try FaultlineProcess(arguments).errors == "faultline: error: \(line)\n")
  }

  @Test(arguments: [("", "abc", 3), ("run", "rum", 1), ("run", "urn", 1), ("shell", "shell", 0), ("pte", "bench", 5)])
  func distances(_ a: String, _ b: String, _ distance: Int) {
    #expect(EditDistance.between(a, b) == distance)
    #expect(EditDistance.between(b, a) == distance)
  }

  @Test func theVersionNamesWhatItIsBuiltFrom() throws {
    let version = try FaultlineProcess("--version").output
    let form =
      /\d+\.\d+\.\d+ \((?:[0-9a-f]{7,}(?:, modified)?|not built from a git checkout)\), Capstone \d+\.\d+(?:\.\d+)?(?:, Swift \d[\d.]*)?\n/
    #expect(version.wholeMatch(of: form) != nil, "\(version)")
  }

  // MARK: Colours

  @Test(
    arguments: [
      (true, [:], true), (false, [:], false), (true, ["NO_COLOR": "1"], false), (true, ["NO_COLOR": ""], true),
      (true, ["TERM": "dumb"], false),
      (false, ["CLICOLOR_FORCE": "1"], true), (false, ["CLICOLOR_FORCE": "0"], false),
      (false, ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], false),
    ] as [(Bool, [String: String], Bool)])
  func coloursAreForTerminals(_ isTerminal: Bool, _ environment: [String: String], _ isShown: Bool) {
    #expect(Colour.isShown(isTerminal: isTerminal) { environment[$0] } == isShown)
  }

  @Test func aForcedColourMarksTheCommandsName() throws {
    let run = try FaultlineProcess(shell: "env -u NO_COLOR CLICOLOR_FORCE=1 \"$0\" walk")
    #expect(run.errors.hasPrefix("\u{1b}[1;31mfaultline: error:\u{1b}[0m there is no command 'walk'"), "\(run.errors)")
    #expect(try FaultlineProcess("walk").errors.hasPrefix("faultline: error: there"))
  }
}
