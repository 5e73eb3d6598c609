// Owns tests of GDB's formats: parsing of /NFU, values, and the lines of x over a small memory.
// It does not know guest memory.
import Debugging
import Symbols
import Testing

@Suite("Examination") struct ExaminationTests {
  private let none = ProgramSymbols(nil, bias: 0)

  @Test("what stands behind a slash")
  func parsing() {
    let defaults = ExamineFormat()
    #expect(ExamineFormat("4gx", defaults: defaults) == ExamineFormat(count: 4, letter: .x, size: 8))
    #expect(ExamineFormat("xg", defaults: defaults) == ExamineFormat(count: 1, letter: .x, size: 8))
    #expect(ExamineFormat("8i", defaults: defaults) == ExamineFormat(count: 8, letter: .i, size: 4))
    #expect(ExamineFormat("s", defaults: defaults) == ExamineFormat(count: 1, letter: .s, size: 4))
    #expect(ExamineFormat("c", defaults: defaults)?.size == 1)
    #expect(ExamineFormat("a", defaults: defaults)?.size == 8)
    #expect(ExamineFormat("3", defaults: ExamineFormat(count: 9, letter: .d, size: 2)) == ExamineFormat(count: 3, letter: .d, size: 2))
    #expect(ExamineFormat("", defaults: ExamineFormat(count: 9)) == ExamineFormat(count: 1))
    #expect(ExamineFormat("65536xb", defaults: defaults)?.count == 65536)
    for bad in ["4q", "0x", "-0x", "65537x", "99999999999999999999x", "--1x", "x4", "4 x"] {
      #expect(ExamineFormat(bad, defaults: defaults) == nil, "\(bad)")
    }
  }

  @Test("one value in every letter")
  func letters() {
    func text(_ letter: ExamineFormat.Letter, _ value: UInt64, _ size: Int, padded: Bool = false) -> String {
      ExamineFormat(letter: letter).text(value, size: size, padded: padded, symbols: none)
    }
    #expect(text(.x, 0xffff_ffff_ffff_fffe, 8) == "0xfffffffffffffffe")
    #expect(text(.x, 0xffff_ffff_ffff_fffe, 2) == "0xfffe")
    #expect(text(.x, 10, 4, padded: true) == "0x0000000a")
    #expect(text(.d, 0xfffe, 2) == "-2")
    #expect(text(.d, 0xfffe, 4) == "65534")
    #expect(text(.d, 1 << 63, 8) == "-9223372036854775808")
    #expect(text(.u, 0xffff_ffff_ffff_fffe, 8) == "18446744073709551614")
    #expect(text(.o, 8, 4) == "010")
    #expect(text(.o, 0, 4) == "0")
    #expect(text(.t, 5, 1) == "101")
    #expect(text(.c, 65, 1) == "65 'A'")
    #expect(text(.c, 0, 1) == "0 '\\000'")
    #expect(text(.c, 10, 1) == "10 '\\n'")
    #expect(text(.c, 0xff, 1) == "-1 '\\377'")
    #expect(text(.a, 0x1000, 8) == "0x1000")
  }

  /// 16 bytes 0, 1, ... 15 at 0x1000, then "ab", 0, a quote, 0, and zeroes up to 0x1020; nothing beyond.
  private func read(_ address: UInt64, _ count: Int) -> [UInt8]? {
    let memory = (0..<16).map { UInt8($0) } + [0x61, 0x62, 0, 0x22, 0] + [UInt8](repeating: 0, count: 11)
    guard address >= 0x1000, address < 0x1020, 0x1020 - address >= UInt64(count) else { return nil }
    return Array(memory[Int(address - 0x1000)..<(Int(address - 0x1000) + count)])
  }

  private func examine(_ format: String, _ address: UInt64) -> Examination {
    Examination(ExamineFormat(format, defaults: ExamineFormat())!, at: address, pc: 0x1004, symbols: none, read: read)
  }

  @Test("units in lines")
  func units() {
    #expect(examine("4xb", 0x1000).lines == ["0x1000:\t0x00\t0x01\t0x02\t0x03"])
    #expect(examine("10xb", 0x1000).lines == ["0x1000:\t0x00\t0x01\t0x02\t0x03\t0x04\t0x05\t0x06\t0x07", "0x1008:\t0x08\t0x09"])
    #expect(examine("2xh", 0x1001).lines == ["0x1001:\t0x0201\t0x0403"])
    #expect(examine("1xw", 0x1000).lines == ["0x1000:\t0x03020100"])
    #expect(examine("3xg", 0x1000).lines == ["0x1000:\t0x0706050403020100\t0x0f0e0d0c0b0a0908", "0x1010:\t0x0000000022006261"])
    #expect(examine("3xg", 0x1000).next == 0x1018)
  }

  @Test("strings")
  func strings() {
    #expect(examine("2s", 0x1010).lines == ["0x1010:\t\"ab\"", "0x1013:\t\"\\\"\""])
    #expect(examine("2s", 0x1010).next == 0x1015)
  }

  @Test("instructions have an arrow where the program stands")
  func instructions() {
    let lines = examine("2i", 0x1000).lines
    #expect(lines.count == 2)
    #expect(lines.first?.hasPrefix("   0x1000:\t") == true)
    #expect(lines.last?.hasPrefix("=> 0x1004:\t") == true)
  }

  @Test("what cannot be read ends the lines and is named")
  func unreadable() {
    let all = examine("20xw", 0x1000)
    #expect(all.unreadable == 0x1020)
    #expect(all.lines.count == 2)
    #expect(examine("3xg", 0x1018).lines == ["0x1018:\t0x0000000000000000"])
    #expect(examine("xg", 0x1019).unreadable == 0x1019)
    #expect(examine("i", 0).unreadable == 0)
    #expect(examine("s", 0xffff_ffff_ffff_ffff).unreadable == 0xffff_ffff_ffff_ffff)
  }
}

@Suite("Numbers") struct NumberTests {
  @Test("as people type them")
  func parsing() {
    #expect(Number.parse("0x9200004f") == 0x9200_004f)
    #expect(Number.parse("0X9200_004F") == 0x9200_004f)
    #expect(Number.parse("42") == 42)
    #expect(Number.parse("0xffffffffffffffff") == .max)
    #expect(Number.parse("18446744073709551615") == .max)
    for bad in ["", "0x", "x", "-1", "+1", "0x-1", "0x1_0000_0000_0000_0000", "18446744073709551616", "12ab", "0xfg", " 1", "1.5", "_"] {
      #expect(Number.parse(bad) == nil, "\(bad)")
    }
  }
}
