// Owns tests of the names behind addresses in the text of instructions. The words are literal.
// It does not know how the rest of the text is written.
import Debugging
import Symbols
import TestSupport
import Testing

@Suite struct InstructionTextTests {
  private let symbols: ProgramSymbols = {
    var elf = TinyELF([0, 0, 0, 0])
    elf.textAddress = 0x40_0000
    (elf.dataAddress, elf.dataSize) = (0x50_0000, 0x2000)
    elf.symbols = [("main", 0x40_0000, 16), ("flag", 0x50_0008, 4), ("page", 0x50_1000, 64)]
    return ProgramSymbols([LoadedModule(name: "tiny", bytes: elf.bytes)])
  }()

  @Test func targetsHaveNames() {
    let rows: [(word: UInt32, pc: UInt64, previous: UInt32?, text: String)] = [
      (0x97ff_ffff, 0x40_0008, nil, "bl 0x400004 <main+4>"),
      (0x17ff_fffe, 0x40_0008, nil, "b 0x400000 <main>"),
      (0x5400_0040, 0x40_0000, nil, "b.eq 0x400008 <main+8>"),
      (0xb400_0040, 0x40_0000, nil, "cbz x0, 0x400008 <main+8>"),
      (0x3718_0040, 0x40_0000, nil, "tbnz w0, #3, 0x400008 <main+8>"),
      (0xb000_0800, 0x40_0000, nil, "adrp x0, #0x501000\t// 0x501000 <page>"),
      (0x9000_0800, 0x40_0000, nil, "adrp x0, #0x500000"),
      (0x9100_2000, 0x40_0004, 0x9000_0800, "add x0, x0, #8\t// 0x500008 <flag>"),
      (0xb940_0801, 0x40_0004, 0x9000_0800, "ldr w1, [x0, #8]\t// 0x500008 <flag>"),
      (0xf940_0401, 0x40_0004, 0x9000_0800, "ldr x1, [x0, #8]\t// 0x500008 <flag>"),
      (0xf940_0421, 0x40_0004, 0x9000_0800, "ldr x1, [x1, #8]"),
      (0x9100_2000, 0x40_0004, nil, "add x0, x0, #8"),
      (0x5800_0040, 0x40_0000, nil, "ldr x0, #0x400008\t// 0x400008 <main+8>"),
      (0x9400_0100, 0x40_0000, nil, "bl #0x400400"),
      (0xd503_201f, 0x40_0000, nil, "nop"),
    ]
    for row in rows {
      #expect(InstructionText.describe(row.word, at: row.pc, after: row.previous, symbols: symbols) == row.text)
    }
  }
}
