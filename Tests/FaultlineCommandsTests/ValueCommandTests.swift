// Owns tests of `faultline esr`, `pte`, `tcr` and its like, and `decode`: what they print, and what they say to bad values.
// It does not know the fields: DebuggingTests do.
@testable import FaultlineCommands
import ArgumentParser
import Foundation
import Testing

@Suite("esr, pte, tcr, decode") struct ValueCommandTests {
  /// What a command prints, or its error.
  private func output(_ arguments: String...) -> String {
    do {
      switch try Faultline.parseAsRoot(arguments) {
      case let command as ESRCommand: return try command.output()
      case let command as PTECommand: return try command.output()
      case let command as DecodeCommand: return try command.output()
      case let command as any RegisterCommand: return try command.output()
      default: return "another command"
      }
    } catch let error as UsageError { return "error: \(error)" } catch { return "parser: \(Faultline.message(for: error))" }
  }

  @Test("esr explains values in hexadecimal, with or without 0x")
  func esr() {
    let text = output("esr", "0x9200004f")
    #expect(text.hasPrefix("ESR 0x9200004f: Data Abort from a lower Exception level, write, permission fault, level 3\n"))
    #expect(text == output("esr", "9200004F"))
    #expect(text.contains("WnR    6      1          write\n"))
    #expect(text.hasSuffix("where the mapping forbids the access\n"))
    #expect(output("esr", "0x56000000", "0xf2000001").contains("BRK in AArch64, #1"))
    #expect(output("esr", "96000046").contains("Linux, from EL1"))
    // A class that both levels can raise has a line for each.
    let breakpoint = output("esr", "f2000800")
    #expect(breakpoint.contains("  Linux, from EL0: sends SIGTRAP") && breakpoint.contains("  Linux, from EL1: is BUG()"))
  }

  @Test("esr --json")
  func esrJSON() throws {
    let json = try JSONSerialization.jsonObject(with: Data(output("esr", "--json", "0x6230_0001").utf8)) as? [String: Any]
    #expect(json?["schema"] as? String == "faultline.esr/2")
    let syndrome = try #require((json?["syndromes"] as? [[String: Any]])?.first)
    #expect(syndrome["value"] as? String == "0x62300001")
    #expect(syndrome["instruction"] as? String == "MRS X0, MIDR_EL1")
    #expect((syndrome["fields"] as? [[String: Any]])?.count == 10)
    #expect((syndrome["linux"] as? [[String: String]])?.map { $0["from"] } == ["EL0", "EL1"])
  }

  @Test(
    "esr refuses what is not a 64-bit number",
    arguments: ["", " ", "x", "0x", "-1x", "12rs", "0x1_0000_0000_0000_0000", "18446744073709551616", "0xg"])
  func badESR(value: String) {
    #expect(output("esr", "--", value) == "error: '\(value)' is not a value of ESR_EL1; write it in hexadecimal, as in 0x9200004f")
  }

  @Test("the largest values are values")
  func largest() {
    #expect(output("esr", "0xffffffffffffffff").hasPrefix("ESR 0xffffffffffffffff: "))
    #expect(output("pte", "ffffffffffffffff").hasPrefix("descriptor 0xffffffffffffffff at level 3: page 0xfffffffff000, "))
    #expect(output("decode", "ffffffff").hasPrefix("0xffffffff  "))
  }

  @Test("pte explains descriptors at a level")
  func pte() {
    #expect(output("pte", "0x00e8000040012f43").hasPrefix("descriptor 0x00e8000040012f43 at level 3: page 0x40012000, EL0 rw- EL1 rw-, "))
    #expect(
      output("pte", "--level", "2", "0x0800000040013003").hasPrefix(
        "descriptor 0x0800000040013003 at level 2: table 0x40013000, PXNTable\n"))
    #expect(
      output("pte", "0")
        == "descriptor 0x0000000000000000 at level 3: invalid: nothing here\n  ignored  63:1  0x0000000000000000\n  valid    0     0                   invalid\n"
    )
  }

  @Test("pte --json")
  func pteJSON() throws {
    let text = output("pte", "--json", "--level", "2", "0800000040013003")
    let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(json["schema"] as? String == "faultline.pte/1" && json["kind"] as? String == "table")
    #expect(json["output"] as? String == "0x40013000" && json["level"] as? Int == 2 && json["granule"] as? Int == 4096)
    #expect((json["fields"] as? [[String: Any]])?.isEmpty == false)
    #expect(!output("pte", "--json", "0").contains("\"output\""))
  }

  static let registers = ["tcr", "mair", "sctlr", "spsr", "par"]

  @Test("system registers by field", arguments: registers)
  func register(command: String) throws {
    let name = command.uppercased() + "_EL1"
    let text = output(command, "1005")
    #expect(text.hasPrefix("\(name) 0x1005: ") && text == output(command, "0x1005"))
    let json = try #require(try JSONSerialization.jsonObject(with: Data(output(command, "--json", "0", "ff").utf8)) as? [String: Any])
    #expect(json["schema"] as? String == "faultline.register/1" && json["register"] as? String == name)
    #expect((json["values"] as? [[String: Any]])?.map { $0["value"] as? String } == ["0x0", "0xff"])
    #expect(output(command, "12rs").hasPrefix("error: '12rs' is not a value of \(name); write it in hexadecimal, as in 0x"))
    #expect(output(command).hasPrefix("parser: "))
  }

  @Test("pte knows granules and 52-bit addresses")
  func pteFormats() {
    func first(_ arguments: String...) -> Substring {
      guard case let command? = try? Faultline.parseAsRoot(["pte"] + arguments) as? PTECommand else { return "not parsed" }
      do { return try command.output().split(separator: "\n")[0] } catch { return "error: \(error)" }
    }
    #expect(
      first("0x0060000042000f41", "--level", "2", "--granule", "16k")
        == "descriptor 0x0060000042000f41 at level 2: block 0x42000000, EL0 rw- EL1 rw-, AF nG AttrIndx=0")
    #expect(
      first("0x006000004001ff43", "--granule", "64K", "--lpa")
        == "descriptor 0x006000004001ff43 at level 3: page 0xf000040010000, EL0 rw- EL1 rw-, AF nG AttrIndx=0")
    #expect(
      first("0x0000000040012003", "--level=-1", "--lpa2") == "descriptor 0x0000000040012003 at level -1: table 0x40012000")
    #expect(first("0", "--granule", "8k") == "error: '8k' is not a granule; use 4k, 16k or 64k")
    #expect(first("0", "--granule", "64k", "--lpa2") == "error: --lpa2 is for 4k and 16k; with 64k the 52-bit addresses are --lpa")
    #expect(first("0", "--lpa") == "error: --lpa is for --granule 64k; with 4k and 16k the 52-bit addresses are --lpa2")
    #expect(first("0", "--granule", "64k", "--level", "0") == "error: there is no level 0; use 1, 2 or 3")
    #expect(first("0", "--lpa2", "--level=-2") == "error: there is no level -2; use -1, 0, 1, 2 or 3")
  }

  @Test("pte refuses bad values and levels")
  func badPTE() {
    for value in ["", "x", "0x", "0x1ffffffffffffffff"] {
      #expect(output("pte", value) == "error: '\(value)' is not a descriptor; write it in hexadecimal, as in 0x00e8000040012f43")
    }
    for level in ["4", "99"] { #expect(output("pte", "--level", level, "0") == "error: there is no level \(level); use 0, 1, 2 or 3") }
    #expect(output("pte", "--level=-1", "0") == "error: there is no level -1; use 0, 1, 2 or 3")
    #expect(output("pte", "--level", "x", "0").hasPrefix("parser: "))
    #expect(output("pte").hasPrefix("parser: "))
  }

  @Test("decode names the decoder and the form that executes")
  func decode() {
    let text = output("decode", "f9000020")
    #expect(text.hasPrefix("0xf9000020  str x0, [x1]\n  decoder      Capstone\n  instruction  "))
    #expect(text == output("decode", "0xF9000020"))
    #expect(output("decode", "00000000").contains("undefined: executing it takes an exception with EC 0x00"))
    // B to the next instruction: the target depends on the address.
    #expect(output("decode", "--pc", "0x1000", "14000001").contains("0x1004"))
    #expect(output("decode", "--pc", "0x1000", "d503201f", "14000001").contains("0x1008"))
    let json = output("decode", "--json", "b8200041")
    #expect(
      json.contains("\"schema\" : \"faultline.decode/1\"") && json.contains("\"word\" : \"0xb8200041\"")
        && json.contains("\"supported\" : true"))
  }

  @Test(
    "decode refuses bad words and addresses", arguments: ["", "0x", "xyz", "123456789", "0x100000000", "-1x", "0x0x12", "12 34", "\u{663}"])
  func badDecode(word: String) {
    #expect(
      output("decode", "--", word) == "error: '\(word)' is not an instruction word; write up to eight hexadecimal digits, as in 0xb8200041")
    #expect(output("decode", "--pc", "here", "0") == "error: 'here' is not an address; write it as 0x400000")
    #expect(output("decode").hasPrefix("parser: "))
  }
}
