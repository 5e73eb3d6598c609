// Owns the table of the commands with which scripts are written, and of those that say how the shell itself behaves.
// It does not know what a command does.

extension Shell {
  static var scriptingCommands: [Command] {
    [
      Command("source", [], "FILE", "Run the commands in a file, up to the first error.", Shell.source),
      Command("define", [], "NAME", "Give a name to the commands that follow, up to 'end'.", details: defineDetails, Shell.define),
      Command("commands", [], "[N]", "Run the commands that follow, up to 'end', whenever stop point N stops.", Shell.commands),
      Command(
        "if", [], "CONDITION", "Run the commands that follow if CONDITION is true, up to 'else' or 'end'.", details: ifDetails,
        Shell.ifCommand),
      Command("else", [], "", "Begin the commands that run if the condition of if is not true.", Shell.elseCommand),
      Command(
        "while", [], "CONDITION", "Run the commands that follow, up to 'end', as long as CONDITION is true.", details: whileDetails,
        Shell.whileCommand),
      Command("loop_break", [], "", "Leave the loop of while.", Shell.loopBreak),
      Command("loop_continue", [], "", "Begin the next round of while.", Shell.loopContinue),
      Command("document", [], "NAME", "Write the help of a command of yours: the lines that follow, up to 'end'.", Shell.document),
      Command("echo", [], "TEXT", "Show a text.", details: echoDetails, Shell.echo),
      Command("printf", [], "\"FORMAT\", EXPRESSION...", "Show values as C's printf does.", details: printfDetails, Shell.printf),
      Command("shell", ["!"], "[COMMAND]", "Run a command of the system, or its shell.", Shell.shell),
      Command("show", [], "[SETTING]", "Show a setting, or all that were set.", Shell.show),
      Command("apropos", [], "WORD", "List the commands about something.", Shell.apropos),
    ]
  }

  private static let defineDetails = [
    "In the lines $arg0, $arg1... are the command's arguments, $argc is their number, and $arg* is all of them.",
    "hook-COMMAND runs before COMMAND, and hookpost-COMMAND behind it; hook-stop and hookpost-stop run at each stop.",
  ]
  private static let ifDetails = ["CONDITION is an expression, as print has them: if $x0 == 0 && $argc > 1"]
  private static let whileDetails = [
    "loop_break leaves the loop, loop_continue begins its next round, and Ctrl-C ends it. A variable of your own counts:",
    "  set $i = 0, while $i < 4, stepi, set $i = $i + 1, end, each on a line of its own.",
  ]
  private static let echoDetails = ["\\n is a line end, which is not added; a \\ at the end of the text keeps blanks in front of it."]
  private static let printfDetails = [
    "%d %i %u %x %X %o %c %s %p %%, with width and precision; h, hh, l, ll, z and j say the size.",
    "%s shows the string at an address, or a text in quotes.",
  ]
}
