// Owns the tables of commands, one row for each, in the order in which help lists them.
// It does not know what a command does.
import Debugging

extension Shell {
  static var commands: [Command] {
    [
      Command(
        "file", [], "[--example] PROGRAM [ARG]...", "Take another program: a file, or an example by its name.", data: Shell.file),
      Command("run", ["r"], "[ARG]...", "Start the program from its beginning.", details: runDetails, data: Shell.run),
      Command("start", [], "[ARG]...", "Start the program and stop in main.", details: runDetails, data: Shell.start),
      Command("starti", [], "[ARG]...", "Load the program anew and stop before its first instruction.", data: Shell.starti),
      Command(
        "continue", ["c", "fg"], "[N]", "Go on until something stops the program.", details: continueDetails, repeats: true,
        data: Shell.continue),
      Command("step", ["s"], "[N]", "Step to another source line, into calls.", repeats: true, data: Shell.step),
      Command("next", ["n"], "[N]", "Step to another source line, over calls.", repeats: true, data: Shell.next),
      Command("stepi", ["si"], "[N]", "Step exactly N instructions, 1 by default.", repeats: true, data: Shell.stepi),
      Command("nexti", ["ni"], "[N]", "Step one instruction, calls as a whole.", repeats: true, data: Shell.nexti),
      Command("until", ["u"], "[LOCATION]", "Go on to a later line, or to LOCATION.", data: Shell.until),
      Command("advance", [], "LOCATION", "Go on until LOCATION or another stop.", data: Shell.advance),
      Command("finish", ["fin"], "", "Go on until the chosen frame returns.", data: Shell.finish),
      Command("jump", ["j"], "LOCATION", "Go on at LOCATION.", data: Shell.jump),
      Command("return", [], "[VALUE]", "Leave the innermost function at once.", data: Shell.returnCommand),
      Command(
        "handle", [], "SIGNAL... [WORD]...", "Say whether a signal stops the program, and whether the program gets it.",
        details: ["WORD is stop, nostop, pass or nopass; SIGNAL may be all."], Shell.handle),
      Command("kill", ["k"], "", "Load the program anew.", data: Shell.kill),
      Command(
        "break", ["b", "br"], "[LOCATION] [if CONDITION]", "Stop before the instruction at LOCATION.", details: breakDetails,
        data: Shell.break),
      Command("tbreak", ["tb"], "[LOCATION] [if CONDITION]", "As break, but only once.", details: breakDetails, data: Shell.tbreak),
      Command("watch", ["wa"], "PLACE [if CONDITION]", "Stop when the memory at PLACE changes.", details: watchDetails, data: Shell.watch),
      Command("rwatch", [], "PLACE [if CONDITION]", "Stop when the memory at PLACE is read.", details: watchDetails, data: Shell.rwatch),
      Command(
        "awatch", [], "PLACE [if CONDITION]", "Stop when the memory at PLACE is read or written.", details: watchDetails, data: Shell.awatch
      ),
      Command(
        "catch", [], "EVENT [if CONDITION]", "Stop at an event: a fault, a system call, a signal.", details: catchDetails, data: Shell.catch
      ),
      Command("tcatch", [], "EVENT [if CONDITION]", "As catch, but only once.", details: catchDetails, data: Shell.tcatch),
      Command("condition", ["cond"], "N [CONDITION]", "Let stop point N stop only if CONDITION is true.", Shell.condition),
      Command("ignore", [], "N COUNT", "Pass stop point N COUNT times.", Shell.ignore),
      Command("enable", ["en"], "[N]...", "Enable stop points by number, or all.", Shell.enable),
      Command("disable", ["dis"], "[N]...", "Disable stop points by number, or all.", Shell.disable),
      Command("delete", ["d"], "[N]...", "Delete stop points by number, or all.", Shell.delete),
      Command("clear", ["cl"], "[LOCATION]", "Delete the breakpoints at LOCATION.", Shell.clear),
      Command(
        "backtrace", ["bt", "where"], "[N|-N]", "Show the stack, or its N innermost or outermost frames.", data: Shell.backtraceCommand),
      Command("frame", ["f"], "[N]", "Show a frame of the stack, and look at the program from there.", data: Shell.frameCommand),
      Command("up", [], "[N]", "Look from the caller's frame.", repeats: true, data: Shell.up),
      Command("down", ["dow"], "[N]", "Look from the called function's frame.", repeats: true, data: Shell.down),
      Command("list", ["l"], "[PLACE|FIRST,LAST|-]", "Show source lines.", repeats: true, data: Shell.list),
      Command("directory", ["dir"], "[FOLDER]...", "Look for source files in these folders too.", Shell.directory),
      Command(
        "disassemble", ["disas"], "/S [PLACE|START,END]", "Show the instructions of a function; /s with source.", takesFormat: true,
        data: Shell.disassemble),
      Command("display", [], "/F [EXPRESSION]", "Show a value at each stop.", takesFormat: true, Shell.display),
      Command("undisplay", [], "[N]...", "Show values no longer.", Shell.undisplay),
      Command("task", ["thread", "t"], "[N]", "Look at another task.", data: Shell.taskCommand),
      Command("why", [], "[ADDRESS]", "Say why the program died, or what an address is and who changed it.", data: Shell.why),
      Command("info", ["i", "inf"], "[WHAT]", "Show registers, breakpoints and more.", Shell.info),
      Command(
        "x", [], "/NFU [ADDRESS]", "Examine memory.", details: examineDetails, repeats: true, takesFormat: true, data: Shell.examine),
      Command(
        "print", ["p", "inspect"], "/F EXPRESSION", "Show a value.", details: printDetails, takesFormat: true, data: Shell.print),
      Command(
        "output", [], "/F EXPRESSION", "Show a value without a number and without a line end.", takesFormat: true, Shell.output),
      Command("set", [], "PLACE = EXPRESSION", "Write a register, memory or a variable.", details: setDetails, Shell.set),
      Command("esr", [], "[VALUE]", "Explain a value of ESR_EL1; without one, the last fault's.", data: Shell.esr),
      Command(
        "pte", [], "VALUE [LEVEL]", "Explain a translation table descriptor, in TTBR0_EL1's format; level 3 by default.", data: Shell.pte),
      Command("pt", [], "[ADDRESS|upper]", "Dump the page tables: all of TTBR0_EL1's, the run at ADDRESS, or TTBR1_EL1's.", data: Shell.pt),
      Command(
        "pagewalk", ["walk"], "ADDRESS [fields]", "Walk the tables for ADDRESS: each level's descriptor (and its fields), and the result.",
        data: Shell.pagewalk),
      Command("tlb", [], "[ADDRESS]", "Show the TLB's entries, or those of ADDRESS.", data: Shell.tlb),
      Command("faults", [], "[N]", "List the aborts that were taken, or the last N.", data: Shell.faults),
      Command("vmmap", [], "[ADDRESS|NAME]", "List the mappings as /proc/PID/maps does, or those of ADDRESS or NAME.", data: Shell.vmmap),
      Command("help", ["h", "?"], "[COMMAND]", "List commands, or explain one.", Shell.help),
      Command("quit", ["q", "exit"], "[STATUS]", "Leave.", Shell.quit),
    ] + explainers
      + scriptingCommands
  }

  /// tcr, mair and the like: a command for each register that has a layout.
  private static var explainers: [Command] {
    RegisterLayout.all.map { layout in
      Command(
        layout.command, [], "[VALUE]", "Explain a value of \(layout.register); without one, what it holds now.",
        data: Shell.explaining(layout))
    }
  }

  static var topics: [Command] {
    [
      Command(
        "registers", ["r", "all-registers"], "[NAME]...", "Registers and their values; the name system stands for all system registers.",
        data: Shell.infoRegisters),
      Command("breakpoints", ["b"], "", "Breakpoints, watchpoints and catchpoints.", data: Shell.infoBreakpoints),
      Command("watchpoints", [], "", "The same.", data: Shell.infoBreakpoints),
      Command("display", [], "", "What display shows.", Shell.infoDisplay),
      Command("tasks", ["threads", "inferiors"], "", "Tasks, their states and places.", data: Shell.infoTasks),
      Command("frame", ["f"], "", "The chosen frame.", data: Shell.infoFrame),
      Command("stack", ["s"], "[N]", "The stack.", data: Shell.backtraceCommand),
      Command("line", [], "[LOCATION]", "The source line of a place.", data: Shell.infoLine),
      Command("source", [], "", "The source file.", Shell.infoSource),
      Command("functions", ["fun"], "[REGEXP]", "Functions by name.", data: Shell.infoFunctions),
      Command("variables", [], "[REGEXP]", "Other symbols by name.", data: Shell.infoVariables),
      Command("signals", ["signal"], "[SIGNAL]", "What handle says about signals.", Shell.infoSignals),
      Command("tlb", [], "[ADDRESS]", "The TLB's entries.", data: Shell.tlb),
      Command("address", [], "SYMBOL", "The address of a symbol.", data: Shell.infoAddress),
      Command("auxv", [], "", "The auxiliary vector.", data: Shell.infoAuxv),
      Command("mapping-history", [], "ADDRESS", "Which calls mapped, protected and unmapped an address.", data: Shell.infoMappingHistory),
      Command("symbol", [], "ADDRESS", "The symbol at an address.", data: Shell.infoSymbol),
      Command("faults", [], "[N]", "The aborts that were taken.", data: Shell.faults),
      Command("proc", [], "[mappings]", "The mappings, as vmmap shows them.", data: Shell.infoProc),
      Command("program", [], "", "What runs, and where it stands.", data: Shell.infoProgram),
    ]
  }

  private static let location =
    "LOCATION is a function, FILE:LINE, a line of the file that is shown, or an expression: main, main+8, uaf.c:11, *0x400078, *$pc."
  private static let conditions = "CONDITION is an expression, as in if $x0 == 1 && *(u32*)$sp != 0; 'help print' has the rules."
  private static let continueDetails = ["With N, the breakpoint of this stop is passed N - 1 times."]
  private static let watchDetails = [
    "PLACE is a symbol, or memory by its address: flag, *(u32*)0x492058, {u64}$sp. watch tells the old and the new value, also where the",
    "kernel has written. 'watch pte ADDRESS' stops when the descriptor of an address changes, by the kernel or by the hardware's update.",
    conditions,
  ]
  private static let setDetails = [
    "PLACE is a register ($x0), memory (*(u32*)ADDRESS, {u8}ADDRESS, a symbol), or a variable of your own ($name).",
    "Memory is written as a debugger does under Linux: a page that is shared for copy on write becomes the program's own first.",
  ]

  private static let runDetails = [
    "Arguments replace the program's arguments; without any the old ones stay. Breakpoints stay, memory and registers do not."
  ]
  private static let breakDetails = [
    location,
    "Without one: the next instruction. A function stops behind its prologue, and also where it was inlined: each of these places is a stop",
    "point with a number of its own. A breakpoint on a name follows execve to where the new program has the name.", conditions,
  ]
  private static let catchDetails = [
    "EVENT is fault [before|after] [FILTER]..., syscall [NAME|NUMBER]..., signal [NAME]..., fork, vfork or exec. A system call stops at its entry and at",
    "its return. In a condition of a fault, esr, far and task are the fault's: catch fault if esr.wnr == 1 && task == 3",
    "A fault must pass every filter. Kinds of one line are alternatives:",
    "  read, write, fetch                  the access as ESR_EL1 reports it",
    "  translation, permission, access-flag, alignment, address-size, external",
    "  signal                              only faults that became a signal",
    "  START-END, START,END, START,+LENGTH the fault address lies there; END is behind it",
    "  ADDRESS                             the fault address lies in its page of 4 KiB",
    "after, or neither word: the program stops behind the kernel's handler, before the instruction again or before its signal handler.",
    "before: the abort has been taken and the kernel has changed nothing yet. pagewalk, pt and vmmap show what faulted, ESR_EL1, FAR_EL1 and",
    "ELR_EL1 are the abort's, and going on runs the handler.",
  ]
  private static let examineDetails = [
    "N units, with -N those in front of ADDRESS; F: x z(all digits) d u o t c a f(loating point: h, w or g) i(nstruction) s(tring);",
    "U: b(yte) h(alf) w(ord) g(iant).",
    "Without an address it goes on where the last one ended. The program and its statistics do not notice.",
  ]
  private static let printDetails = [
    "Expressions are C's: numbers (010 is octal), symbols, registers ($x0, $w1, $pc, $esr_el1), variables ($name), the values of print",
    "($1, $), all operators, casts and memory: *(u32*)$sp, {u8}ADDRESS, ((u64*)$x0)[2]. Types: u8 to u64, i8 to i64, C's names.",
    "far, esr, task and process are those of the last fault and of this task; fields by name: esr.wnr, pte(ADDRESS).af.",
    "A vector register is shown with all its views, and $v0.d.u[1], $d0.f or $s0.u is a number of one.",
    "F: x z(all digits) d u o t c a f(loating point) s(the string at an address too).",
  ]
}
