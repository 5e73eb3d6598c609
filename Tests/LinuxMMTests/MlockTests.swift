// Owns tests of mlock, mlockall and mincore on anonymous memory, as real kernels were observed (oracle program mlock).
// It does not know registers.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct MlockTests {
  private let va: UInt64 = 0x1000_0000_0000
  let bench: MemoryBench
  init() throws { bench = try MemoryBench() }

  private func mlock(_ page: UInt64, _ count: UInt64, onFault: Bool = false) -> Errno? {
    bench.error { () throws(Errno) in
      try bench.manager.mlock(bench.el1, bench.mm, task: bench.task, address: va + page << 12, length: count << 12, onFault: onFault)
    }
  }
  private func munlock(_ page: UInt64, _ count: UInt64) -> Errno? {
    bench.error { () throws(Errno) in
      try bench.manager.munlock(bench.el1, bench.mm, task: bench.task, address: va + page << 12, length: count << 12)
    }
  }
  private func map(_ page: UInt64, _ count: UInt64, _ protection: UInt64 = 3, flags: UInt64 = 0x32) throws {
    _ = try bench.mmap(va + page << 12, pages: count, protection, flags: flags)
  }
  /// Makes a call that must succeed as `body` says and take the given number of faults.
  private func expect(faults: UInt64, _ body: () -> Bool) {
    var isAsExpected = false
    let taken = bench.faultsOf { isAsExpected = body() }
    #expect(isAsExpected)
    #expect(taken == faults)
  }
  private var letters: String { bench.letters(va, pages: 8) }
  private var locked: Int { bench.space.lockedPages }

  /// For each permission: mlock's answer for eight untouched pages, its faults, and the pages afterwards.
  @Test(
    arguments: [
      (3, nil, 8, "8a"), (2, nil, 8, "8a"), (1, nil, 8, "8z"), (4, nil, 8, "8z"), (0, .ENOMEM, 0, "8."),
    ] as [(UInt64, Errno?, UInt64, String)])
  func everyPageIsBroughtIn(protection: UInt64, answer: Errno?, faults: UInt64, expected: String) throws {
    try map(0, 8, protection)
    expect(faults: faults) { mlock(0, 8) == answer }
    #expect(letters == expected)
    // Memory that may not be touched is locked nevertheless.
    #expect(locked == 8)
    expect(faults: 0) { mlock(0, 8) == answer }
    #expect(locked == 8)
    #expect(munlock(0, 8) == nil)
    #expect(locked == 0)
    #expect(letters == expected)
  }

  @Test func partsAndNeighbours() throws {
    try map(0, 8)
    #expect(mlock(2, 3) == nil)
    #expect(bench.areas(from: va) == "0+2:rw- 2+3:rw- 5+3:rw-")
    #expect(mlock(5, 2) == nil)
    #expect(bench.areas(from: va) == "0+2:rw- 2+5:rw- 7+1:rw-")
    #expect(locked == 5)
    #expect(munlock(3, 2) == nil)
    #expect(locked == 3)
    #expect(letters == "2.5a.")
  }

  /// Memory before the first hole is locked and stays locked, but no page is brought in.
  @Test func aHoleEndsTheLock() throws {
    try map(0, 3)
    try map(5, 3)
    #expect(mlock(0, 8) == .ENOMEM)
    #expect(locked == 3)
    #expect(letters == "8.")
    #expect(munlock(0, 8) == .ENOMEM)
    #expect(locked == 0)
    #expect(mlock(4, 2) == .ENOMEM)
    #expect(mlock(6, 8) == .ENOMEM)
    #expect(locked == 2)
  }

  /// Memory that may not be touched ends the bringing in of pages.
  @Test func permissionsInside() throws {
    try map(0, 8)
    try bench.mprotect(va + 0x3000, pages: 2, 0)
    expect(faults: 3) { mlock(0, 8) == .ENOMEM }
    #expect(letters == "3a5.")
    #expect(locked == 8)
  }

  @Test func onFault() throws {
    try map(0, 8)
    expect(faults: 0) { mlock(0, 8, onFault: true) == nil }
    #expect(locked == 8)
    #expect(bench.touchAll(va, pages: 4, write: true) == 4)
    expect(faults: 4) { mlock(0, 8) == nil }
    #expect(mlock(0, 8, onFault: true) == nil)
    #expect(locked == 8)
    #expect(munlock(0, 8) == nil)
    #expect(locked == 0)
    #expect(bench.manager.vmas(bench.mm)[0].flags.isDisjoint(with: [.LOCKED, .LOCKONFAULT]))
  }

  /// Locked memory that becomes writable is copied for the address space at once.
  @Test func mprotectPopulates() throws {
    try map(0, 8, 1)
    #expect(mlock(0, 8) == nil)
    #expect(letters == "8z")
    #expect(try bench.faultsOf { try bench.mprotect(va, pages: 8, 3) } == 8)
    #expect(letters == "8a")
    // A second mprotect takes no more faults.
    try bench.mprotect(va, pages: 8, 1)
    #expect(try bench.faultsOf { try bench.mprotect(va, pages: 8, 3) } == 0)
  }

  @Test func argumentsThatWrap() throws {
    try map(0, 8)
    func answer(_ address: UInt64, _ length: UInt64) -> Errno? {
      bench.error { () throws(Errno) in
        try bench.manager.mlock(bench.el1, bench.mm, task: bench.task, address: address, length: length, onFault: true)
      }
    }
    #expect(answer(va, 0 &- 0x1000) == .EINVAL)
    #expect(answer(0xffff_ffff_ffff_f000, 0x1000) == .EINVAL)
    #expect(answer(va, ~0) == nil)
    #expect(answer(va + 0x4_0000, 0) == nil)
    #expect(locked == 0)
    #expect(answer(va + 1, 0x1000) == nil)
    #expect(locked == 2)
  }

  // MARK: mmap

  /// Flags of mmap: MAP_LOCKED 0x2000, MAP_POPULATE 0x8000, MAP_NONBLOCK 0x10000.
  @Test(
    arguments: [
      (3, 0x2032, 8, "8a"), (1, 0x2032, 8, "8z"), (0, 0x2032, 8, "8."), (3, 0x8032, 0, "8a"), (1, 0x8032, 0, "8z"),
      (0, 0x8032, 0, "8."), (3, 0x1_8032, 0, "8."),
    ] as [(UInt64, UInt64, Int, String)])
  func mmapBringsIn(protection: UInt64, flags: UInt64, lockedPages: Int, expected: String) throws {
    try map(0, 8, protection, flags: flags)
    #expect(letters == expected)
    #expect(locked == lockedPages)
    try bench.munmap(va, pages: 8)
    #expect(locked == 0)
  }

  @Test func everythingAndTheFuture() throws {
    let (manager, el1, mm) = (bench.manager, bench.el1, bench.mm)
    func mlockall(_ flags: UInt64) -> Errno? {
      bench.error { () throws(Errno) in try manager.mlockall(el1, mm, task: bench.task, flags: flags) }
    }
    try map(0, 2)
    try map(3, 2, 0)
    try map(6, 2, 1)
    #expect(mlockall(LockAllFlags.CURRENT) == nil)
    #expect(letters == "2a4.2z")
    #expect(locked == 6)
    try map(10, 2)
    #expect(bench.letters(va + 0xa000, pages: 2) == "2.")
    manager.munlockall(el1, mm)
    #expect(locked == 0)
    #expect(mlockall(LockAllFlags.FUTURE) == nil)
    #expect(locked == 0)
    try map(12, 2)
    #expect(bench.letters(va + 0xc000, pages: 2) == "2a")
    #expect(locked == 2)
    #expect(mlockall(LockAllFlags.FUTURE | LockAllFlags.ONFAULT) == nil)
    try map(14, 2)
    #expect(bench.letters(va + 0xe000, pages: 2) == "2.")
    #expect(locked == 4)
    for flags in [0, 4, 8, 9, 0xffff_ffff] as [UInt64] { #expect(mlockall(flags) == .EINVAL) }
    for flags in [1, 2, 3, 5, 6, 7] as [UInt64] { #expect(mlockall(flags) == nil) }
  }

  /// The heap is locked too as it grows.
  @Test func brkInTheFuture() throws {
    bench.manager.setBrk(bench.mm, start: va)
    try bench.manager.mlockall(bench.el1, bench.mm, task: bench.task, flags: LockAllFlags.FUTURE)
    #expect(bench.manager.brk(bench.el1, bench.mm, task: bench.task, va + 0x3800) == va + 0x3800)
    #expect(bench.letters(va, pages: 5) == "4a.")
    #expect(locked == 4)
    _ = bench.manager.brk(bench.el1, bench.mm, task: bench.task, va + 0x1000)
    #expect(locked == 1)
  }

  /// A locked stack is locked where it grows, but only the touched page is brought in.
  @Test func stackGrowth() throws {
    try map(100, 2, flags: 0x132)
    #expect(mlock(100, 2) == nil)
    #expect(bench.touch(va + 96 << 12, write: true) == .done(faults: 1))
    #expect(locked == 6)
    #expect(bench.letters(va + 96 << 12, pages: 6) == "a3.2a")
  }

  // MARK: mincore

  private func mincore(_ page: UInt64, _ count: Int) -> [UInt8]? {
    try? bench.manager.mincore(bench.el1, bench.mm, start: va + page << 12, count: count)
  }

  @Test func mincoreTellsWhatIsPresent() throws {
    try map(0, 8)
    _ = bench.touchAll(va, pages: 2, write: true)
    _ = bench.touchAll(va + 0x2000, pages: 2, write: false)
    #expect(mincore(0, 8) == [1, 1, 1, 1, 0, 0, 0, 0])
    try bench.mprotect(va, pages: 8, 0)
    #expect(mincore(0, 8) == [1, 1, 1, 1, 0, 0, 0, 0])
    try bench.madvise(va + 0x1000, pages: 1, Advice.GUARD_INSTALL)
    #expect(mincore(0, 8) == [1, 0, 1, 1, 0, 0, 0, 0])
    // The answer ends with the VMA.
    try bench.munmap(va + 0x3000, pages: 2)
    #expect(mincore(0, 8) == [1, 0, 1])
    #expect(mincore(4, 1) == nil)
    #expect(!bench.el1.holdsAnyLock)
  }
}
