// Owns the table of the commands with which scripts are written, and of those that say how the shell itself behaves.
// It does not know what a command does.

extension Shell {
  static var scriptingCommands: [Command] {
    [
      Command("source", [], "FILE", "Run the commands in a file, up to the first error.", Shell.source),
      Command("define", [], "NAME", "Give a name to the commands that follow, up to 'end'.", details: defineDetails, Shell.define),
      Command("commands", [], "[N]", "Run the commands that follow, up to 'end', whenever stop point N stops.", Shell.commands),
      Command("document", [], "NAME", "Write the help of a command of yours: the lines that follow, up to 'end'.", Shell.document),
      Command("echo", [], "TEXT", "Show a text.", details: echoDetails, Shell.echo),
      Command("printf", [], "\"FORMAT\", EXPRESSION...", "Show values as C's printf does.", details: printfDetails, Shell.printf),
      Command("shell", ["!"], "[COMMAND]", "Run a command of the system, or its shell.", Shell.shell),
      Command("show", [], "[SETTING]", "Show a setting, or all that were set.", Shell.show),
      Command("apropos", [], "WORD", "List the commands about something.", Shell.apropos),
    ]
  }

  private static let defineDetails = [
    "In the lines $arg0, $arg1... are the command's arguments, $argc is their number, and $arg* is all of them."
  ]
  private static let echoDetails = ["\\n is a line end, which is not added; a \\ at the end of the text keeps blanks in front of it."]
  private static let printfDetails = [
    "%d %i %u %x %X %o %c %s %p %%, with width and precision; h, hh, l, ll, z and j say the size.",
    "%s shows the string at an address, or a text in quotes.",
  ]
}
