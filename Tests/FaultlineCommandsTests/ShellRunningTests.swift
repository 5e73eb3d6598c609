// Owns transcripts of the commands that let a program run and stop: run, stepi, breakpoints, catchpoints.
// It does not know assembler syntax: it checks only the address of an instruction.
import Testing

@testable import DebugShell

@Suite("Shell: running") struct ShellRunningTests {
  @Test("run to the end, and again")
  func run() throws {
    let terminal = try Terminal()
    #expect(terminal.type("run") == "[The program exited with status 3]")
    #expect(terminal.host.outputText == "hi\n")
    #expect(terminal.type("continue") == "error: The program is over; run starts it again.")
    #expect(terminal.type("si") == "error: The program is over; run starts it again.")
    #expect(terminal.type("r") == "[The program exited with status 3]")
    #expect(terminal.host.outputText == "hi\nhi\n")
  }

  @Test("run takes new arguments and keeps them")
  func arguments() throws {
    let terminal = try Terminal(arguments: ["old"])
    #expect(terminal.lines("info program").first == "tiny old")
    terminal.type("run first /etc/second")
    #expect(
      terminal.lines("info program") == ["tiny first /etc/second", "exited with status 3, 2016 instructions retired, 3 aborts taken"])
    #expect(terminal.type("starti").hasPrefix("=> 0x400000 <_start>:\t"))
    #expect(terminal.lines("info program").first == "tiny first /etc/second")
    // argc counts the name and two arguments.
    #expect(terminal.type("x/gd $sp").hasSuffix(":\t3"))
  }

  /// Blanks in quotes once divided an argument.
  @Test(
    "words are those of a POSIX shell",
    arguments: [
      (#""a b" c"#, ["a b", "c"]), (#"'a "b' c"#, [#"a "b"#, "c"]), (#"a\ b"#, ["a b"]), (#""a\"b\x""#, [#"a"b\x"#]), ("'' x", ["", "x"]),
      (#"a"b c"d"#, ["ab cd"]), (" a  b ", ["a", "b"]), (#"'\'"#, [#"\"#]), ("", []),
    ] as [(String, [String])])
  func quotedWords(_ text: String, _ words: [String]) throws {
    #expect(try CommandArguments(text: text).quotedWords() == words)
  }

  @Test("run takes quoted arguments")
  func quotedArguments() throws {
    let terminal = try Terminal()
    terminal.type(#"run "a b" c"#, "starti")
    #expect(terminal.type("x/gd $sp").hasSuffix(":\t3"))
    #expect(terminal.lines("info program").first == "tiny a b c")
  }

  @Test("an argument without its closing quote changes nothing")
  func unclosedQuote() throws {
    let terminal = try Terminal(arguments: ["old"])
    #expect(terminal.type(#"run "a b"#) == #"error: There is no closing " in '"a b'."#)
    #expect(terminal.type(#"run a\"#) == #"error: Nothing follows the last \ in 'a\'."#)
    #expect(terminal.lines("info program").first == "tiny old")
  }

  @Test("stepi steps exactly, and Enter steps again")
  func stepi() throws {
    let terminal = try Terminal()
    #expect(terminal.type("stepi").hasPrefix("=> 0x400004 <_start+4>:\t"))
    #expect(terminal.type("").hasPrefix("=> 0x400008 <_start+8>:\t"))
    #expect(terminal.type("").hasPrefix("=> 0x40003c <touch>:\t"))
    #expect(terminal.type("si 2").hasPrefix("=> 0x400044 <touch+8>:\t"))
    // Enter repeats the count too.
    #expect(terminal.type("").hasPrefix("=> 0x400010 <_start+16>:\t"))
    #expect(terminal.lines("i program").last == "stands before 0x400010 <_start+16>, 7 instructions retired, 3 aborts taken")
    #expect(terminal.type("") == "")
    #expect(terminal.type("stepi 0") == "error: '0' is not a count; use 1 or more")
    #expect(terminal.type("stepi -1") == "error: '-1' is not a count; use 1 or more")
    #expect(terminal.type("stepi 9223372036854775807") == "[The program exited with status 3]")
  }

  @Test("nexti runs calls as a whole")
  func nexti() throws {
    let terminal = try Terminal()
    #expect(terminal.type("nexti").hasPrefix("=> 0x400004 "))
    #expect(terminal.type("").hasPrefix("=> 0x400008 "))
    #expect(terminal.type("ni").hasPrefix("=> 0x40000c "))
    #expect(terminal.type("nexti 3").hasPrefix("=> 0x400018 "))
    // A breakpoint inside the call stops it.
    terminal.type("break touch+4", "starti", "si 2")
    #expect(terminal.type("ni").hasPrefix("Breakpoint 1, 0x400040 <touch+4>\n=> 0x400040 "))
  }

  @Test("until leaves no breakpoint behind")
  func until() throws {
    let terminal = try Terminal()
    #expect(terminal.type("until loop+8").hasPrefix("=> 0x400030 <loop+8>:\t"))
    #expect(terminal.type("info breakpoints") == "No breakpoints, watchpoints or catchpoints.")
    #expect(terminal.type("p $x3") == "$1 = 0")
    #expect(terminal.type("advance") == "error: advance needs a location, as in advance main+8")
    #expect(terminal.type("advance 0x400000") == "[The program exited with status 3]")
  }

  @Test("a breakpoint behind a system call stops")
  func breakAfterCall() throws {
    let terminal = try Terminal()
    #expect(terminal.type("break after_write") == "Breakpoint 1 at 0x400024 <after_write>")
    #expect(terminal.type("run").hasPrefix("Breakpoint 1, 0x400024 <after_write>\n=> 0x400024 <after_write>:\t"))
    #expect(terminal.host.outputText == "hi\n")
    #expect(terminal.type("c") == "[The program exited with status 3]")
  }

  @Test("a breakpoint on an instruction that faults stops once")
  func breakOnFault() throws {
    let terminal = try Terminal()
    terminal.type("b touch")
    #expect(terminal.type("run").hasPrefix("Breakpoint 1, 0x40003c <touch>\n"))
    // The only fault is the fetch of the first instruction.
    #expect(terminal.lines("faults").count == 2)
    #expect(terminal.type("c") == "[The program exited with status 3]")
  }

  @Test("a breakpoint in a loop is hit each time round, and counted")
  func breakInLoop() throws {
    let terminal = try Terminal()
    terminal.type("b loop", "b *_start", "tbreak 0x40002c")
    #expect(terminal.type("run").hasPrefix("Breakpoint 2, 0x400000 <_start>\n"))
    #expect(terminal.type("c").hasPrefix("Breakpoint 1, 0x400028 <loop>\n"))
    #expect(terminal.type("c").hasPrefix("Temporary breakpoint 3, 0x40002c <loop+4>\n"))
    #expect(terminal.type("").hasPrefix("Breakpoint 1, 0x400028 <loop>\n"))
    // A breakpoint that a single step reaches counts as well.
    #expect(terminal.type("si 2").hasPrefix("Breakpoint 1, 0x400028 <loop>\n"))
    #expect(terminal.type("p $x3") == "$1 = 998")
    #expect(
      terminal.lines("info breakpoints") == [
        "Num     Type           Disp Enb Address            What",
        "1       breakpoint     keep y   0x0000000000400028 <loop>",
        "        already hit 3 times",
        "2       breakpoint     keep y   0x0000000000400000 <_start>",
        "        already hit 1 time",
      ])
    #expect(terminal.type("delete 1 9") == "error: No breakpoint number 9.")
    #expect(terminal.type("d 1", "d 1") == "error: No breakpoint number 1.")
    #expect(terminal.type("c") == "[The program exited with status 3]")
    #expect(terminal.type("delete", "i b") == "No breakpoints, watchpoints or catchpoints.")
  }

  @Test("break without a place is here; odd addresses are refused")
  func breakPlaces() throws {
    let terminal = try Terminal()
    #expect(terminal.type("si", "break").hasSuffix("Breakpoint 1 at 0x400004 <_start+4>"))
    #expect(terminal.type("break 0x400002") == "error: 0x400002 cannot have a breakpoint: instructions are 4-byte aligned")
    #expect(terminal.type("break nowhere") == "error: No symbol 'nowhere' in tiny.")
    #expect(terminal.type("break 400000abc") == "error: '400000abc' is not a 64-bit number")
    #expect(terminal.type("break *(touch + 2*4)") == "Breakpoint 2 at 0x400044 <touch+8>")
  }

  @Test("catch fault stops behind the handler")
  func catchFault() throws {
    let terminal = try Terminal()
    #expect(terminal.type("catch fault") == "Catchpoint 1 (fault)")
    #expect(
      terminal.type("run").hasPrefix(
        "Catchpoint 1, fetch at 0x400000, translation fault, level 0 (ESR 0x82000004) by 0x400000 <_start>: served (file page mapped)\n=> 0x400000 <_start>:\t"
      ))
    #expect(
      terminal.type("c").hasPrefix(
        "Catchpoint 1, write at 0x500000, translation fault, level 3 (ESR 0x92000047) by 0x40003c <touch>: served (new page)\n=> 0x40003c <touch>:\t"
      ))
    #expect(
      terminal.type("c").hasPrefix(
        "Catchpoint 1, read at 0x501000, translation fault, level 3 (ESR 0x92000007) by 0x400040 <touch+4>: served (zero page)\n=> 0x400040 "
      ))
    #expect(terminal.lines("i b")[1...] == ["1       catchpoint     keep y                      fault", "        already hit 3 times"])
    #expect(terminal.type("c") == "[The program exited with status 3]")
  }

  @Test(
    "catch fault with filters",
    arguments: [
      ("read", "0x501000"), ("write", "0x500000"), ("write translation", "0x500000"), ("read write", "0x500000"),
      ("0x501fff", "0x501000"), ("0x501000-0x502000", "0x501000"), ("pages,+1", "0x500000"), ("pages+8,0x501001", "0x501000"),
      ("translation permission read", "0x501000"),
    ])
  func filters(filter: String, address: String) throws {
    let terminal = try Terminal()
    #expect(terminal.type("catch fault \(filter)") == "Catchpoint 1 (fault \(filter))")
    #expect(terminal.type("run").contains(" at \(address), "))
  }

  @Test(
    "catch fault with filters that let nothing pass",
    arguments: [
      "fetch 0x500000", "permission", "access-flag", "signal", "alignment", "external", "address-size", "write 0x501000", "0x500001,+0xfff",
      "0x502000",
    ])
  func filtersThatDoNotMatch(filter: String) throws {
    let terminal = try Terminal()
    terminal.type("catch fault \(filter)")
    #expect(terminal.type("run") == "[The program exited with status 3]")
  }

  @Test("bad filters are one line and set nothing")
  func badFilters() throws {
    let terminal = try Terminal()
    let events = "error: catch needs one of fault, syscall, signal, fork, vfork, exec, as in catch fault write"
    #expect(terminal.type("catch") == events)
    #expect(terminal.type("catch nothing") == events)
    #expect(terminal.type("catch signal SIGNOTHING").hasPrefix("error: 'SIGNOTHING' is no signal"))
    #expect(terminal.type("catch syscall nothing") == "error: Unknown syscall name 'nothing'.")
    #expect(terminal.type("catch fault sideways") == "error: No symbol 'sideways' in tiny. ('help catch' lists the filters)")
    #expect(terminal.type("catch fault 5-3") == "error: '5-3' is an empty range: its end is not above its start")
    #expect(terminal.type("catch fault 1,+0") == "error: '1,+0' is an empty range: its end is not above its start")
    #expect(terminal.type("catch fault 1-2 3-4") == "error: '3-4': one address range is possible")
    #expect(terminal.type("catch fault 1-") == "error: An expression is missing: a number, a symbol or a register.")
    #expect(terminal.type("i b") == "No breakpoints, watchpoints or catchpoints.")
  }

  @Test("a killed program says by what, and can still be looked at")
  func killed() throws {
    let terminal = try Terminal()
    #expect(
      terminal.type("set $pc = crash", "c").hasPrefix(
        "Program received signal SIGSEGV (SEGV_MAPERR): write at 0x10, translation fault, level 2\n=> 0x400050 <crash+4>:\t"))
    #expect(terminal.type("p/x $x1") == "$1 = 0x10")
    #expect(terminal.type("p $pc") == "$2 = 0x400050 <crash+4>")
    #expect(
      terminal.lines("esr").prefix(2) == [
        "The last fault: write at 0x10, translation fault, level 2 (ESR 0x92000046) by 0x400050 <crash+4>: SIGSEGV",
        "ESR 0x92000046: Data Abort from a lower Exception level, write, translation fault, level 2",
      ])
    #expect(
      terminal.lines("why").first
        == "about to be killed by SIGSEGV (SEGV_MAPERR): write of 8 bytes at 0x10, 16 bytes behind the null pointer")
    #expect(
      terminal.type("c").hasPrefix(
        "Program terminated with signal SIGSEGV: write at 0x10, translation fault, level 2 (ESR 0x92000046) by 0x400050 <crash+4>: SIGSEGV\n"
          + "=> 0x400050 <crash+4>:\t"))
    #expect(terminal.lines("i program").last == "is over at 0x400050 <crash+4>, 1 instructions retired, 2 aborts taken")
    #expect(terminal.type("run") == "[The program exited with status 3]")
  }

  @Test("a request to stop ends the run, not the program")
  func interrupt() throws {
    let terminal = try Terminal()
    terminal.type("starti")
    #expect(!terminal.shell.interrupter.interrupt(), "nothing runs")
    terminal.shell.session!.requestStop()
    #expect(terminal.type("c").hasPrefix("Interrupted.\n=> 0x400000 <_start>:\t"))
    #expect(terminal.type("c") == "[The program exited with status 3]")
  }

  @Test("a program that jumps away")
  func fetch() throws {
    let terminal = try Terminal()
    #expect(
      terminal.type("set $pc = 0x600000", "c")
        == "Program received signal SIGSEGV (SEGV_MAPERR): fetch at 0x600000, translation fault, level 0\n"
        + "=> 0x600000:\tno instruction can be read here")
    let odd = try Terminal()
    #expect(odd.type("set $pc = 0x400002", "c").hasPrefix("Program received signal SIGBUS (BUS_ADRALN)\n"))
    // `esr` once explained an older fault that had been served.
    #expect(odd.lines("esr").prefix(2) == ["The exception behind the signal:", "ESR 0x8a000000: PC alignment fault"])
    odd.type("c")
    #expect(odd.lines("esr").first == "The exception behind the signal:")
  }
}
