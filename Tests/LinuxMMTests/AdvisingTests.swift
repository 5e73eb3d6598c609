// Owns tests of madvise's effect on pages and VMAs of anonymous memory, as real kernels were observed (oracle program advise).
// It does not know guards, populating or registers.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct AdvisingTests {
  private static let va: UInt64 = 0x1000_0000_0000
  private let va = Self.va

  private func bench(
    _ profile: KernelProfile = .newest, _ update: ProcessorFeatures.HardwareUpdate = .accessFlagAndDirty, filled: Bool = true
  ) throws -> MemoryBench {
    var features = ProcessorFeatures()
    features.hardwareUpdate = update
    let bench = try MemoryBench(profile: profile, features: features)
    _ = try bench.mmap(va, pages: 8)
    if filled { #expect(bench.touchAll(va, pages: 8, write: true) == 8) }
    return bench
  }

  /// A row has: the advice for eight written pages, the answer, and the pages afterwards.
  @Test(
    arguments: [
      (Advice.DONTNEED, 0, 8, nil, "8."), (Advice.DONTNEED, 2, 3, nil, "2a3.3a"), (Advice.DONTNEED, 4, 8, .ENOMEM, "4a4."),
      (Advice.FREE, 0, 8, nil, "8a"), (Advice.FREE, 4, 8, .ENOMEM, "8a"), (Advice.PAGEOUT, 0, 8, nil, "8a"),
      (Advice.COLD, 0, 8, nil, "8a"), (Advice.WILLNEED, 0, 12, .ENOMEM, "8a"), (Advice.REMOVE, 0, 8, .EINVAL, "8a"),
      (Advice.COLLAPSE, 0, 8, .EINVAL, "8a"), (26, 0, 1, .EINVAL, "8a"), (5, 64, 0, .EINVAL, "8a"), (Advice.REMOVE, 64, 0, nil, "8a"),
    ] as [(UInt64, UInt64, UInt64, Errno?, String)])
  func answers(advice: UInt64, page: UInt64, count: UInt64, answer: Errno?, letters: String) throws {
    for profile in KernelProfile.all {
      let bench = try bench(profile)
      #expect(bench.error { () throws(Errno) in try bench.madvise(va + page << 12, pages: count, advice) } == answer)
      #expect(bench.letters(va, pages: 8) == letters)
      #expect(!bench.el1.holdsAnyLock)
    }
  }

  /// Checks in Linux's order: the value, the alignment, the length, and only then whether anything is mapped.
  @Test func argumentsAreCheckedInLinuxsOrder() throws {
    let bench = try bench()
    let (manager, el1, mm) = (bench.manager, bench.el1, bench.mm)
    func answer(_ address: UInt64, _ length: UInt64, _ advice: UInt64) -> Errno? {
      bench.error { () throws(Errno) in
        try manager.madvise(el1, mm, task: bench.task, address: address, length: length, advice: advice)
      }
    }
    for row in Advice.rows {
      #expect(answer(va + 1, 0, row.advice) == .EINVAL)
      #expect(answer(va, ~0, row.advice) == .EINVAL)
      #expect(answer(va, 0 &- 0x1000, row.advice) == .EINVAL)
      #expect(answer(0xffff_ffff_ffff_f000, 0x1000, row.advice) == .EINVAL)
      #expect(answer(va + 0x4_0000, 0, row.advice) == nil)
      // A page that is to fail is looked for as by an access of the kernel.
      let failsPages = row.advice == Advice.HWPOISON || row.advice == Advice.SOFT_OFFLINE
      #expect(answer(va + 0x4_0000, 0x1000, row.advice) == (failsPages ? .EFAULT : .ENOMEM))
    }
    #expect(answer(va, 0, 26) == .EINVAL)
  }

  /// Locked memory keeps its pages, except under the advice that covers locked memory too.
  @Test(
    arguments: [
      (Advice.DONTNEED, .EINVAL, "2.6a"), (Advice.FREE, .EINVAL, "8a"), (Advice.COLD, .EINVAL, "8a"), (Advice.PAGEOUT, .EINVAL, "8a"),
      (Advice.GUARD_INSTALL, .EINVAL, "2g6a"), (Advice.DONTNEED_LOCKED, nil, "8."),
    ] as [(UInt64, Errno?, String)])
  func lockedMemory(advice: UInt64, answer: Errno?, letters: String) throws {
    let bench = try bench()
    try bench.manager.mlock(bench.el1, bench.mm, task: bench.task, address: va + 0x2000, length: 0x2000, onFault: false)
    #expect(bench.error { () throws(Errno) in try bench.madvise(va, pages: 8, advice) } == answer)
    #expect(bench.letters(va, pages: 8) == letters)
    #expect(bench.areas(from: va) == "0+2:rw- 2+2:rw- 4+4:rw-")
    #expect(bench.space.lockedPages == 2)
  }

  /// Changed flags split a VMA, and changing them back merges it.
  @Test(
    arguments: [
      (Advice.RANDOM, Advice.NORMAL), (Advice.SEQUENTIAL, Advice.NORMAL), (Advice.DONTFORK, Advice.DOFORK),
      (Advice.DONTDUMP, Advice.DODUMP), (Advice.WIPEONFORK, Advice.KEEPONFORK), (Advice.MERGEABLE, Advice.UNMERGEABLE),
    ] as [(UInt64, UInt64)])
  func flags(on: UInt64, off: UInt64) throws {
    let bench = try bench()
    try bench.madvise(va + 0x2000, pages: 2, on)
    #expect(bench.areas(from: va) == "0+2:rw- 2+2:rw- 4+4:rw-")
    try bench.madvise(va + 0x2000, pages: 2, off)
    #expect(bench.areas(from: va) == "0+8:rw-")
  }

  /// On processors that update neither access flag nor dirty state, the kernel does, with a fault each time. Recorded on Linux 6.12
  /// and 7.2 on a Cortex-A53 (off) and on QEMU's max (dirty); the middle column is deduced.
  @Test(
    arguments: [
      (Advice.FREE, .off, 8, 8), (Advice.FREE, .accessFlag, 0, 8), (Advice.FREE, .accessFlagAndDirty, 0, 0),
      (Advice.COLD, .off, 8, 0), (Advice.COLD, .accessFlag, 0, 0), (Advice.COLD, .accessFlagAndDirty, 0, 0),
    ] as [(UInt64, ProcessorFeatures.HardwareUpdate, UInt64, UInt64)])
  func ageing(advice: UInt64, update: ProcessorFeatures.HardwareUpdate, reads: UInt64, writes: UInt64) throws {
    for profile in KernelProfile.all {
      let bench = try bench(profile, update)
      try bench.madvise(va, pages: 8, advice)
      #expect(bench.touchAll(va, pages: 8, write: false) == reads)
      #expect(bench.touchAll(va, pages: 8, write: true) == writes)
      #expect(bench.touchAll(va, pages: 8, write: false) == 0)
      // If the write comes first, no fault for the access flag alone is needed.
      try bench.madvise(va, pages: 8, Advice.FREE)
      #expect(bench.touchAll(va, pages: 8, write: true) == (update == .accessFlagAndDirty ? 0 : 8))
    }
  }

  /// The faults of fresh memory on each processor: only those for the zero page and the copy.
  @Test(arguments: [ProcessorFeatures.HardwareUpdate.off, .accessFlag, .accessFlagAndDirty])
  func freshMemory(update: ProcessorFeatures.HardwareUpdate) throws {
    let bench = try bench(.newest, update, filled: false)
    #expect(bench.touchAll(va, pages: 8, write: false) == 8)
    #expect(bench.touchAll(va, pages: 8, write: true) == 8)
    try bench.mprotect(va, pages: 8, 1)
    try bench.mprotect(va, pages: 8, 3)
    #expect(bench.touchAll(va, pages: 8, write: false) == 0)
    #expect(bench.touchAll(va, pages: 8, write: true) == 0)
  }

  /// MADV_FREE gives pages up until they are written again: PAGEOUT removes those that were not.
  @Test(arguments: KernelProfile.all) func freedPagesGoWhenTheyAreWanted(profile: KernelProfile) throws {
    let bench = try bench(profile)
    for page in 0..<8 as Range<UInt64> { #expect(bench.store(va + page << 12, page + 1) == .done(faults: 0)) }
    try bench.madvise(va, pages: 8, Advice.FREE)
    // The pages are old, clean and present.
    #expect(bench.descriptor(va)! & ~0x0000_ffff_ffff_f000 == 0x0068_0000_0000_0bc3)
    #expect(bench.space.resident.anonymous == 8)
    #expect(bench.load(va) == 1)
    #expect(bench.touchAll(va, pages: 4, write: true) == 0)
    try bench.madvise(va, pages: 8, Advice.PAGEOUT)
    #expect(bench.letters(va, pages: 8) == "4a4.")
    #expect(bench.space.resident.anonymous == 4)
    #expect(bench.load(va) == 1)
    #expect(bench.load(va + 0x7000) == 0)
    // A page written since then is an ordinary page again.
    try bench.madvise(va, pages: 8, Advice.PAGEOUT)
    #expect(bench.letters(va, pages: 8) == "4a3.z")
  }

  /// Populating for writing counts as writing: the page is not given up any more.
  @Test func populatingKeepsAFreedPage() throws {
    let bench = try bench()
    try bench.madvise(va, pages: 8, Advice.FREE)
    #expect(try bench.faultsOf { try bench.madvise(va, pages: 2, Advice.POPULATE_WRITE) } == 0)
    try bench.madvise(va, pages: 8, Advice.PAGEOUT)
    #expect(bench.letters(va, pages: 8) == "2a6.")
  }

  @Test func onlyAnonymousMemoryIsFreedLazily() throws {
    let bench = try bench()
    _ = try bench.mmap(va + 0x10_0000, pages: 4, flags: 0x31)
    #expect(throws: Errno.EINVAL) { try bench.madvise(va + 0x10_0000, pages: 4, Advice.FREE) }
    #expect(throws: Errno.EINVAL) { try bench.madvise(va + 0x10_0000, pages: 4, Advice.WIPEONFORK) }
    try bench.madvise(va + 0x10_0000, pages: 4, Advice.KEEPONFORK)
    try bench.madvise(va + 0x10_0000, pages: 4, Advice.MERGEABLE)
    #expect(bench.manager.vmas(bench.mm)[1].flags.isDisjoint(with: .MERGEABLE))
  }

  /// 7.2 drops pages under the lock of one VMA; 6.12 does so under the mmap lock, as does 7.2 across a border of VMAs.
  @Test(
    arguments: [
      (KernelProfile.newest, 8, LockKind.vmaLockRead), (.newest, 9, .mmapLockRead), (.linux6_12, 8, .mmapLockRead),
    ] as [(KernelProfile, UInt64, LockKind)])
  func lockOfDropping(profile: KernelProfile, pages: UInt64, lock: LockKind) throws {
    for advice in [Advice.DONTNEED, Advice.FREE, Advice.DONTNEED_LOCKED] {
      let bench = try bench(profile)
      _ = try bench.mmap(va + 0x8000, pages: 1, 1)
      let steps = bench.steps { try? bench.madvise(va, pages: pages, advice) }
      let held = steps.filter { $0.kind == .lock }.map { LockKind(rawValue: UInt8($0.operand >> 56))! }
      #expect(held.contains(lock))
      #expect(held.contains(.mmapLockRead) == (lock == .mmapLockRead))
      #expect(!held.contains(.mmapLockWrite))
      #expect(!bench.el1.holdsAnyLock)
    }
  }
}
