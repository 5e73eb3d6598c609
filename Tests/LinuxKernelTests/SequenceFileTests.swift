// Owns tests of reading the texts of /proc: in pieces of any size, while the mappings change, and within a bounded memory.
// It does not know the texts' contents: the golden file `proc` does. Linux: fs/seq_file.c.
import Architecture
import LinuxMM
import TestSupport
import Testing

@testable import LinuxKernel

struct SequenceFileTests {
  private static let place: UInt64 = 0x1000_0000

  /// A guest with `areas` mappings of one page, a page apart, from `place` on, and with a buffer of 16 pages.
  private static func guest(areas: UInt64, kernel: KernelProfile = .linux7_2) throws -> (guest: Guest, buffer: UInt64) {
    var configuration = Guest.small
    configuration.kernel = kernel
    let guest = try Guest.idle(configuration)
    for index in 0..<areas { guest.call(222, place + index << 13, 4096, 3, 0x32, ~0, 0) }
    let buffer = guest.memory(pages: 16)
    guest.write(buffer, [0])
    return (guest, buffer)
  }

  private static func open(_ guest: Guest, _ path: String) -> UInt64 {
    let name = guest.memory()
    guest.write(name, Array(path.utf8) + [0])
    let file = guest.call(56, UInt64(bitPattern: -100), name, 0)
    #expect(file >= 0, "\(path)")
    guest.call(215, name, 4096)
    return UInt64(bitPattern: file)
  }

  /// The whole text, read `count` bytes at a time.
  private static func text(_ guest: Guest, _ path: String, _ buffer: UInt64, _ count: UInt64) -> [UInt8] {
    let file = open(guest, path)
    var text: [UInt8] = []
    while case let got = guest.call(63, file, buffer, count), got > 0 { text += guest.bytes(buffer, Int(got)) }
    guest.call(57, file)
    return text
  }

  @Test(arguments: ["maps", "smaps", "mounts", "status", "cmdline"], KernelProfile.all)
  func piecesAreTheWhole(name: String, kernel: KernelProfile) throws {
    let (guest, buffer) = try Self.guest(areas: 40, kernel: kernel)
    let whole = Self.text(guest, "/proc/self/\(name)", buffer, 65536)
    #expect(whole.count > (name == "smaps" ? 30000 : name == "maps" ? 1900 : 4))
    for count in [1, 7, 100, 4095, 4096, 5000] as [UInt64] {
      #expect(Self.text(guest, "/proc/self/\(name)", buffer, count) == whole, "\(count) at a time")
    }
    // Reads from the middle, as pread and lseek do, give the same text whatever was read before.
    let file = Self.open(guest, "/proc/self/\(name)")
    for offset in [5, 3000, 17, 0, whole.count - 1, whole.count, whole.count + 9] {
      let expected = Array(whole.dropFirst(offset).prefix(11))
      #expect(guest.call(67, file, buffer, 11, UInt64(offset)) == Int64(expected.count))
      #expect(guest.bytes(buffer, expected.count) == expected, "pread at \(offset)")
      #expect(guest.call(62, file, UInt64(offset), 0) == Int64(offset))
      #expect(guest.call(63, file, buffer, 11) == Int64(expected.count))
      #expect(guest.bytes(buffer, expected.count) == expected, "read at \(offset)")
    }
  }

  /// A mapping appears between the part that was read and the rest. 7.2 continues where the last printed mapping ended, and prints
  /// the new one; 6.12 continues where the next mapping began, and does not.
  @Test(arguments: [(KernelProfile.linux6_12, "10008000"), (.linux7_2, "10004000")])
  func aSpaceThatChangesMeanwhile(kernel: KernelProfile, next: String) throws {
    let (guest, buffer) = try Self.guest(areas: 0, kernel: kernel)
    for address in [Self.place, Self.place + 0x8000] { guest.call(222, address, 4096, 1, 0x32, ~0, 0) }
    let whole = String(decoding: Self.text(guest, "/proc/self/maps", buffer, 65536), as: UTF8.self)
    let lines = whole.split(separator: "\n").prefix { !$0.hasPrefix("10008000-") }
    let told = lines.reduce(0) { $0 + $1.utf8.count + 1 }
    let file = Self.open(guest, "/proc/self/maps")
    #expect(guest.call(63, file, buffer, UInt64(told)) == Int64(told))
    guest.call(222, Self.place + 0x4000, 4096, 1, 0x32, ~0, 0)
    #expect(guest.call(63, file, buffer, 8) == 8)
    #expect(String(decoding: guest.bytes(buffer, 8), as: UTF8.self) == next)
    // From there on both print the rest, once.
    #expect(guest.call(63, file, buffer, 9) == 9)
  }

  /// A reader holds less than a page however long the text is, and nothing after the file is closed.
  @Test func aHalfReadTextIsAPage() throws {
    let (guest, buffer) = try Self.guest(areas: 2000)
    let file = Self.open(guest, "/proc/self/smaps")
    for count in [1, 700, 5000, 1] as [UInt64] {
      #expect(guest.call(63, file, buffer, count) > 0)
      #expect(guest.kernel.state.files.sequenceBytes < 4096)
    }
    #expect(guest.kernel.state.files.sequenceBytes > 0)
    #expect(guest.call(57, file) == 0)
    #expect(guest.kernel.state.files.sequenceBytes == 0)
  }

  /// Many readers together hold at most a quarter of RAM; beyond that a read that would have to make a text answers ENOMEM.
  @Test func allHalfReadTextsAreAQuarterOfRAM() throws {
    let (guest, buffer) = try Self.guest(areas: 40)
    guest.write(buffer, words: [1 << 20, 1 << 20])
    #expect(guest.call(261, 0, 7, buffer, 0) == 0)
    var (readers, answer): (Int, Int64) = (0, 0)
    while readers < 4000 {
      answer = guest.call(63, Self.open(guest, "/proc/self/smaps"), 0x2000_0000, 4096)
      if answer != -14 { break }
      readers += 1
    }
    let quarter = Int(guest.kernel.mm.state.frames.managed) << 12 / 4
    #expect(answer == -12)
    #expect(guest.kernel.state.files.sequenceBytes > quarter && guest.kernel.state.files.sequenceBytes < quarter + 4096)
    // Readers in the middle of a text can go on.
    #expect(guest.call(63, 3, buffer, 100) == 100)
  }
}
