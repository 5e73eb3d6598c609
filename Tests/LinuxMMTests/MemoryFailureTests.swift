// Owns tests of pages that fail or are taken out of use: the counts that must still agree afterwards. What programs see was recorded by
// the oracle program `poison`. It does not know signals.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct MemoryFailureTests {
  private let va: UInt64 = 0x1000_0000_0000

  /// A page that parent and child share, and a page of a file that both map, fail or move: no frame, reference or mapping is lost.
  @Test(arguments: [Advice.HWPOISON, Advice.SOFT_OFFLINE]) func countsStillAgree(advice: UInt64) throws {
    let bench = try MemoryBench()
    let isHard = advice == Advice.HWPOISON
    _ = try bench.mmap(va, pages: 4)
    let file = bench.file(pages: 4)
    bench.fill(file, 0..<4)
    try bench.map(file, at: va + 0x10_0000, pages: 4, shared: true)
    #expect(bench.touchAll(va, pages: 4, write: true) == 4)
    _ = bench.touchAll(va + 0x10_0000, pages: 4, write: true)
    let parent = bench.mm
    let child = try bench.manager.fork(bench.el1, parent)
    bench.enter(child)
    _ = bench.touchAll(va + 0x10_0000, pages: 4, write: false)
    bench.enter(parent)
    for place in [va + 0x1000, va + 0x10_1000] { try bench.madvise(place, pages: 1, advice) }
    #expect(bench.manager.takeFailedAddress() == (isHard ? va + 0x1000 : nil))
    #expect(bench.manager.state.failedPages == 2)
    #expect(bench.letters(va, pages: 4) == (isHard ? "aw2a" : "4a"))
    #expect(bench.letters(va + 0x10_0000, pages: 4) == (isHard ? "Fw2F" : "4F"))
    #expect(bench.touch(va + 0x1000, write: false) == (isHard ? .failed(.HWPOISON) : .done(faults: 0)))
    #expect(bench.read(file, 0x1008, 1) == (isHard ? [] : [2]))
    #expect(bench.manager.checkInvariants(bench.el1) == [])
    bench.enter(child)
    #expect(bench.letters(va, pages: 4) == (isHard ? "aw2a" : "4a"))
    bench.enter(parent)
    bench.manager.destroyMM(bench.el1, child)
    try bench.munmap(va, pages: 4)
    try bench.munmap(va + 0x10_0000, pages: 4)
    bench.manager.releaseFile(bench.el1, file)
    #expect(bench.manager.checkInvariants(bench.el1) == [])
  }

  /// A page that MADV_FREE gave up holds nothing that could be lost, and cannot be moved.
  @Test func aPageThatWasGivenUp() throws {
    let bench = try MemoryBench()
    _ = try bench.mmap(va, pages: 2)
    #expect(bench.touchAll(va, pages: 2, write: true) == 2)
    try bench.madvise(va, pages: 2, Advice.FREE)
    #expect(bench.error { () throws(Errno) in try bench.madvise(va, pages: 1, Advice.SOFT_OFFLINE) } == .EBUSY)
    try bench.madvise(va, pages: 1, Advice.HWPOISON)
    #expect(bench.manager.takeFailedAddress() == nil)
    #expect(bench.manager.checkInvariants(bench.el1) == [])
  }
}
