// Owns the tests of expressions: C's operators with C's precedence, types, memory, fields, and what is no expression.
// It does not know the commands that use them.
import Testing

@testable import DebugShell

@Suite("Shell: expressions") struct ShellExpressionTests {
  @Test(
    "operators bind as in C",
    arguments: [
      ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("1 << 12", "4096"), ("1 << 2 + 1", "8"), ("7 & 3 == 3", "1"), ("(7 & 3) == 3", "1"),
      ("10 / 3", "3"), ("10 % 3", "1"), ("-7 / 2", "-3"), ("-7 % 3", "-1"), ("~0", "-1"), ("!5", "0"), ("!!5", "1"), ("5 > 3 && 2 > 3", "0"),
      ("5 > 3 || 1 / 0", "1"), ("0 && 1 / 0", "0"), ("1 | 6 ^ 2", "5"), ("6 & 3 | 8", "10"), ("1 ? 2 : 3", "2"), ("0 ? 2 : 0 ? 3 : 4", "4"),
      ("2 < 1 == 0", "1"), ("010", "8"), ("0x10", "16"), ("'A'", "65"), ("-1 < 0", "1"), ("(u64)-1 > 0", "1"), ("(u8)300", "44"),
      ("(i8)200", "-56"), ("(unsigned char)300", "44"), ("(u64)-1 >> 60", "15"), ("-16 >> 2", "-4"), ("1 << 64", "0"),
      ("0x8000000000000000 / -1", "0"), ("1_000", "1000"), ("+3", "3"), ("- - 3", "3"), ("3 - -3", "6"),
    ])
  func operators(_ text: String, _ value: String) throws {
    #expect(try Terminal().type("p \(text)") == "$1 = \(value)")
  }

  @Test("memory, by casts, braces and indices")
  func memory() throws {
    let terminal = try Terminal()
    terminal.type("break after_write", "run")
    let table: [(String, String)] = [
      ("p/x *(u32*)message", "0xa6968"), ("p/c *(u8*)message", "104 'h'"), ("p/x {u16}message", "0x6968"), ("p {u8}(message + 1)", "105"),
      ("p ((u8*)message)[2]", "10"), ("p/x *(u32*)$pc", "0xd2807d03"), ("p *(u64*)pages", "7"), ("p *pages", "7"),
      ("p/x *(u32*)((u64)message & ~3)", "0xa6968"),
    ]
    for (line, value) in table { #expect(terminal.type(line).hasSuffix(" = \(value)"), "\(line)") }
    #expect(terminal.type("p *(u32*)8") == "error: Cannot access memory at address 0x8")
    #expect(terminal.type("p &message") .hasSuffix("= 0x400048 <message>"))
    #expect(terminal.type("p &1") == "error: & needs a symbol or a place in memory.")
  }

  @Test("registers, memory and variables can be written")
  func writing() throws {
    let terminal = try Terminal()
    terminal.type("break after_write", "run")
    #expect(terminal.type("set *(u32*)pages = 0x11223344", "p/x *(u64*)pages") == "$1 = 0x11223344")
    #expect(terminal.type("set {u8}(pages + 1) = 0", "p/x *(u32*)pages") == "$2 = 0x11220044")
    #expect(terminal.type("set var $mine = 5", "p $mine * 2", "set $mine = $mine + 1", "p $mine") == "$3 = 10\n$4 = 6")
    #expect(terminal.type("set $x0 = $x0 == 1 ? 2 : 3", "p $x0 == 2 || $x0 == 3") == "$5 = 1")
    // A debugger writes a program's text too, and the program's own copy changes.
    #expect(terminal.type("set *(u32*)$pc = 0xd503201f", "x/i $pc").contains("nop"))
    #expect(terminal.type("set *(u32*)8 = 1") == "error: Cannot write memory at address 0x8.")
    #expect(terminal.type("set nonsense") == "error: set needs a place and a value, as in set $x0 = 1 or set *(u32*)$sp = 5")
    #expect(terminal.type("set 5 = 1") == "error: '5' is no place in memory: use a symbol, *(u32*)ADDRESS or {u32}ADDRESS.")
  }

  @Test("the words and fields of faults")
  func words() throws {
    let terminal = try Terminal()
    terminal.type("set $pc = crash", "run", "set $pc = crash", "continue")
    #expect(terminal.type("p far") == "$1 = 0x10")
    #expect(terminal.type("p esr.wnr", "p/x esr.dfsc & 0x3c", "p esr == $esr_el1") == "$2 = 1\n$3 = 0x4\n$4 = 1")
    #expect(terminal.type("p task", "p process") == "$5 = 2\n$6 = 2")
    #expect(terminal.type("p pte($pc).af") == "$7 = 1")
    #expect(terminal.type("p esr.nope").hasPrefix("error: esr has no field 'nope' here; it has ec, il, iss"))
  }

  @Test(
    "what is no expression",
    arguments: [
      ("1 +", "'1 +' ends too early"), ("(1", "'(1' ends too early"), ("1 ? 2", "'1 ? 2' ends too early"), ("1 / 0", "Division by zero."),
      ("1 % 0", "Division by zero."), ("{nothing}1", "'nothing}1' is not understood in '{nothing}1'"), ("'ab", "''ab' is not understood in ''ab'"),
      ("[1]", "'[1]' is not understood in '[1]'"),
    ])
  func mistakes(_ text: String, _ error: String) throws {
    #expect(try Terminal().type("p \(text)") == "error: \(error)")
  }
}
