// Owns the vDSO as the kernel makes it: its image and its notes, the time that its clocks tell, and what mremap and munmap do to it.
// It does not know what real kernels' programs see: the oracle program vdso prints that, and OracleTests compares it.
import Architecture
import ELFFormat
import Laboratory
import LinuxMM
import TestSupport
import Testing

@testable import LinuxKernel

struct VDSOTests {
  /// The words in the product are those of the image that the makefile builds.
  @Test func theImageIsThatOfTheFirmware() throws {
    let built = try firmware("vdso/vdso.so")
    let words = VDSOImage.words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    #expect(words.prefix(built.count).elementsEqual(built) && words.count - built.count < 8, "make vdso records it")
  }

  @Test(arguments: [(KernelProfile.linux6_12, 0x06_0c75, 2), (.linux7_2, 0x07_020c, 4), (.linux7_3, 0x07_0304, 4)])
  func theNotesNameTheKernel(_ profile: KernelProfile, _ version: Int, _ pages: Int) throws {
    let (bytes, signalReturn) = VDSO.image(profile)
    #expect(bytes.count == 8192)
    let elf = try ELFFile(bytes)
    let note = try #require(elf.programHeaders.first { $0.type == 4 })
    #expect(Int(bytes.word32(Int(note.offset) + 20)) == version)
    #expect(Int(bytes.word32(Int(note.offset) + 48)) == pages)
    // mov x8, #139; svc #0
    #expect(bytes.word64(Int(signalReturn)) == 0xd400_0001_d280_1168)
  }

  private func time(_ guest: Guest, _ clock: UInt64, at memory: UInt64) -> UInt64 {
    #expect(guest.call(113, clock, memory) == 0)
    return guest.word(memory) * 1_000_000_000 + guest.word(memory + 8)
  }

  /// The virtual counter, from which programs compute the time, was behind clock_gettime by the time that no task ran.
  @Test func theCounterGoesOnDuringASleep() throws {
    let guest = try Guest.idle()
    let memory = guest.memory()
    #expect(guest.el1.read(.CNTVCT_EL0) == time(guest, 1, at: memory))
    guest.write(memory, words: [3, 5])
    let before = time(guest, 1, at: memory + 64)
    #expect(guest.call(101, memory, 0) == 0)
    #expect(time(guest, 1, at: memory + 64) >= before + 3_000_000_005)
    #expect(guest.el1.read(.CNTVCT_EL0) == time(guest, 1, at: memory + 64))
  }

  /// The coarse clocks tell the time of the last tick.
  @Test func coarseClocksAdvanceByTicks() throws {
    let guest = try Guest.idle()
    let memory = guest.memory()
    guest.write(memory, words: [0, 9_999_999])
    #expect(guest.call(101, memory, 0) == 0)
    let exact = time(guest, 1, at: memory)
    for clock in [5, 6] as [UInt64] {
      #expect(time(guest, clock, at: memory) == exact / 4_000_000 * 4_000_000)
      #expect(guest.call(114, clock, memory) == 0 && guest.word(memory + 8) == 4_000_000)
    }
    #expect(guest.call(114, 1, memory) == 0 && guest.word(memory + 8) == 1)
  }

  /// Programs share the pages, and an address space that ends gives none of them back.
  @Test func programsShareThePages() throws {
    let guest = try Guest.idle()
    let pages = guest.kernel.mm.state.cachedPages
    let vmas = guest.session.vmas.filter(\.isSpecialMapping)
    #expect(vmas.map(\.purpose) == [.vvar, .vdso] && vmas[0].end == vmas[1].start)
    #expect(guest.call(220, 17, 0) > 0)
    let child = guest.kernel.mm.state.mms.ids.flatMap { guest.kernel.mm.state[$0].vmas.filter(\.isSpecialMapping) }
    #expect(child.count == 4 && Set(child.map(\.file)).count == 2)
    #expect(guest.call(215, vmas[0].start, vmas[1].end - vmas[0].start) == 0)
    #expect(guest.kernel.mm.state.cachedPages == pages)
    #expect(guest.kernel.mm.checkInvariants(guest.el1).isEmpty)
  }
}
