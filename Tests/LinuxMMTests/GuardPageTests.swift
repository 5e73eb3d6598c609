// Owns tests of guard regions, as Linux 7.2 was observed (oracle program guard).
// It does not know fork or signals.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct GuardPageTests {
  private let va: UInt64 = 0x1000_0000_0000

  private func bench(_ profile: KernelProfile = .newest) throws -> MemoryBench {
    let bench = try MemoryBench(profile: profile)
    _ = try bench.mmap(va, pages: 8)
    return bench
  }

  @Test func olderKernelsHaveNone() throws {
    let bench = try bench(.linux6_12)
    #expect(throws: Errno.EINVAL) { try bench.madvise(va, pages: 1, Advice.GUARD_INSTALL) }
    #expect(throws: Errno.EINVAL) { try bench.madvise(va, pages: 1, Advice.GUARD_REMOVE) }
  }

  @Test func untouchedMemory() throws {
    let bench = try bench()
    try bench.madvise(va + 0x2000, pages: 3, Advice.GUARD_INSTALL)
    #expect(bench.letters(va, pages: 8) == "2.3g3.")
    // An access is a SIGSEGV that is not counted, and does not affect the pages beside it.
    #expect(bench.touch(va + 0x3000, write: true) == .failed(.SIGSEGV))
    #expect(bench.touch(va + 0x3000, write: false) == .failed(.SIGSEGV))
    #expect(bench.faults.minor == 0)
    #expect(bench.touch(va + 0x1000, write: true) == .done(faults: 1))
    try bench.madvise(va + 0x4000, pages: 3, Advice.GUARD_INSTALL)
    #expect(bench.letters(va, pages: 8) == ".a5g.")
    try bench.madvise(va + 0x3000, pages: 1, Advice.GUARD_REMOVE)
    #expect(bench.letters(va, pages: 8) == ".ag.3g.")
    try bench.madvise(va, pages: 8, Advice.GUARD_REMOVE)
    #expect(bench.letters(va, pages: 8) == ".a6.")
    // The mapping records that it had guards.
    #expect(bench.manager.vmas(bench.mm).map { $0.flags.contains(.MAYBE_GUARD) } == [true])
  }

  @Test func writtenMemoryIsDropped() throws {
    let bench = try bench()
    #expect(bench.touchAll(va, pages: 8, write: true) == 8)
    let free = bench.manager.state.frames.available
    try bench.madvise(va + 0x2000, pages: 3, Advice.GUARD_INSTALL)
    #expect(bench.letters(va, pages: 8) == "2a3g3a")
    #expect(bench.space.resident.anonymous == 5)
    #expect(bench.manager.state.frames.available == free + 3)
    try bench.madvise(va, pages: 8, Advice.GUARD_REMOVE)
    #expect(bench.letters(va, pages: 8) == "2a3.3a")
  }

  /// Markers survive calls that drop pages, and changes of permission.
  @Test func whatGuardsOutlive() throws {
    let bench = try bench()
    try bench.madvise(va + 0x2000, pages: 3, Advice.GUARD_INSTALL)
    #expect(bench.touchAll(va, pages: 8, write: true) == 5)
    for advice in [Advice.FREE, Advice.COLD, Advice.PAGEOUT, Advice.DONTNEED, Advice.WILLNEED] {
      try bench.madvise(va, pages: 8, advice)
      #expect(bench.letters(va + 0x2000, pages: 3) == "3g")
    }
    #expect(bench.letters(va, pages: 8) == "2.3g3.")
    try bench.mprotect(va, pages: 8, 0)
    try bench.mprotect(va, pages: 8, 3)
    #expect(bench.letters(va, pages: 8) == "2.3g3.")
    #expect(bench.touch(va + 0x3000, write: false) == .failed(.SIGSEGV))
  }

  @Test func populatingStopsAtGuards() throws {
    let bench = try bench()
    try bench.madvise(va + 0x2000, pages: 3, Advice.GUARD_INSTALL)
    #expect(throws: Errno.EFAULT) { try bench.madvise(va, pages: 8, Advice.POPULATE_WRITE) }
    #expect(bench.letters(va, pages: 8) == "2a3g3.")
    try bench.madvise(va + 0x5000, pages: 3, Advice.POPULATE_READ)
    #expect(throws: Errno.EFAULT) { try bench.madvise(va + 0x3000, pages: 1, Advice.POPULATE_READ) }
    #expect(bench.letters(va, pages: 8) == "2a3g3z")
  }

  @Test func lockedMemory() throws {
    let bench = try bench()
    try bench.madvise(va + 0x2000, pages: 3, Advice.GUARD_INSTALL)
    #expect(throws: Errno.ENOMEM) {
      try bench.manager.mlock(bench.el1, bench.mm, task: bench.task, address: va, length: 0x8000, onFault: false)
    }
    #expect(bench.letters(va, pages: 8) == "2a3g3.")
    #expect(bench.space.lockedPages == 8)
    #expect(throws: Errno.EINVAL) { try bench.madvise(va + 0x6000, pages: 1, Advice.GUARD_INSTALL) }
    try bench.madvise(va, pages: 8, Advice.GUARD_REMOVE)
    #expect(bench.letters(va, pages: 8) == "2a6.")
  }

  /// munmap removes guards. A later mapping there has none, and merges with its neighbours.
  @Test func munmapDropsGuards() throws {
    let bench = try bench()
    try bench.madvise(va + 0x2000, pages: 3, Advice.GUARD_INSTALL)
    try bench.munmap(va + 0x3000, pages: 1)
    _ = try bench.mmap(va + 0x3000, pages: 1)
    #expect(bench.letters(va, pages: 8) == "2.g.g3.")
    #expect(bench.areas(from: va) == "0+8:rw-")
    #expect(bench.manager.vmas(bench.mm)[0].flags.contains(.MAYBE_GUARD))
  }

  @Test func mremapMovesGuards() throws {
    let bench = try bench()
    try bench.madvise(va + 0x2000, pages: 3, Advice.GUARD_INSTALL)
    #expect(try bench.mremap(va, pages: 8, to: 8, flags: 3, at: va + 0x1_0000) == va + 0x1_0000)
    #expect(bench.letters(va + 0x1_0000, pages: 8) == "2.3g3.")
    #expect(bench.touch(va + 0x1_3000, write: true) == .failed(.SIGSEGV))
  }

  @Test func holesAreReported() throws {
    let bench = try bench()
    try bench.munmap(va + 0x2000, pages: 2)
    #expect(throws: Errno.ENOMEM) { try bench.madvise(va, pages: 6, Advice.GUARD_INSTALL) }
    #expect(bench.letters(va, pages: 8) == "2g2.2g2.")
    #expect(throws: Errno.ENOMEM) { try bench.madvise(va, pages: 6, Advice.GUARD_REMOVE) }
    #expect(bench.letters(va, pages: 8) == "8.")
  }

  /// Without an anon_vma, fork would not copy the tables. The first guard therefore makes one, which takes the mmap lock.
  @Test func theFirstGuardMakesAnAnonVMA() throws {
    let bench = try bench()
    func locks(_ advice: UInt64) -> [LockKind] {
      let steps = bench.steps { try? bench.madvise(va, pages: 1, advice) }
      return steps.filter { $0.kind == .lock }.map { LockKind(rawValue: UInt8($0.operand >> 56))! }
    }
    #expect(locks(Advice.GUARD_INSTALL).contains(.mmapLockRead))
    #expect(bench.manager.vmas(bench.mm)[0].anonVMA != .none)
    #expect(!locks(Advice.GUARD_INSTALL).contains(.mmapLockRead))
    #expect(!locks(Advice.GUARD_REMOVE).contains(.mmapLockRead))
  }
}
