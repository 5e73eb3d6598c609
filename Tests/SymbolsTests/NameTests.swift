// Owns tests of names: parameters, hashes, characters that a terminal would obey, and names found by what people type.
// It does not know how a helper reads mangled names.
import ELFFormat
import TestSupport
import Testing

@testable import Symbols

@Suite struct NameTests {
  @Test func withoutParameters() {
    let rows = [
      ("foo::bar(int)", "foo::bar"), ("foo::bar", "foo::bar"),
      ("int foo::S<int, char (*)(int)>::bar<int>(int) const", "foo::S<int, char (*)(int)>::bar<int>"),
      ("(anonymous namespace)::f(int)", "(anonymous namespace)::f"), ("foo::operator()(int) const", "foo::operator()"), ("main", "main"),
      ("foo::operator new(unsigned long)", "foo::operator new"), ("", ""),
    ]
    for (name, short) in rows { #expect(NameDemangler.withoutParameters(name) == short) }
  }

  @Test func identifiers() {
    let rows: [(String, [String])] = [
      ("foo::bar(int) const", ["foo", "bar"]), ("foo::S<a::b>::bar<int>", ["foo", "S", "bar"]), ("main", ["main"]),
      ("A.f(x:)", ["A", "f"]),
      ("::", []), ("", []), ("foo::~foo()", ["foo"]),
    ]
    for (name, identifiers) in rows { #expect(NameDemangler.identifiers(name) == identifiers, "\(name)") }
  }

  @Test func hashesOfRust() {
    #expect("core::fmt::write::h0123456789abcdef".withoutHash == "core::fmt::write")
    for name in ["core::fmt::write::h0123456789abcdeX", "h0123456789abcdef", "", "::h0123456789abcdef", "a::h0123456789abcde"] {
      #expect(name.withoutHash == name)
    }
  }

  @Test func terminalsAreNotWrittenTo() {
    #expect("a\u{1b}[2Jb\nc\u{9b}d".printable == "a?[2Jb?c?d")
    #expect("foo::bär".printable == "foo::bär")
  }

  private static func symbols() -> ProgramSymbols {
    var elf = TinyELF([0, 0, 0, 0])
    elf.textAddress = 0x40_0000
    elf.symbols = [("main", 0x40_0000, 8), ("rest", 0x40_0008, 0)]
    return ProgramSymbols([LoadedModule(name: "tiny", bytes: elf.bytes, bias: 0x1000)])
  }

  @Test func placesOfALoadedModule() {
    let symbols = Self.symbols()
    #expect(symbols.label(0x40_1000) == "0x401000 <main>" && symbols.name(0x40_1004) == "main+4" && symbols.count == 2)
    #expect(symbols.address(of: "rest") == 0x40_1008 && symbols.address(of: "rust") == nil)
    #expect(symbols.description(0x40_1004) == "main + 4")
  }

  /// ux.md's `_end+281474971895608`: a symbol without size reached to the end of the address space.
  @Test func addressesBehindTheLastSymbolHaveNoName() {
    let symbols = Self.symbols()
    #expect(symbols.name(0x40_100c) == "rest+4")
    for address in [0x40_1010, 0xffff_ffff_fc70, .max, 0x40_0fff] as [UInt64] { #expect(symbols.name(address) == nil, "\(address)") }
  }
}
