// Owns transcripts of commands that show values: registers, memory, expressions, page tables, faults, mappings.
// It does not know how a program is made to go on.
import Testing

@testable import DebugShell

@Suite("Shell: looking") struct ShellLookingTests {
  @Test("info registers")
  func registers() throws {
    let terminal = try Terminal()
    terminal.type("si 2")
    let all = terminal.lines("info registers")
    #expect(all.count == 34)
    #expect(all[0] == "x0             0x7                7")
    #expect(all[1] == "x1             0x500000           5242880")
    #expect(all[32] == "pc             0x400008           0x400008 <_start+8>")
    #expect(all[33] == "cpsr           0x1000             [ EL=0 ]")
    #expect(
      terminal.type("i r $x0 W1 pc")
        == "x0             0x7                7\nw1             0x500000           5242880\npc             0x400008           0x400008 <_start+8>"
    )
    #expect(terminal.type("i r v0") == "v0             0x00000000000000000000000000000000")
    #expect(terminal.lines("info registers system").contains { $0.hasPrefix("TTBR0_EL1 ") })
    #expect(terminal.type("info registers x31") == "error: There is no register 'x31'.")
    #expect(terminal.type("i r x0 nonsense") == "error: There is no register 'nonsense'.")
  }

  @Test("flags, and the program's own state after its end")
  func flags() throws {
    let terminal = try Terminal()
    terminal.type("until loop+8")
    #expect(terminal.type("i r cpsr") == "cpsr           0x60001000         [ EL=0 Z C ]")
    terminal.type("c")
    #expect(terminal.type("i r cpsr") == "cpsr           0x60001000         [ EL=0 Z C ]")
    #expect(terminal.type("i r pc") == "pc             0x40003c           0x40003c <touch>")
  }

  @Test("x in its formats, and going on")
  func examine() throws {
    let terminal = try Terminal()
    #expect(terminal.type("x/2xw _start") == "0x400000 <_start>:\t0xd28000e0\t0xd2a00a01")
    #expect(terminal.type("") == "0x400008 <_start+8>:\t0x9400000d\t0xf9000420")
    #expect(terminal.type("x") == "0x400010 <_start+16>:\t0xd2800020")
    #expect(terminal.type("x/s message") == "0x400048 <message>:\t\"hi\\n\"")
    #expect(terminal.type("x /3cb message") == "0x400048 <message>:\t104 'h'\t105 'i'\t10 '\\n'")
    #expect(terminal.type("x/2xg _start") == "0x400000 <_start>:\t0xd2a00a01d28000e0\t0xf90004209400000d")
    let code = terminal.lines("x/2i $pc")
    #expect(code.count == 2 && code[0].hasPrefix("=> 0x400000 <_start>:\t") && code[1].hasPrefix("   0x400004 <_start+4>:\t"))
    #expect(
      terminal.type("x/4yy 0") == "error: '/4yy' is not a format; write a count, a letter of xzduotcafis and a size of bhwg, as in x/4gx")
    #expect(
      terminal.type("x/0x 0") == "error: '/0x' is not a format; write a count, a letter of xzduotcafis and a size of bhwg, as in x/4gx")
    #expect(terminal.type("x/x 0") == "error: Cannot access memory at address 0x0")
    #expect(
      terminal.type("x/xw pages")
        == "error: Cannot access memory at address 0x500000: it is mapped, but no page is there yet (the program has not touched it)")
    #expect(terminal.type("x/xg 0xfffffffffffffffc") == "error: Cannot access memory at address 0xfffffffffffffffc")
    // The readable part is printed before the error.
    #expect(terminal.type("x/8xg 0x400fe0").hasSuffix("\t0x0000000000000000\nerror: Cannot access memory at address 0x401000"))
  }

  @Test("looking changes nothing")
  func spying() throws {
    let terminal = try Terminal()
    terminal.type("x/8xg _start", "x/i $pc", "pagewalk pages", "pt", "tlb", "vmmap", "x/xw pages")
    // ux.md, defect 13: an empty TLB once had "no such entry" for no address.
    #expect(terminal.type("tlb") == "The TLB is empty." && terminal.type("info tlb 0") == "The TLB has no such entry.")
    #expect(terminal.type("faults") == "No fault has been taken yet.")
    #expect(terminal.shell.session!.processor.statistics.walks == 0)
  }

  @Test("print, its formats and its history")
  func print() throws {
    let terminal = try Terminal()
    terminal.type("si 2")
    #expect(terminal.type("p 1+2*3") == "$1 = 7")
    #expect(terminal.type("print/x -1") == "$2 = 0xffffffffffffffff")
    #expect(terminal.type("p -1") == "$3 = -1")
    #expect(terminal.type("p $1 * $1") == "$4 = 49")
    #expect(terminal.type("p/x $") == "$5 = 0x31")
    #expect(terminal.type("p/t 5") == "$6 = 101")
    #expect(terminal.type("p/c 65") == "$7 = 65 'A'")
    #expect(terminal.type("p/o 8") == "$8 = 010")
    #expect(terminal.type("p touch") == "$9 = 0x40003c <touch>")
    #expect(terminal.type("p &touch + 4") == "$10 = 0x400040 <touch+4>")
    #expect(terminal.type("p/a 0x400004") == "$11 = 0x400004 <_start+4>")
    #expect(terminal.type("p $x0 + $w1") == "$12 = 5242887")
    #expect(terminal.type("p /x (2 - (1 - 4)) * 0x10") == "$13 = 0x50")
    #expect(terminal.type("p $pc") == "$14 = 0x400008 <_start+8>")
    #expect(terminal.type("p 0xffffffffffffffff + 2") == "$15 = 1")
    #expect(terminal.type("p/u -2") == "$16 = 18446744073709551614")
    #expect(terminal.type("p $99") == "error: There is no value $99 yet.")
    #expect(terminal.type("p $v0 + 1") == "error: v0 has 128 bits; info registers v0 shows it.")
    #expect(terminal.type("p/4x 1") == "error: '/4x' is not a format for print; use one letter of xzduotcafs")
    #expect(terminal.type("p/i 1") == "error: '/i' is not a format for print; use one letter of xzduotcafs")
  }

  @Test(
    "bad expressions are one line",
    arguments: [
      ("p", "An expression is missing: a number, a symbol or a register."),
      ("p 1 +", "'1 +' ends too early"),
      ("p (1", "'(1' ends too early"),
      ("p 1)", "')' is not understood in '1)'"),
      ("p 1 2", "'2' is not understood in '1 2'"),
      ("p 0x", "'0x' is not a 64-bit number"),
      ("p 0x10000000000000000", "'0x10000000000000000' is not a 64-bit number"),
      ("p 99999999999999999999", "'99999999999999999999' is not a 64-bit number"),
      ("p $nope", "There is no register 'nope'."),
      ("p $", "There is no value $ yet."),
      ("p nope", "No symbol 'nope' in tiny."),
      ("p x0", "No symbol 'x0' in tiny. Write registers with $."),
      ("p deadbeef", "No symbol 'deadbeef' in tiny. Write hexadecimal numbers with 0x."),
      ("p %", "'%' is not understood in '%'"),
      ("p \u{e9}\u{663}", "No symbol '\u{e9}\u{663}' in tiny."),
    ])
  func badExpressions(line: String, message: String) throws {
    #expect(try Terminal().type(line) == "error: \(message)")
  }

  @Test("deeply nested expressions end in an error")
  func nesting() throws {
    let terminal = try Terminal()
    for character in ["(", "-", "&"] {
      #expect(terminal.type("p " + String(repeating: character, count: 4094)) == "error: the expression is nested too deeply")
      let long = terminal.type("p " + String(repeating: character, count: 100_000))
      #expect(long == "error: A line has at most 4096 bytes, this one has 100002.")
    }
    #expect(terminal.type("p " + String(repeating: "(", count: 30) + "1" + String(repeating: ")", count: 30)) == "$1 = 1")
  }

  @Test("set writes registers")
  func set() throws {
    let terminal = try Terminal()
    #expect(terminal.type("set $x5 = -1", "p/x $x5") == "$1 = 0xffffffffffffffff")
    #expect(terminal.type("p $w5") == "$2 = -1")
    #expect(terminal.type("set var $w5=touch", "p/x $x5") == "$3 = 0x40003c")
    #expect(terminal.type("set $d1 = 5", "i r v1") == "v1             0x00000000000000000000000000000005")
    #expect(
      terminal.type("set $sp = $sp - 16", "set $fp=1", "set $lr = 2", "i r x29 x30")
        == "x29            0x1                1\nx30            0x2                2")
    #expect(terminal.type("set $tpidr_el0 = 77", "p $TPIDR_EL0") == "$4 = 77")
    for name in ["ttbr0_el1", "vbar_el1", "cntvct_el0", "cpsr", "x31", "v0", "x0 $x1", ""] {
      #expect(terminal.type("set $\(name) = 0") == "error: There is no register '$\(name)' that can be written.")
    }
    for line in ["set", "set $x0", "set $x0 == 1"] {
      #expect(terminal.type(line) == "error: set needs a place and a value, as in set $x0 = 1 or set *(u32*)$sp = 5")
    }
    #expect(terminal.type("set x0 = 1") == "error: No symbol 'x0' in tiny. Write registers with $.")
    #expect(terminal.type("set $x0 =") == "error: An expression is missing: a number, a symbol or a register.")
    // The program goes on with the values that were set.
    #expect(
      terminal.type("set $pc = loop+12", "set $x0 = 9", "set $x8 = 94", "set $pc = loop + 16", "c") == "[The program exited with status 9]")
    #expect(terminal.type("set $x0 = 1") == "error: The program is over; run starts it again.")
  }

  @Test("info symbol and the other topics")
  func topics() throws {
    let terminal = try Terminal()
    #expect(terminal.type("info symbol 0x400044") == "touch + 8")
    #expect(terminal.type("i symbol 0") == "No symbol matches 0x0.")
    #expect(terminal.type("info proc map") == terminal.type("vmmap"))
    #expect(terminal.type("info proc status") == "error: info proc knows 'mappings' only")
    #expect(terminal.type("info faults") == "No fault has been taken yet.")
    #expect(terminal.type("info nothing") == "error: Undefined command: 'info nothing'. Try 'help info'.")
    #expect(terminal.type("info p") == "error: Ambiguous command 'info p': proc, program.")
    #expect(terminal.lines("info").count == Shell.topics.count)
  }

  @Test("vmmap has the columns of /proc/PID/maps")
  func vmmap() throws {
    let terminal = try Terminal()
    let lines = terminal.lines("vmmap")
    #expect(lines.first == "00400000-00401000 r-xp 00001000 00:02 6                                  tiny")
    #expect(lines.contains("00500000-00502000 rw-p 00000000 00:00 0"))
    #expect(lines.contains { $0.hasSuffix(" r--p 00000000 00:00 0                          [vvar]") })
    #expect(lines.contains { $0.hasSuffix(" r-xp 00000000 00:00 0                          [vdso]") })
    #expect(lines.last?.hasSuffix("-1000000000000 rw-p 00000000 00:00 0                         [stack]") == true)
    #expect(terminal.type("vmmap 0x501abc") == "00500000-00502000 rw-p 00000000 00:00 0")
    #expect(terminal.type("vmmap 0x502000") == "Nothing is mapped at 0x502000.")
  }

  @Test("pagewalk shows each level and the result")
  func pagewalk() throws {
    let terminal = try Terminal()
    // Before its first instruction a program has no tables except those of its stack.
    let nothing = "  0x500000 is not mapped: translation fault, level 0, because the descriptor's bit 0 is 0"
    #expect(terminal.lines("pagewalk pages").last == nothing)
    terminal.type("stepi")
    let before = terminal.lines("pagewalk pages")
    #expect(before.count == 6)
    #expect(before[0].hasPrefix("pagewalk of 0x500000 <pages> from TTBR0_EL1 = 0x"))
    #expect(before[1].hasPrefix("  level 0  [0x") && before[1].contains("  table 0x"))
    #expect(before[3].hasPrefix("  level 2  [0x") && before[3].contains("010] 0x"))
    // Bits 20:12 of the address are 0x100, so the entry is 0x800 bytes into its table.
    #expect(before[4].hasPrefix("  level 3  [0x") && before[4].hasSuffix("800] 0x0000000000000000  invalid: nothing here"))
    #expect(before[5] == "  0x500000 is not mapped: translation fault, level 3, because the descriptor's bit 0 is 0")
    terminal.type("until loop")
    let after = terminal.lines("walk 0x500123")
    #expect(after[4].contains(", EL0 rw- EL1 rw-, AF nG DBM dirty AttrIndx=0"))
    #expect(after[5].hasPrefix("  0x500123 is at 0x") && after[5].hasSuffix("123, 4 KiB, EL0 rw- EL1 rw-"))
    #expect(terminal.lines("pagewalk 0xffff000000000000")[0].contains("from TTBR1_EL1"))
    #expect(terminal.lines("pagewalk 0x0001000000000000").last?.contains("is not mapped: translation fault, level 0") == true)
    #expect(terminal.type("pagewalk") == "error: An expression is missing: a number, a symbol or a register.")
  }

  @Test("pt dumps runs of like pages")
  func pt() throws {
    let terminal = try Terminal()
    terminal.type("until loop")
    let lines = terminal.lines("pt")
    #expect(lines[0].hasPrefix("0x0000000000400000-0x0000000000401000    4K page  pa 0x"))
    #expect(lines[0].contains("  EL0 r-x EL1 r--  AF nG"))
    // The page that was only read maps the zero page, write-protected.
    #expect(
      lines.contains { $0.hasPrefix("0x0000000000500000-0x0000000000501000    4K page  pa 0x") && $0.contains("  EL0 rw- EL1 rw-  ") })
    #expect(
      lines.contains { $0.hasPrefix("0x0000000000501000-0x0000000000502000    4K page  pa 0x") && $0.contains("  EL0 r-- EL1 r--  ") })
    #expect(lines.last?.hasPrefix("TTBR0_EL1: ") == true)
    #expect(terminal.type("pt 0x400fff") == lines[0])
    #expect(terminal.type("pt 0") == "No descriptor maps 0x0; pagewalk shows where the walk ends.")
    #expect(terminal.lines("pt upper").last?.hasPrefix("TTBR1_EL1: ") == true)
    #expect(terminal.type("pt lower") == "error: No symbol 'lower' in tiny.")
  }

  @Test("tlb shows what the program used")
  func tlb() throws {
    let terminal = try Terminal()
    terminal.type("until loop")
    let line = terminal.type("tlb pages")
    #expect(line.hasPrefix("0x0000000000500000  pa 0x") && line.hasSuffix("  ASID 1  of 4K  EL0 rw- EL1 rw-"))
    #expect(terminal.lines("tlb").count >= 3)
  }

  @Test("faults is a table, oldest first")
  func faults() throws {
    let terminal = try Terminal()
    terminal.type("run")
    #expect(
      terminal.lines("faults") == [
        "instructions  task  access  address   ESR         status                      how               pc",
        "0             2     fetch   0x400000  0x82000004  translation fault, level 0  file page mapped  0x400000 <_start>",
        "3             2     write   0x500000  0x92000047  translation fault, level 3  new page          0x40003c <touch>",
        "4             2     read    0x501000  0x92000007  translation fault, level 3  zero page         0x400040 <touch+4>",
      ])
    #expect(
      terminal.lines("faults 1") == [
        "instructions  task  access  address   ESR         status                      how        pc",
        "4             2     read    0x501000  0x92000007  translation fault, level 3  zero page  0x400040 <touch+4>",
        "(2 earlier ones left out)",
      ])
    #expect(terminal.type("faults 0") == "error: '0' is not a count; use 1 or more")
  }

  @Test("tcr and its like explain a value, or the live register")
  func explainedRegisters() throws {
    let terminal = try Terminal()
    for command in ["tcr", "mair", "sctlr", "spsr", "par"] {
      let name = command.uppercased() + "_EL1"
      #expect(terminal.lines("\(command) 1005")[0].hasPrefix("\(name) 0x1005: "))
      #expect(terminal.lines("\(command) $sp + 1")[0].hasPrefix("\(name) 0x"))
    }
    terminal.type("starti")
    #expect(terminal.lines("sctlr")[0].contains(": MMU on, "))
    #expect(terminal.lines("tcr")[0].contains(": TTBR0 48-bit VAs, 4k pages; "))
    #expect(terminal.lines("tcr $tcr_el1") == terminal.lines("tcr"))
  }

  @Test("esr and pte explain values")
  func values() throws {
    let terminal = try Terminal()
    #expect(terminal.type("esr") == "error: No fault has been taken yet; esr VALUE explains any value.")
    #expect(
      terminal.lines("esr 0x9200004f")[0] == "ESR 0x9200004f: Data Abort from a lower Exception level, write, permission fault, level 3")
    #expect(terminal.lines("esr 0x56000000").last == "  Linux, from EL0: runs the system call whose number is in X8")
    #expect(terminal.lines("pte 0xe8000040012f43")[0].hasSuffix("at level 3: page 0x40012000, EL0 rw- EL1 rw-, AF nG DBM dirty AttrIndx=0"))
    #expect(terminal.lines("pte 0x41003003 0")[0].hasSuffix("at level 0: table 0x41003000"))
    #expect(terminal.type("pte") == "error: pte needs a descriptor and its level, as in pte 0xe8000040012f43 3")
    #expect(terminal.type("pte 1 4") == "error: there is no level 4; use 0, 1, 2 or 3")
    #expect(terminal.type("esr nonsense") == "error: No symbol 'nonsense' in tiny.")
  }
}
