// Owns tests of faults on files and their counts: shared and private, memory files, regular files and files of the host.
// It does not know fault-around.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct FileFaultTests {
  private static let va: UInt64 = 0x4000_0000

  /// One page in each state under a read, a write, and a write after a read (as by an atomic), with the minor and major faults that
  /// real kernels counted. Columns: kind, shared, present before, then the three counts.
  @Test(
    arguments: [
      (.shmem, true, false, [1, 0], [1, 0], [0, 0]), (.shmem, true, true, [1, 0], [1, 0], [0, 0]),
      (.shmem, false, false, [1, 0], [1, 0], [1, 0]), (.shmem, false, true, [1, 0], [1, 0], [1, 0]),
      (.host(-1), true, false, [0, 1], [0, 1], [1, 0]), (.host(-1), true, true, [1, 0], [1, 0], [1, 0]),
      (.host(-1), false, false, [0, 1], [0, 1], [1, 0]), (.host(-1), false, true, [1, 0], [1, 0], [1, 0]),
    ] as [(BackingFile.Kind, Bool, Bool, [UInt64], [UInt64], [UInt64])])
  func counts(
    kind: BackingFile.Kind, shared: Bool, present: Bool, read: [UInt64], write: [UInt64], writeAfterRead: [UInt64]
  ) throws {
    for profile in KernelProfile.all {
      let bench = try MemoryBench(profile: profile)
      let free = bench.manager.state.frames.available
      for isWrite in [false, true] {
        let file = bench.file(kind, pages: 1)
        if present { bench.fill(file, [0]) }
        try bench.map(file, at: Self.va, pages: 1, shared: shared)
        #expect(bench.count(Self.va, write: isWrite) == (isWrite ? write : read))
        // Newer kernels map a page that was written through its file dirty, if it is writable.
        let isDirty = profile.mapsDirtyPagesDirty && kind == .shmem && shared && present
        let clean: UInt64 = isDirty ? 0x00e8_0000_0000_0f43 : kind == .shmem && shared ? 0x0068_0000_0000_0fc3 : 0x0060_0000_0000_0fc3
        let output = PageTableEntry.Bits.output
        #expect(bench.descriptor(Self.va)! & ~output == (isWrite ? 0x00e8_0000_0000_0f43 : clean))
        if !isWrite {
          #expect(bench.count(Self.va, write: true) == writeAfterRead)
          let isByHardware = kind == .shmem && shared && !isDirty
          #expect(bench.descriptor(Self.va)! & ~output == (isByHardware ? 0x0068_0000_0000_0f43 : 0x00e8_0000_0000_0f43))
        }
        #expect(bench.mapped(Self.va, 1) == (shared ? "F" : "A"))
        #expect(bench.count(Self.va, write: true) == [0, 0])
        let resident = bench.space.resident
        #expect(
          resident
            == ResidentPages(anonymous: shared ? 0 : 1, file: shared && kind != .shmem ? 1 : 0, shmem: shared && kind == .shmem ? 1 : 0))
        #expect(bench.manager.state.files[file].pages.count == 1)
        try bench.munmap(Self.va, pages: 1)
        #expect(bench.space.resident == ResidentPages())
        bench.manager.releaseFile(bench.el1, file)
        #expect(!bench.el1.holdsAnyLock)
      }
      #expect(bench.manager.state.files.ids.isEmpty)
      #expect(bench.manager.state.frames.available == free)
    }
  }

  /// Without hardware dirty state, the first write to a clean page of a memory file takes a fault that sets it.
  @Test func softwareDirties() throws {
    var features = ProcessorFeatures()
    features.hardwareUpdate = .accessFlag
    let bench = try MemoryBench(features: features)
    let file = bench.file(pages: 1)
    try bench.map(file, at: Self.va, pages: 1, shared: true)
    #expect(bench.count(Self.va, write: false) == [1, 0])
    #expect(bench.count(Self.va, write: true) == [1, 0])
    #expect(bench.descriptor(Self.va)! & ~PageTableEntry.Bits.output == 0x00e8_0000_0000_0f43)
    #expect(bench.statistics.reuses == 0)
  }

  /// mprotect to read-only and back: a memory file's page is then written without a fault, a regular file's with one unless it is
  /// dirty.
  @Test(arguments: [(.shmem, [0, 0]), (.host(-1), [1, 0])] as [(BackingFile.Kind, [UInt64])])
  func mprotectThereAndBack(kind: BackingFile.Kind, clean: [UInt64]) throws {
    let bench = try MemoryBench()
    let file = bench.file(kind, pages: 2)
    bench.fill(file, 0..<2)
    try bench.map(file, at: Self.va, pages: 2, shared: true)
    #expect(bench.count(Self.va, write: false) == [1, 0])
    _ = bench.touch(Self.va + 0x1000, write: true)
    try bench.mprotect(Self.va, pages: 2, 1)
    #expect(bench.touch(Self.va, write: true) == .denied)
    #expect(bench.touch(Self.va + 0x1000, write: true) == .denied)
    try bench.mprotect(Self.va, pages: 2, 3)
    #expect(bench.count(Self.va + 0x1000, write: true) == [0, 0])
    #expect(bench.count(Self.va, write: true) == clean)
  }

  /// Reads of host files: the first miss reads 32 pages around it. A hit on the page that ends the first three quarters of the
  /// window reads the next window. Each page is read once.
  @Test func hostFilesAreReadAround() throws {
    let bench = try MemoryBench()
    let source = PatternSource()
    bench.manager.pageSource = source
    let file = bench.file(.host(5), pages: 200)
    try bench.map(file, at: Self.va, pages: 200, 1, shared: false)
    #expect(bench.count(Self.va + 50 << 12, write: false) == [0, 1])
    #expect(source.reads == Array(34..<66))
    // The faulting page's slot is 48..<64. Page 58 marks the next window, and is left out.
    #expect(bench.mapped(Self.va + 48 << 12, 16) == "FFFFFFFFFF.FFFFF")
    #expect(bench.load(Self.va + 50 << 12)!.littleEndianBytes == (0..<8).map { PatternSource.byte(5, 50 << 12 + $0) })
    #expect(bench.count(Self.va + 40 << 12, write: false) == [1, 0])
    #expect(source.reads.count == 32)
    #expect(bench.count(Self.va + 58 << 12, write: false) == [1, 0])
    #expect(source.reads == Array(34..<98))
    #expect(bench.count(Self.va + 90 << 12, write: false) == [1, 0])
    #expect(bench.count(Self.va + 199 << 12, write: true) == [])
    #expect(bench.count(Self.va + 199 << 12, write: false) == [0, 1])
    #expect(source.reads == Array(34..<98) + Array(183..<200))
    #expect(!bench.el1.holdsAnyLock)
  }

  /// MADV_RANDOM: only the requested page is read.
  @Test func randomReadsComeAlone() throws {
    let bench = try MemoryBench()
    let source = PatternSource()
    bench.manager.pageSource = source
    let file = bench.file(.host(1), pages: 64)
    try bench.map(file, at: Self.va, pages: 64, 1, shared: true)
    try bench.madvise(Self.va, pages: 64, 1)
    for page in [3, 40, 4] as [UInt64] { #expect(bench.count(Self.va + page << 12, write: false) == [0, 1]) }
    #expect(source.reads == [3, 40, 4])
    try bench.madvise(Self.va + 8 << 12, pages: 4, 3)
    #expect(source.reads == [3, 40, 4, 8, 9, 10, 11])
    #expect(bench.manager.isCached(bench.el1, file, 9))
    #expect(!bench.manager.isCached(bench.el1, file, 12))
    #expect(bench.count(Self.va + 9 << 12, write: false) == [1, 0])
  }

  /// After a hundred more misses than hits, reading around stops.
  @Test func manyMissesEndReadingAround() throws {
    let bench = try MemoryBench(memory: 64 << 20)
    let source = PatternSource()
    bench.manager.pageSource = source
    let file = bench.file(.host(1), pages: 102 * 64)
    try bench.map(file, at: Self.va, pages: 102 * 64, shared: false)
    // The pages that a read maps around itself would count as hits; a write maps one page.
    for n in 0..<100 as Range<UInt64> { #expect(bench.count(Self.va + (n * 64) << 12, write: true) == [0, 1]) }
    #expect(source.reads.count == 3200)
    #expect(bench.count(Self.va + (100 * 64) << 12, write: true) == [0, 1])
    #expect(source.reads.count == 3201)
  }

  /// A truncated host file never shows the host's bytes behind the smallest size that it had.
  @Test func hostBytesEndAtTheSmallestSize() throws {
    let bench = try MemoryBench()
    bench.manager.pageSource = PatternSource()
    let file = bench.file(.host(3), pages: 4)
    try bench.manager.truncateFile(bench.el1, file, size: 0x1800)
    try bench.manager.truncateFile(bench.el1, file, size: 0x4000)
    let bytes = bench.read(file, 0, 0x5000)
    #expect(bytes.count == 0x4000)
    #expect(bytes == (0..<0x4000).map { $0 < 0x1800 ? PatternSource.byte(3, $0) : 0 })
  }

  /// RAM or a tmpfs is full, in faults and in calls: OOM, SIGBUS, ENOMEM, ENOSPC. All memory is given back.
  @Test func memoryEnds() throws {
    let bench = try MemoryBench(memory: 2 << 20)
    let free = bench.manager.state.frames.available
    let limit = UInt64(bench.manager.tmpfsLimit)
    let quota = bench.manager.makeQuota(limit: Int(limit))
    let file = bench.file(pages: 4096, quota: quota)
    try bench.map(file, at: Self.va, pages: 4096, shared: true)
    for page in 0..<limit - 1 { #expect(bench.touch(Self.va + page << 12, write: true) == .done(faults: 1)) }
    #expect(try bench.write(file, (limit - 1) << 12, [UInt8](repeating: 1, count: 8192)) == 4096)
    #expect(throws: Errno.ENOSPC) { try bench.write(file, limit << 12, [1]) }
    #expect(bench.touch(Self.va + limit << 12, write: true) == .failed(.SIGBUS))
    #expect(throws: Errno.ENOSPC) { try bench.manager.allocateFile(bench.el1, file, offset: limit << 12, length: 1, keepsSize: true) }
    // A memfd may have the rest.
    let other = bench.file(pages: 4096)
    try bench.map(other, at: Self.va + 8192 << 12, pages: 4096, shared: true)
    var page: UInt64 = 0
    while case .done = bench.touch(Self.va + (8192 + page) << 12, write: true) { page += 1 }
    #expect(page > 100)
    #expect(bench.touch(Self.va + (8192 + page) << 12, write: false) == .failed(.OOM))
    #expect(throws: Errno.ENOMEM) { try bench.write(other, page << 12, [1]) }
    #expect(throws: Errno.ENOMEM) { try bench.manager.allocateFile(bench.el1, other, offset: 0, length: 4096 << 12, keepsSize: true) }
    let host = bench.file(.host(2), pages: 2)
    bench.manager.pageSource = PatternSource()
    #expect(bench.read(host, 0, 5) == [])
    try bench.map(host, at: 0x1000_0000, pages: 2, 1, shared: false)
    #expect(bench.touch(0x1000_0000, write: false) == .failed(.OOM))
    #expect(!bench.el1.holdsAnyLock)
    #expect(bench.manager.state.quotas[quota].used == Int(limit))
    // With room again, the same accesses work.
    try bench.manager.truncateFile(bench.el1, file, size: 0x1000)
    #expect(bench.manager.state.quotas[quota].used == 1)
    #expect(bench.touch(0x1000_0000, write: false) == .done(faults: 1))
    try bench.munmap(0, pages: 1 << 36)
    for id in [file, other, host] { bench.manager.releaseFile(bench.el1, id) }
    #expect(bench.manager.state.quotas[quota].used == 0)
    #expect(bench.manager.state.frames.available == free)
  }
}

extension UInt64 {
  fileprivate var littleEndianBytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) } }
}
