// Owns the program that the shell's tests debug: its words and its symbols.
// It does not know any test.
import DebugShell
import Laboratory
import TestSupport

/// Touches two fresh pages, writes `hi`, counts down from 1000 and exits with status 3. `crash` is never reached.
enum TinyProgram {
  static let text: UInt64 = 0x40_0000
  /// Two pages without contents in the file.
  static let data: UInt64 = 0x50_0000

  private static let words: [UInt32] = [
    0xd280_00e0,  // 400000 _start: mov x0, #7
    0xd2a0_0a01,  // 400004 mov x1, #0x500000
    0x9400_000d,  // 400008 bl touch
    0xf900_0420,  // 40000c str x0, [x1, #8]
    0xd280_0020,  // 400010 mov x0, #1
    0x1000_01a1,  // 400014 adr x1, message
    0xd280_0062,  // 400018 mov x2, #3
    0xd280_0808,  // 40001c mov x8, #64: write
    0xd400_0001,  // 400020 svc #0
    0xd280_7d03,  // 400024 after_write: mov x3, #1000
    0xf100_0463,  // 400028 loop: subs x3, x3, #1
    0x54ff_ffe1,  // 40002c b.ne loop
    0xd280_0060,  // 400030 mov x0, #3
    0xd280_0bc8,  // 400034 mov x8, #94: exit_group
    0xd400_0001,  // 400038 svc #0
    0xf900_0020,  // 40003c touch: str x0, [x1]
    0xf948_0022,  // 400040 ldr x2, [x1, #4096]
    0xd65f_03c0,  // 400044 ret
    0x000a_6968,  // 400048 message: "hi\n"
    0xd280_0201,  // 40004c crash: mov x1, #16
    0xf900_0020,  // 400050 str x0, [x1]
  ]

  /// Name, address, size.
  private static let symbols: [(name: String, address: UInt64, size: UInt64)] = [
    ("_start", 0x40_0000, 0x24), ("after_write", 0x40_0024, 4), ("loop", 0x40_0028, 0x14), ("touch", 0x40_003c, 12),
    ("message", 0x40_0048, 4), ("crash", 0x40_004c, 8), ("pages", 0x50_0000, 0x2000),
  ]

  static func image() -> [UInt8] {
    var elf = TinyELF(words)
    (elf.textAddress, elf.dataAddress, elf.dataSize) = (text, data, 0x2000)
    elf.symbols = symbols
    return elf.bytes
  }
}

/// A shell on the tiny program, and what the program wrote.
struct Terminal {
  let shell: Shell
  let host = MemoryIO()

  init(arguments: [String] = []) throws {
    let host = self.host
    shell = try Shell(path: "tiny", arguments: arguments) { arguments throws(SessionError) in
      var configuration = SessionConfiguration()
      configuration.memorySize = 64 << 20
      let session = try Session(configuration, host: host)
      try session.load(bytes: TinyProgram.image(), path: "tiny", arguments: arguments)
      return session
    }
  }

  /// What lines print, errors marked, the last line end left out.
  @discardableResult
  func type(_ lines: String...) -> String {
    var text = ""
    for line in lines {
      let reply = shell.execute(line)
      text += reply.output
      if let error = reply.error { text += "error: \(error)\n" }
    }
    return String(text.dropLast())
  }

  /// The lines that one command prints.
  func lines(_ line: String) -> [String] { type(line).split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
}
