// Owns tests of the huge page pool: reservations by mmap, faults, who gets a page when there are too few, and that no page is lost.
// It does not know programs: the golden files of the oracle cover them. Linux: mm/hugetlb.c; the descriptors are those of arm64's
// pgtable-prot.h.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct HugeTLBTests {
  static let va: UInt64 = 0x1112_0000_0000
  static let huge: UInt64 = 0x20_0000
  static let privateFlags: UInt64 = 0x4_0032
  static let sharedFlags: UInt64 = 0x4_0031
  static let noReserve: UInt64 = 0x4000

  static func bench(pool: UInt64, memory: UInt64 = 64 << 20) throws -> MemoryBench {
    let bench = try MemoryBench(memory: memory)
    bench.manager.setHugePoolSize(bench.el1, pool)
    return bench
  }
  static func map(_ bench: MemoryBench, _ page: UInt64, _ count: UInt64, flags: UInt64 = privateFlags) throws(Errno) {
    #expect(try bench.mmap(va + page * huge, pages: count * 512, flags: flags) == va + page * huge)
  }
  /// Total, free, reserved, surplus.
  static func pool(_ bench: MemoryBench) -> [Int] {
    let pool = bench.manager.state.pool
    return [pool.total, pool.free, pool.reserved, pool.surplus]
  }
  static func problems(_ bench: MemoryBench) -> [String] { bench.manager.checkInvariants(bench.el1) }
  /// The level 2 entry without its address.
  static func block(_ bench: MemoryBench, _ address: UInt64 = va) -> UInt64? {
    bench.walk(address).first { $0.level == 2 }.map { $0.descriptor & ~0x0000_ffff_ffff_f000 }
  }

  // MARK: The pool

  @Test func thePoolTakesPagesFromRAMAndGivesThemBack() throws {
    let bench = try Self.bench(pool: 0)
    let free = bench.manager.state.frames.available
    bench.manager.setHugePoolSize(bench.el1, 5)
    #expect(Self.pool(bench) == [5, 5, 0, 0])
    #expect(bench.manager.state.frames.available == free - 5 * 512)
    #expect(Self.problems(bench).isEmpty)
    // The pool gets as many pages as RAM has room for: 64 MiB hold fewer than 64 of them.
    bench.manager.setHugePoolSize(bench.el1, .max)
    #expect(Self.pool(bench)[0] > 20 && Self.pool(bench)[0] < 32)
    bench.manager.setHugePoolSize(bench.el1, 0)
    #expect(Self.pool(bench) == [0, 0, 0, 0])
    #expect(bench.manager.state.frames.available == free)
    #expect(Self.problems(bench).isEmpty)
  }

  @Test func promisesAreKept() throws {
    let bench = try Self.bench(pool: 3)
    try Self.map(bench, 0, 2)
    #expect(Self.pool(bench) == [3, 3, 2, 0])
    #expect(throws: Errno.ENOMEM) { try Self.map(bench, 8, 2) }
    try Self.map(bench, 8, 2, flags: Self.privateFlags | Self.noReserve)
    #expect(bench.touch(Self.va + 8 * Self.huge, write: true) == .done(faults: 1))
    #expect(bench.touch(Self.va + 9 * Self.huge, write: true) == .failed(.SIGBUS))
    for page in 0..<2 as Range<UInt64> { #expect(bench.store(Self.va + page * Self.huge + 0x1f_fff8, page) == .done(faults: 1)) }
    #expect(Self.pool(bench) == [3, 0, 0, 0])
    #expect(bench.space.hugetlbPages == 3 * 512 && bench.space.residentPages == 0)
    #expect(Self.problems(bench).isEmpty)
    // A page that its owner drops stays reserved for the owner; a page whose mapping is removed is free for others.
    try bench.madvise(Self.va, pages: 512, Advice.DONTNEED)
    #expect(Self.pool(bench) == [3, 1, 1, 0])
    #expect(bench.touch(Self.va + 9 * Self.huge, write: true) == .failed(.SIGBUS))
    #expect(bench.load(Self.va + 0x1f_fff8) == 0)
    try bench.munmap(Self.va, pages: 1024)
    #expect(Self.pool(bench) == [3, 2, 0, 0])
    #expect(bench.touch(Self.va + 9 * Self.huge, write: true) == .done(faults: 1))
    try bench.munmap(Self.va + 8 * Self.huge, pages: 1024)
    #expect(Self.pool(bench) == [3, 3, 0, 0])
    #expect(Self.problems(bench).isEmpty)
  }

  @Test func surplusPagesComeAndGoWithTheirUsers() throws {
    let bench = try Self.bench(pool: 1)
    bench.manager.setHugePoolOvercommit(2)
    try Self.map(bench, 0, 3)
    #expect(Self.pool(bench) == [3, 3, 3, 2])
    #expect(throws: Errno.ENOMEM) { try Self.map(bench, 8, 1) }
    #expect(Self.pool(bench) == [3, 3, 3, 2])
    #expect(bench.touch(Self.va, write: true) == .done(faults: 1))
    #expect(Self.problems(bench).isEmpty)
    try bench.munmap(Self.va, pages: 3 * 512)
    #expect(Self.pool(bench) == [1, 1, 0, 0])
    // If the pool is made smaller, pages in use become surplus; if it is made larger, they become ordinary again.
    bench.manager.setHugePoolOvercommit(0)
    try Self.map(bench, 0, 1)
    bench.manager.setHugePoolSize(bench.el1, 0)
    #expect(Self.pool(bench) == [1, 1, 1, 1])
    bench.manager.setHugePoolSize(bench.el1, 2)
    #expect(Self.pool(bench) == [2, 2, 1, 0])
    #expect(Self.problems(bench).isEmpty)
  }

  // MARK: Faults

  /// A read maps the page read-only, so the first write takes another fault. A write makes the page dirty and writable at once.
  @Test func privateFaults() throws {
    let bench = try Self.bench(pool: 2)
    try Self.map(bench, 0, 2)
    #expect(bench.touch(Self.va + 0x5000, write: false) == .done(faults: 1))
    #expect(Self.block(bench) == 0x0060_0000_0000_0fc1)
    #expect(bench.touch(Self.va + 0x1f_f000, write: false) == .done(faults: 0))
    #expect(bench.touch(Self.va + 0x6000, write: true) == .done(faults: 1))
    #expect(Self.block(bench) == 0x00e8_0000_0000_0f41)
    #expect(bench.touch(Self.va + Self.huge, write: true) == .done(faults: 1))
    #expect(Self.block(bench, Self.va + Self.huge) == 0x00e8_0000_0000_0f41)
    #expect(bench.faults == TaskFaults(minor: 3, major: 0))
    // There are only the tables of levels 1 and 2: no table is kept for a split.
    #expect(bench.space.pageTables == 2)
  }

  @Test func sharedFaultsMapWritableAtOnce() throws {
    let bench = try Self.bench(pool: 1)
    try Self.map(bench, 0, 1, flags: Self.sharedFlags)
    #expect(bench.touch(Self.va, write: false) == .done(faults: 1))
    #expect(bench.touch(Self.va, write: true) == .done(faults: 0))
    // The file keeps the page, so a second mapping finds it.
    #expect(bench.store(Self.va + 8, 77) == .done(faults: 0))
    try bench.madvise(Self.va, pages: 512, Advice.DONTNEED)
    #expect(Self.pool(bench) == [1, 0, 0, 0])
    #expect(bench.load(Self.va + 8) == 77)
    #expect(Self.problems(bench).isEmpty)
    try bench.munmap(Self.va, pages: 512)
    #expect(Self.pool(bench) == [1, 1, 0, 0])
  }

  /// A page that returned to the pool does not show its old contents to the next user.
  @Test func pagesAreClearedForTheNextUser() throws {
    let bench = try Self.bench(pool: 1)
    try Self.map(bench, 0, 1)
    for page in 0..<512 as Range<UInt64> { _ = bench.store(Self.va + page << 12, 0xdead) }
    try bench.munmap(Self.va, pages: 512)
    try Self.map(bench, 4, 1)
    for page in 0..<512 as Range<UInt64> { #expect(bench.load(Self.va + 4 * Self.huge + page << 12) == 0) }
  }

  // MARK: Fork

  @Test func forkCopiesOnWriteWhileThereArePages() throws {
    let bench = try Self.bench(pool: 2)
    try Self.map(bench, 0, 1)
    #expect(bench.store(Self.va, 5) == .done(faults: 1))
    let parent = bench.mm
    let child = try bench.manager.fork(bench.el1, parent)
    #expect(Self.problems(bench).isEmpty)
    bench.enter(child)
    #expect(bench.load(Self.va) == 5)
    #expect(bench.store(Self.va, 6) == .done(faults: 1))
    #expect(Self.pool(bench) == [2, 0, 0, 0])
    bench.enter(parent)
    #expect(bench.store(Self.va + 8, 1) == .done(faults: 1))
    #expect(bench.load(Self.va) == 5)
    #expect(Self.problems(bench).isEmpty)
    bench.manager.destroyMM(bench.el1, child)
    // Nothing is reserved for the child, so its page is free for others.
    #expect(Self.pool(bench) == [2, 1, 0, 0])
    #expect(Self.problems(bench).isEmpty)
  }

  /// The child gets no page. The owner takes the only one, and the child must then not see zeroes in its place.
  @Test func theOwnerOfAPromiseTakesThePageFromItsChild() throws {
    let bench = try Self.bench(pool: 1)
    try Self.map(bench, 0, 1)
    #expect(bench.store(Self.va, 5) == .done(faults: 1))
    let parent = bench.mm
    let child = try bench.manager.fork(bench.el1, parent)
    bench.enter(child)
    #expect(bench.touch(Self.va, write: true) == .failed(.SIGBUS))
    #expect(bench.load(Self.va) == 5)
    bench.enter(parent)
    #expect(bench.store(Self.va, 6) == .done(faults: 1))
    #expect(Self.problems(bench).isEmpty)
    bench.enter(child)
    #expect(bench.touch(Self.va, write: false) == .failed(.SIGBUS))
    bench.enter(parent)
    bench.manager.destroyMM(bench.el1, child)
    #expect(bench.load(Self.va) == 6)
    try bench.munmap(Self.va, pages: 512)
    #expect(Self.pool(bench) == [1, 1, 0, 0])
    #expect(Self.problems(bench).isEmpty)
  }

  @Test func aChildFaultsSharedPagesInAnew() throws {
    let bench = try Self.bench(pool: 1)
    try Self.map(bench, 0, 1, flags: Self.sharedFlags)
    #expect(bench.store(Self.va, 5) == .done(faults: 1))
    let parent = bench.mm
    bench.enter(try bench.manager.fork(bench.el1, parent))
    #expect(bench.store(Self.va + 8, 6) == .done(faults: 1))
    #expect(bench.load(Self.va) == 5)
    #expect(Self.problems(bench).isEmpty)
    bench.manager.destroyMM(bench.el1, parent)
    #expect(Self.pool(bench) == [1, 0, 0, 0])
    #expect(bench.load(Self.va + 8) == 6)
    #expect(Self.problems(bench).isEmpty)
  }

  // MARK: Mappings

  @Test func noHugePageIsCut() throws {
    let bench = try Self.bench(pool: 4)
    #expect(throws: Errno.EINVAL) { try bench.mmap(Self.va + 0x1000, pages: 512, flags: Self.privateFlags) }
    try Self.map(bench, 0, 3)
    #expect(throws: Errno.EINVAL) { try bench.munmap(Self.va, pages: 1) }
    #expect(throws: Errno.EINVAL) { try bench.munmap(Self.va + 0x1000, pages: 512) }
    #expect(throws: Errno.EINVAL) { try bench.mprotect(Self.va, pages: 513, 1) }
    #expect(throws: Errno.EINVAL) { try bench.mmap(Self.va + 0x1000, pages: 1) }
    #expect(throws: Errno.EINVAL) { try bench.madvise(Self.va, pages: 1, Advice.DONTFORK) }
    #expect(bench.space.vmas.map { [$0.start, $0.end] } == [[Self.va, Self.va + 3 * Self.huge]])
    // A length is rounded up to whole pages, and a hint is moved up to one.
    #expect(try bench.mmap(Self.va + 16 * Self.huge + 0x1000, pages: 1, flags: Self.privateFlags & ~0x10) == Self.va + 17 * Self.huge)
    #expect(bench.space.vmas.last.map { $0.end - $0.start } == Self.huge)
    #expect(Self.pool(bench) == [4, 4, 4, 0])
    try bench.munmap(Self.va + Self.huge, pages: 512)
    #expect(Self.pool(bench) == [4, 4, 3, 0])
    #expect(Self.problems(bench).isEmpty)
  }

  @Test func pageSizesAreThoseOfArm64() throws {
    let bench = try Self.bench(pool: 0)
    func size(_ log: UInt64) -> Result<UInt64, Errno> {
      Result { () throws(Errno) in
        let start = try bench.mmap(0, pages: 1, flags: 0x4_0022 | Self.noReserve | log << 26)
        return bench.manager.hugetlbPageSize(bench.manager.vma(bench.mm, containing: start)!)
      }
    }
    #expect(size(0) == .success(2 << 20))
    #expect(size(16) == .success(64 << 10))
    #expect(size(21) == .success(2 << 20))
    #expect(size(25) == .success(32 << 20))
    #expect(size(30) == .success(1 << 30))
    for log in [1, 12, 14, 20, 22, 29, 34, 63] as [UInt64] { #expect(size(log) == .failure(.EINVAL)) }
    #expect(throws: Errno.ENOMEM) { try bench.mmap(0, pages: 1, flags: 0x4_0022 | 16 << 26) }
    for vma in bench.space.vmas { #expect(bench.touch(vma.start, write: true) == .failed(.SIGBUS)) }
  }

  /// After a lesser protection was taken back, each page takes a fault at its next write.
  @Test func aProtectionTakenBackCostsAFaultAPage() throws {
    let bench = try Self.bench(pool: 2)
    try Self.map(bench, 0, 2)
    #expect(bench.store(Self.va, 9) == .done(faults: 1))
    try bench.mprotect(Self.va, pages: 512, 1)
    #expect(Self.block(bench) == 0x00e0_0000_0000_0fc1)
    #expect(bench.touch(Self.va, write: true) == .denied)
    try bench.mprotect(Self.va, pages: 512, 0)
    #expect(Self.block(bench) == 0x00e0_0000_0000_0f80)
    try bench.mprotect(Self.va, pages: 512, 3)
    #expect(Self.block(bench) == 0x00e0_0000_0000_0fc1)
    #expect(bench.touch(Self.va, write: false) == .done(faults: 0))
    #expect(bench.touch(Self.va, write: true) == .done(faults: 1))
    #expect(bench.load(Self.va) == 9)
    // They stay separate VMAs.
    #expect(bench.space.vmas.count == 2)
    #expect(Self.problems(bench).isEmpty)
  }

  @Test func movesTakePagesAndPromisesAlong() throws {
    let bench = try Self.bench(pool: 3)
    try Self.map(bench, 0, 3)
    #expect(bench.store(Self.va + Self.huge, 21) == .done(faults: 1))
    let target = Self.va + 8 * Self.huge
    #expect(try bench.mremap(Self.va + Self.huge, pages: 1024, to: 1024, flags: 3, at: target) == target)
    #expect(Self.pool(bench) == [3, 2, 2, 0])
    #expect(bench.load(target) == 21)
    #expect(bench.store(target + Self.huge, 22) == .done(faults: 1))
    #expect(bench.store(Self.va, 20) == .done(faults: 1))
    #expect(Self.pool(bench) == [3, 0, 0, 0])
    #expect(Self.problems(bench).isEmpty)
    #expect(throws: Errno.EINVAL) { try bench.mremap(Self.va, pages: 512, to: 1024, flags: 1) }
    #expect(throws: Errno.EINVAL) { try bench.mremap(Self.va, pages: 512, to: 512, flags: 3, at: target + 4 * Self.huge + 0x1000) }
    #expect(throws: Errno.EINVAL) { try bench.mremap(Self.va, pages: 512, to: 512, flags: 7, at: target + 4 * Self.huge) }
    try bench.munmap(Self.va, pages: 512)
    try bench.munmap(target, pages: 1024)
    #expect(Self.pool(bench) == [3, 3, 0, 0])
    #expect(Self.problems(bench).isEmpty)
  }

  // MARK: Files

  @Test func filesKeepTheirPagesUntilTheyAreCut() throws {
    let bench = try Self.bench(pool: 4)
    let (manager, el1) = (bench.manager, bench.el1)
    let file = try manager.createHugetlbFile(name: Array("/memfd:huge (deleted)".utf8), sizeBits: 0)
    #expect(throws: Errno.ENODEV) { try manager.createHugetlbFile(name: [], sizeBits: 13) }
    #expect(throws: Errno.EINVAL) { try manager.truncateFile(el1, file, size: 0x1000) }
    // A writable mapping extends the file to the mapping's end.
    _ = try bench.mmap(Self.va, pages: 1024, flags: 0x11, file: MappedFile(id: file, offset: 0, isReadable: true, isWritable: true))
    #expect(manager.state.files[file].size == 2 * Self.huge)
    for page in 0..<2 as Range<UInt64> { #expect(bench.store(Self.va + page * Self.huge + 16, 40 + page) == .done(faults: 1)) }
    // A private mapping reads the file's page, and copies it when it is written.
    let copy = Self.va + 8 * Self.huge
    _ = try bench.mmap(copy, pages: 512, flags: 0x12, file: MappedFile(id: file, offset: 0, isReadable: true, isWritable: true))
    #expect(bench.load(copy + 16) == 40)
    #expect(bench.store(copy + 16, 99) == .done(faults: 1))
    #expect(bench.load(Self.va + 16) == 40)
    #expect(Self.pool(bench) == [4, 1, 0, 0])
    #expect(Self.problems(bench).isEmpty)
    #expect(try manager.readFile(el1, file, offset: Self.huge + 15, count: 4) == [0, 41, 0, 0])
    #expect(throws: Errno.EINVAL) { try manager.writeFile(el1, file, offset: 0, [1, 1, 1, 1]) }
    // A hole also removes the private copy, and the copy's page is reserved again.
    try manager.punchHole(el1, file, offset: 0, length: Self.huge)
    #expect(Self.pool(bench) == [4, 3, 1, 0])
    #expect(bench.load(copy + 16) == 0)
    try manager.allocateFile(el1, file, offset: 0, length: 3 * Self.huge, keepsSize: false)
    #expect(manager.state.files[file].size == 3 * Self.huge)
    #expect(Self.problems(bench).isEmpty)
    try manager.truncateFile(el1, file, size: Self.huge)
    #expect(bench.touch(Self.va + Self.huge, write: false) == .failed(.SIGBUS))
    #expect(bench.touch(Self.va, write: true) == .done(faults: 1))
    #expect(Self.problems(bench).isEmpty)
    manager.releaseFile(el1, file)
    try bench.munmap(Self.va, pages: 1024)
    try bench.munmap(copy, pages: 512)
    #expect(Self.pool(bench) == [4, 4, 0, 0])
    #expect(manager.state.files.ids.isEmpty)
    #expect(Self.problems(bench).isEmpty)
  }

  // MARK: Many steps

  /// Random steps of all kinds, by seed: the counts agree after each, and at the end all pages are back in the pool.
  @Test(arguments: [1, 2, 3] as [UInt64]) func nothingIsLost(_ seed: UInt64) throws {
    let bench = try Self.bench(pool: 6)
    var random = SeededRandom(seed: seed)
    func below(_ limit: UInt64) -> UInt64 { random.below(limit) }
    var spaces = [bench.mm]
    for step in 0..<600 {
      let page = Self.va + below(12) * Self.huge
      let count = (1 + below(3)) * 512
      switch below(16) {
      case 0, 1: _ = try? bench.mmap(page, pages: count, flags: below(2) == 0 ? Self.privateFlags : Self.sharedFlags)
      case 2: _ = try? bench.mmap(page, pages: count, flags: Self.privateFlags | Self.noReserve)
      case 3: _ = try? bench.mmap(page, pages: count, flags: Self.sharedFlags | Self.noReserve)
      case 4: try? bench.munmap(page, pages: count)
      case 5: try? bench.madvise(page, pages: count, below(2) == 0 ? Advice.DONTNEED : Advice.REMOVE)
      case 6: try? bench.mprotect(page, pages: count, below(4))
      case 7: _ = try? bench.mremap(page, pages: count, to: count, flags: 3, at: Self.va + below(12) * Self.huge)
      case 8:
        if spaces.count < 4 { spaces.append(try bench.manager.fork(bench.el1, bench.mm)) }
      case 9:
        let other = spaces[Int(below(UInt64(spaces.count)))]
        if spaces.count > 2 && other != bench.mm {
          bench.manager.destroyMM(bench.el1, other)
          spaces.removeAll { $0 == other }
        }
      case 10: bench.enter(spaces[Int(below(UInt64(spaces.count)))])
      case 11: bench.manager.setHugePoolSize(bench.el1, below(9))
      case 12: bench.manager.setHugePoolOvercommit(below(4))
      default: _ = bench.touch(page + below(512) << 12, write: below(2) == 0)
      }
      let problems = Self.problems(bench)
      #expect(problems.isEmpty, "step \(step)")
      if !problems.isEmpty { return }
    }
    for space in spaces where space != bench.mm { bench.manager.destroyMM(bench.el1, space) }
    try bench.munmap(0, pages: 1 << 36)
    bench.manager.setHugePoolSize(bench.el1, 4)
    #expect(Self.pool(bench) == [4, 4, 0, 0])
    #expect(bench.manager.state.files.ids.isEmpty)
    #expect(Self.problems(bench).isEmpty)
  }
}
