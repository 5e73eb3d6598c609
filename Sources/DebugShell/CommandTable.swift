// Owns the tables of commands, one row for each, in the order in which help lists them.
// It does not know what a command does.
import Debugging

extension Shell {
  static var commands: [Command] {
    [
      Command("run", ["r"], "[ARGS]", "Start the program from its beginning.", details: runDetails, Shell.run),
      Command("starti", [], "[ARGS]", "Load the program anew and stop before its first instruction.", Shell.starti),
      Command("continue", ["c", "fg"], "", "Go on until something stops the program.", repeats: true, Shell.continue),
      Command("stepi", ["si"], "[N]", "Step exactly N instructions, 1 by default.", repeats: true, Shell.stepi),
      Command("nexti", ["ni"], "", "Step one instruction, calls as a whole.", repeats: true, Shell.nexti),
      Command("until", ["u", "advance"], "LOCATION", "Go on until LOCATION or another stop.", Shell.until),
      Command("break", ["b", "br"], "[LOCATION]", "Stop before the instruction at LOCATION.", details: breakDetails, Shell.break),
      Command("tbreak", ["tb"], "[LOCATION]", "As break, but only once.", details: breakDetails, Shell.tbreak),
      Command("catch", [], "fault [FILTER]...", "Stop when a fault is taken.", details: catchDetails, Shell.catch),
      Command("delete", ["d"], "[N]...", "Delete breakpoints and catchpoints by number, or all.", Shell.delete),
      Command("info", ["i", "inf"], "WHAT", "Show registers, breakpoints and more.", Shell.info),
      Command(
        "x", [], "/NFU [ADDRESS]", "Examine memory.", details: examineDetails, repeats: true, takesFormat: true, Shell.examine),
      Command(
        "print", ["p", "inspect"], "/F EXPRESSION", "Show a value.", details: printDetails, takesFormat: true, Shell.print),
      Command("set", [], "$REGISTER = EXPRESSION", "Write a register.", Shell.set),
      Command("esr", [], "[VALUE]", "Explain a value of ESR_EL1; without one, the last fault's.", Shell.esr),
      Command("pte", [], "VALUE [LEVEL]", "Explain a translation table descriptor, in TTBR0_EL1's format; level 3 by default.", Shell.pte),
      Command("pt", [], "[ADDRESS|upper]", "Dump the page tables: all of TTBR0_EL1's, the run at ADDRESS, or TTBR1_EL1's.", Shell.pt),
      Command(
        "pagewalk", ["walk"], "ADDRESS [fields]", "Walk the tables for ADDRESS: each level's descriptor (and its fields), and the result.",
        Shell.pagewalk),
      Command("tlb", [], "[ADDRESS]", "Show the TLB's entries, or those of ADDRESS.", Shell.tlb),
      Command("faults", [], "[N]", "List the aborts that were taken, or the last N.", Shell.faults),
      Command("vmmap", [], "[ADDRESS]", "List the mappings as /proc/PID/maps does, or the one of ADDRESS.", Shell.vmmap),
      Command("help", ["h", "?"], "[COMMAND]", "List commands, or explain one.", Shell.help),
      Command("quit", ["q", "exit"], "[STATUS]", "Leave.", Shell.quit),
    ] + explainers
      + scriptingCommands
  }

  /// tcr, mair and the like: a command for each register that has a layout.
  private static var explainers: [Command] {
    RegisterLayout.all.map { layout in
      Command(
        layout.command, [], "[VALUE]", "Explain a value of \(layout.register); without one, what it holds now.", Shell.explaining(layout))
    }
  }

  static var topics: [Command] {
    [
      Command("registers", ["r", "all-registers"], "[NAME...|system]", "Registers and their values.", Shell.infoRegisters),
      Command("breakpoints", ["b"], "", "Breakpoints and catchpoints.", Shell.infoBreakpoints),
      Command("symbol", [], "ADDRESS", "The symbol at an address.", Shell.infoSymbol),
      Command("faults", [], "[N]", "The aborts that were taken.", Shell.faults),
      Command("proc", [], "[mappings]", "The mappings, as vmmap shows them.", Shell.infoProc),
      Command("program", [], "", "What runs, and where it stands.", Shell.infoProgram),
    ]
  }

  private static let location = "LOCATION is an address, a symbol, or an expression: main, main+8, 0x400078, *$pc."

  private static let runDetails = [
    "ARGS replace the program's arguments; without any the old ones stay. Breakpoints stay, memory and registers do not."
  ]
  private static let breakDetails = [location, "Without one: the next instruction."]
  private static let catchDetails = [
    "A fault must pass every filter. Kinds of one line are alternatives:",
    "  read, write, fetch                  the access as ESR_EL1 reports it",
    "  translation, permission, access-flag, alignment, address-size, external",
    "  signal                              only faults that became a signal",
    "  START-END, START,END, START,+LENGTH the fault address lies there; END is behind it",
    "  ADDRESS                             the fault address lies in its page of 4 KiB",
    "The program stops behind the kernel's handler: before the instruction again, or before its signal handler.",
  ]
  private static let examineDetails = [
    "N units; F: x d u o t c a i(nstruction) s(tring); U: b(yte) h(alf) w(ord) g(iant).",
    "Without an address it goes on where the last one ended. The program and its statistics do not notice.",
  ]
  private static let printDetails = [
    "Expressions have numbers, symbols, registers ($x0, $w1, $pc, $esr_el1), the values of print ($1, $), + - * ( ) and -.",
    "F: x d u o t c a.",
  ]
}
