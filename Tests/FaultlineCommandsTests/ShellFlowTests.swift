// Owns tests of what changes the order in which lines run: if, while, hooks. It does not know the commands that the lines hold.
import TestSupport
import Testing

@testable import DebugShell

@Suite("Shell: control flow") struct ShellFlowTests {
  /// What lines answer, errors as lines.
  private static func answers(_ shell: Shell, _ lines: String...) -> String {
    lines.map { line in
      let reply = shell.execute(line, isScript: true)
      return reply.output + (reply.error.map { "error: \($0)\n" } ?? "")
    }.joined()
  }

  @Test func ifTakesOneOfItsBranches() {
    let shell = Shell()
    #expect(Self.answers(shell, "if 1 == 1", "p 1", "else", "p 2", "end") == "$1 = 1\n")
    #expect(Self.answers(shell, "if(1 == 2)", "p 1", "else", "p 2", "end") == "$2 = 2\n")
    #expect(Self.answers(shell, "if 0", "p 1", "end", "p 3") == "$3 = 3\n")
    #expect(Self.answers(shell, "if 1", "if 0", "p 4", "else", "p 5", "end", "else", "p 6", "end") == "$4 = 5\n")
    #expect(Self.answers(shell, "if", "else", "if 1 +").hasPrefix("error: if needs a condition"))
    #expect(Self.answers(shell, "if 1", "else", "else", "end") == "error: if has more than one else.\n")
    #expect(Self.answers(shell, "else") == "error: else stands between if and end, on a line of its own.\n")
  }

  @Test func whileRunsAsLongAsItsConditionIsTrue() {
    let shell = Shell()
    #expect(Self.answers(shell, "set $i = 0", "while $i < 3", "p $i", "set $i = $i + 1", "end") == "$1 = 0\n$2 = 1\n$3 = 2\n")
    let skips = Self.answers(
      shell, "set $i = 0", "while 1", "set $i = $i + 1", "if $i % 2", "loop_continue", "end", "if $i > 6", "loop_break", "end", "echo $i ",
      "output $i", "echo \\n", "end")
    #expect(skips == "$i2\n$i4\n$i6\n")
    // The leap of an inner loop leaves the outer one alone.
    let nested = Self.answers(
      shell, "set $i = 0", "while $i < 2", "while 1", "loop_break", "end", "set $i = $i + 1", "output $i", "end")
    #expect(nested == "12")
    #expect(Self.answers(shell, "loop_break") == "error: loop_break stands in the lines of while.\n")
    #expect(Self.answers(shell, "while 1", "nonsense", "end") == "error: while:1: Undefined command: 'nonsense'. Try 'help'.\n")
    #expect(Self.answers(shell, "p 7") == "$4 = 7\n")
  }

  @Test func definedCommandsHaveThemToo() {
    let shell = Shell()
    _ = Self.answers(
      shell, "define count", "set $n = 0", "while $n < $arg0", "set $n = $n + 1", "end", "if $argc == 2", "p $n + $arg1", "else", "p $n",
      "end", "end")
    #expect(Self.answers(shell, "count 4", "count 4 10") == "$1 = 4\n$2 = 14\n")
  }

  /// A loop steps the program to where it wants it.
  @Test func aLoopStepsTheProgram() throws {
    let shell = try Terminal().shell
    let answer = Self.answers(shell, "starti", "while $pc != touch", "stepi", "end", "p $x0")
    #expect(answer.contains("=> 0x40003c <touch>") && answer.hasSuffix("$1 = 7\n"))
  }

  /// Ctrl-C ends a loop in which no program runs, at its next round.
  @Test func anInterruptEndsALoop() {
    let shell = Shell()
    shell.host = Interrupting { _ = shell.interrupter.interrupt() }
    #expect(Self.answers(shell, "while 1", "echo x", "end") == "error: Quit\n")
    #expect(!shell.interrupter.interrupt())
    #expect(Self.answers(shell, "if 1", "echo y", "end") == "")
  }

  /// A host that acts when it is to show something.
  private final class Interrupting: ShellHost {
    let act: () -> Void
    init(_ act: @escaping () -> Void) { self.act = act }
    func run(_ command: String) -> Int32 { 0 }
    func script(_ path: String) throws -> String { "" }
    func openLog(_ path: String, replaces: Bool) throws -> any ShellLog { throw ShellError("no log") }
    func show(_ text: String) { act() }
  }

  // MARK: Hooks

  @Test func hooksRunAroundTheirCommand() {
    let shell = Shell()
    let defined = Self.answers(
      shell, "define hook-echo", "printf \"<\"", "end", "define hookpost-echo", "printf \">\"", "end", "define hook-nothing", "end")
    #expect(defined == "There is no command 'nothing': the hook waits until one is defined.\n")
    #expect(Self.answers(shell, "echo text", "ec more") == "<text><more>")
    // A hook that uses its own command does not run inside itself.
    #expect(Self.answers(shell, "define hook-output", "output 1", "end", "output 2") == "12")
    #expect(
      Self.answers(shell, "define hook-printf", "nonsense", "end", "printf \"x\"").hasPrefix("error: hook-printf:1: Undefined command"))
  }

  @Test func hooksOfStops() throws {
    let shell = try Terminal().shell
    _ = Self.answers(
      shell, "define hook-stop", "echo before\\n", "end", "define hookpost-stop", "echo behind\\n", "end", "break touch", "display $x0",
      "commands 1", "echo commands\\n", "end")
    let lines = Self.answers(shell, "run").split(separator: "\n").map(String.init)
    #expect(lines[0] == "before" && lines[1].hasPrefix("Breakpoint 1, "), "\(lines)")
    #expect(Array(lines.suffix(3)) == ["1: $x0 = 7", "commands", "behind"], "\(lines)")
    // At its end there is no program to look at.
    #expect(Self.answers(shell, "delete", "c") == "[The program exited with status 3]\n")
    _ = Self.answers(shell, "define hook-stop", "p 1 +", "end", "starti")
    #expect(Self.answers(shell, "si").hasPrefix("hook-stop:1: '1 +' ends too early\n=> 0x400004"))
  }
}
