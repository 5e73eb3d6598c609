// Owns tests of the note of GNU properties: what says that code has landing pads, and what is refused.
// It does not know where the note lies. Right values are those of "ELF for the Arm 64-bit Architecture" and of binfmt_elf.c.
import Testing

@testable import ELFFormat

struct ProgramPropertyTests {
  /// A note with these properties: kind, length, value.
  private func note(_ properties: [(UInt32, UInt32, UInt64)], type: UInt32 = 5, name: String = "GNU\0", size: UInt32? = nil) -> [UInt8] {
    func bytes(_ value: UInt64, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    let body = properties.flatMap { bytes(UInt64($0.0), 4) + bytes(UInt64($0.1), 4) + bytes($0.2, 8) }
    return bytes(4, 4) + bytes(UInt64(size ?? UInt32(body.count)), 4) + bytes(UInt64(type), 4) + Array(name.utf8) + body
  }
  private func answer(_ note: [UInt8]) -> Bool? { try? ProgramProperties.haveLandingPads(note) }

  @Test func landingPads() {
    #expect(answer(note([(0xc000_0000, 4, 1)])) == true)
    #expect(answer(note([(0xc000_0000, 4, 7)])) == true)
    #expect(answer(note([(0xc000_0000, 4, 6)])) == false)
    #expect(answer(note([])) == false)
    #expect(answer(note([(0xc000_0001, 4, 1)])) == false)
    #expect(answer(note([(0xb000_0000, 8, 1), (0xc000_0000, 4, 1), (0xc000_0001, 4, 0)])) == true)
  }

  @Test func damage() {
    #expect(answer(note([(0xc000_0000, 8, 1)])) == nil)
    #expect(answer(note([(0xc000_0000, 4, 1)], type: 4)) == nil)
    #expect(answer(note([(0xc000_0000, 4, 1)], name: "GNX\0")) == nil)
    #expect(answer(note([(0xc000_0000, 4, 1)], size: 24)) == nil)
    #expect(answer(note([(0xc000_0000, 4, 1)], size: 12)) == nil)
    #expect(answer(note([(0xc000_0001, 4, 1), (0xc000_0000, 4, 1)])) == nil)
    #expect(answer(note([(0xc000_0000, 0xffff_ffff, 1)])) == nil)
    #expect(answer([]) == nil)
    #expect(answer([UInt8](repeating: 0, count: 1025)) == nil)
  }
}
