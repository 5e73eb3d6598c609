// Owns the running of rows of calls whose effects count: what they leave in memory, in files and in descriptors.
// It does not know any row: `EffectRows` and its topics have them.
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel

/// Calls in turn on a program of its own, and what they must leave behind. The program's memory is zero at first.
struct EffectRow: Sendable, CustomStringConvertible {
  enum Step: Sendable {
    /// A call by its number, its arguments, and its answer.
    case call(UInt64, [UInt64], Int64)
    /// Opens a path with O_* flags; the descriptor that it gets. New files get 0666 less the umask.
    case open(String, UInt64, Int64)
    /// Puts a text with its zero, or words, into memory.
    case text(UInt64, String)
    case words(UInt64, [UInt64])
    /// What memory must hold: a text up to its zero, words of 64, 32 or 16 bits, bytes.
    case isText(UInt64, String)
    case isWords(UInt64, [UInt64])
    case isWords32(UInt64, [UInt32])
    case isBytes(UInt64, [UInt8])
    /// Two words of memory are the same, or are not.
    case areEqual(UInt64, UInt64)
    case differ(UInt64, UInt64)
    /// All that the program has written to its standard output.
    case output(String)
  }
  let name: String
  let steps: [Step]
  init(_ name: String, _ steps: [Step]) { (self.name, self.steps) = (name, steps) }
  var description: String { name }

  /// 64 KiB of memory: `memory` for what is given, `out` for what comes back.
  static let memory: UInt64 = 0x1000_0000
  static let out = memory + 0x4000
  /// Where the path of `.open` stands.
  private static let path = memory + 0x8000
  static let size: UInt64 = 0x10000
  /// AT_FDCWD.
  static let here = UInt64(bitPattern: -100)

  func run() throws {
    let guest = try Guest.idle(input: Array("input".utf8))
    try #require(guest.call(222, Self.memory, Self.size, 3, 0x32, ~0, 0) == Int64(Self.memory))
    for (index, step) in steps.enumerated() {
      let place = "\(name), step \(index)"
      switch step {
      case .call(let number, let arguments, let answer):
        let all = arguments + [UInt64](repeating: 0, count: 6 - arguments.count)
        try #require(guest.call(number, all[0], all[1], all[2], all[3], all[4], all[5]) == answer, "\(place)")
      case .open(let path, let flags, let answer):
        try Self.write(guest, Self.path, Array(path.utf8) + [0])
        try #require(guest.call(56, Self.here, Self.path, flags, 0o666) == answer, "\(place)")
      case .text(let address, let text): try Self.write(guest, address, Array(text.utf8) + [0])
      case .words(let address, let words):
        try Self.write(guest, address, words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } })
      case .isText(let address, let text):
        #expect(try Self.read(guest, address, text.utf8.count + 1) == Array(text.utf8) + [0], "\(place)")
      case .isWords(let address, let words): #expect(try Self.read(guest, address, words) == words, "\(place)")
      case .isWords32(let address, let words): #expect(try Self.read(guest, address, words) == words, "\(place)")
      case .isBytes(let address, let bytes): #expect(try Self.read(guest, address, bytes.count) == bytes, "\(place)")
      case .areEqual(let one, let other):
        #expect(try Self.read(guest, one, 8) == (try Self.read(guest, other, 8)), "\(place)")
      case .differ(let one, let other):
        #expect(try Self.read(guest, one, 8) != (try Self.read(guest, other, 8)), "\(place)")
      case .output(let text): #expect(guest.io.outputText == text, "\(place)")
      }
      try #require(guest.verdict == .resume, "\(place)")
      try #require(!guest.el1.holdsAnyLock, "\(place)")
    }
    #expect(guest.kernel.mm.checkInvariants(guest.el1) == [])
  }

  /// Memory as the program would write it and find it: a page that is not there yet comes in.
  private static func write(_ guest: Guest, _ address: UInt64, _ bytes: [UInt8]) throws {
    try guest.kernel.parts.user(guest.el1).put(address, bytes)
  }
  private static func read(_ guest: Guest, _ address: UInt64, _ count: Int) throws -> [UInt8] {
    try guest.kernel.parts.user(guest.el1).get(address, count: count)
  }
  private static func read<Word: FixedWidthInteger>(_ guest: Guest, _ address: UInt64, _ like: [Word]) throws -> [Word] {
    let size = MemoryLayout<Word>.size
    let bytes = try read(guest, address, like.count * size)
    return like.indices.map { index in
      bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: index * size, as: Word.self) }
    }
  }
}

struct EffectTests {
  @Test(arguments: EffectRow.files + EffectRow.descriptors) func filesAndDescriptors(_ row: EffectRow) throws { try row.run() }
  @Test(arguments: EffectRow.names) func names(_ row: EffectRow) throws { try row.run() }
  @Test(arguments: EffectRow.memoryCalls) func memory(_ row: EffectRow) throws { try row.run() }
  @Test(arguments: EffectRow.processCalls) func processes(_ row: EffectRow) throws { try row.run() }
}
