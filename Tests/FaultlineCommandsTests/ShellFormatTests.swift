// Owns transcripts of the formats of x, print and output that are not integers: floating point, strings, vector registers, and memory in
// front of an address. It does not know how a command is found.
import Testing

@testable import DebugShell

@Suite("Shell: formats") struct ShellFormatTests {
  /// The texts are GDB 13's.
  @Test func floatingPoint() throws {
    let terminal = try Terminal()
    let values: [(UInt64, String, String)] = [
      (0x3fb9_9999_9999_999a, "d", "0.10000000000000001"), (0x4415_af1d_78b5_8c40, "d", "1e+20"),
      (0x7ff8_0000_0000_0000, "d", "nan(0x8000000000000)"),
      (0xfff0_0000_0000_0000, "d", "-inf"), (0x3dcc_cccd, "s", "0.100000001"), (0xc000_0000, "s", "-2"),
      (0x60ad_78ec, "s", "1.00000002e+20"),
      (0x3e00, "h", "1.5"), (0xc000, "h", "-2"), (0x7c00, "h", "inf"), (0x0001, "h", "5.9605e-08"), (0x3ff8, "h", "1.9922"),
    ]
    for (bits, part, text) in values {
      terminal.type("set $d1 = \(bits)")
      #expect(terminal.lines("p $\(part)1.f")[0].hasSuffix(" = \(text)"), "\(bits)")
    }
    terminal.type("starti", "until loop", "set *(u64*)pages = 0x3fb999999999999a", "set *(u64*)(pages + 8) = 0xc00000003dcccccd")
    #expect(terminal.type("x/gf pages") == "0x500000 <pages>:\t0.10000000000000001")
    #expect(terminal.type("x/2wf pages + 8") == "0x500008 <pages+8>:\t0.100000001\t-2")
    terminal.type("set *(u32*)pages = 0x3e003c00")
    #expect(terminal.type("x/2hf pages") == "0x500000 <pages>:\t1\t1.5")
    #expect(terminal.type("p/f 4609434218613702656", "p/f (u32)0x3fc00000", "p/f (u8)5") == "$13 = 1.5\n$14 = 1.5\n$15 = 5")
    #expect(terminal.type("p $d1.f + 1") == "error: Numbers of floating point are shown, but not computed with; take the bits: $d0.u")
  }

  @Test func allDigits() throws {
    let terminal = try Terminal()
    #expect(terminal.type("p/z 5", "p/z (u32)5", "p/z (u8)0x5") == "$1 = 0x0000000000000005\n$2 = 0x00000005\n$3 = 0x05")
    #expect(terminal.type("x/2zh _start") == "0x400000 <_start>:\t0x00e0\t0xd280")
  }

  @Test func inFrontOfAnAddress() throws {
    let terminal = try Terminal()
    let lines = terminal.lines("x/-3i touch")
    #expect(lines.map { $0.prefix { $0 != ":" } } == ["   0x400030 <loop+8>", "   0x400034 <loop+12>", "   0x400038 <loop+16>"])
    // The next ones lie in front of these, and x without an address begins where they did.
    #expect(terminal.lines("")[0].hasPrefix("   0x400024 <after_write>:"))
    #expect(terminal.type("x/-2xw _start+8") == "0x400000 <_start>:\t0xd28000e0\t0xd2a00a01")
    #expect(terminal.type("x") == "0x400000 <_start>:\t0xd28000e0")
    #expect(terminal.type("x/-1s message+4").hasSuffix("hi\\n\""))
    #expect(terminal.type("x/-1xw _start").hasPrefix("error: Cannot access memory at address 0x3ffffc"))
    #expect(terminal.type("x/-0x 0").hasPrefix("error: '/-0x' is not a format"))
    #expect(terminal.type("p/-1x 0").hasPrefix("error: '/-1x' is not a format for print"))
  }

  @Test func strings() throws {
    let terminal = try Terminal()
    #expect(terminal.type("p/s message") == "$1 = 0x400048 <message> \"hi\\n\"")
    #expect(terminal.type("p (char*)message") == "$2 = 0x400048 <message> \"hi\\n\"")
    #expect(terminal.type("p/x (char*)message", "p/s 5") == "$3 = 0x400048\n$4 = 5")
    #expect(terminal.type("p (char*)8").hasPrefix("$5 = 0x8 <error: Cannot access memory at address 0x8>"))
    #expect(terminal.type("output 5", "output/x 255") == "50xf")
  }

  /// The texts are GDB 13's with its target description of AArch64.
  @Test func vectorRegisters() throws {
    let terminal = try Terminal()
    terminal.type("starti", "set $d1 = 4609434218613702656")
    #expect(terminal.type("p $d1") == "$1 = {f = 1.5, u = 4609434218613702656, s = 4609434218613702656}")
    #expect(
      terminal.type("p $s1", "p $h1", "p $b1") == "$2 = {f = 0, u = 0, s = 0}\n$3 = {bf = 0, f = 0, u = 0, s = 0}\n$4 = {u = 0, s = 0}")
    #expect(terminal.type("p $q1") == "$5 = {u = 4609434218613702656, s = 4609434218613702656}")
    #expect(terminal.type("p/x $d1") == "$6 = {f = 0x3ff8000000000000, u = 0x3ff8000000000000, s = 0x3ff8000000000000}")
    #expect(
      terminal.type("p $v1")
        == "$7 = {d = {f = {1.5, 0}, u = {4609434218613702656, 0}, s = {4609434218613702656, 0}}, s = {f = {0, 1.9375, 0, 0}, "
        + "u = {0, 1073217536, 0, 0}, s = {0, 1073217536, 0, 0}}, h = {bf = {0, 0, 0, 1.938, 0, 0, 0, 0}, f = {0, 0, 0, 1.9922, 0, 0, 0, 0}, "
        + "u = {0, 0, 0, 16376, 0, 0, 0, 0}, s = {0, 0, 0, 16376, 0, 0, 0, 0}}, b = {u = {0, 0, 0, 0, 0, 0, 248, 63, 0, 0, 0, 0, 0, 0, 0, 0}, "
        + "s = {0, 0, 0, 0, 0, 0, -8, 63, 0, 0, 0, 0, 0, 0, 0, 0}}, q = {u = {4609434218613702656}, s = {4609434218613702656}}}")
    #expect(terminal.type("p $v0").hasSuffix("b = {u = {0 <repeats 16 times>}, s = {0 <repeats 16 times>}}, q = {u = {0}, s = {0}}}"))
    #expect(terminal.type("p $v1.d.u[0]", "p $v1.h.u[3] + 1", "p $v1.d.f[0]") == "$9 = 4609434218613702656\n$10 = 16377\n$11 = 1.5")
    #expect(terminal.type("p $v1.d.u[2]").hasPrefix("error: There is no $v1.d.u[2]"))
    #expect(terminal.type("p $x0.f").hasPrefix("error: $x0 has no field 'f'"))
    #expect(terminal.type("display $d1.f").hasSuffix("1: $d1.f = 1.5"))
  }
}
