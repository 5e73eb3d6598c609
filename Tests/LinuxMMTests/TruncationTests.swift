// Owns tests of sizes and holes of files under mappings, of seals, and of the answers of msync and MADV_REMOVE.
// It does not know descriptors.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct TruncationTests {
  private static let shared: UInt64 = 0x4000_0000
  private static let clean: UInt64 = 0x4100_0000
  private static let copied: UInt64 = 0x4200_0000

  /// A file of eight pages that is mapped three times: shared, private and read, private and written.
  private func mappedThrice(_ kind: BackingFile.Kind = .shmem) throws -> (MemoryBench, FileID) {
    let bench = try MemoryBench()
    let file = bench.file(kind, pages: 8)
    bench.fill(file, 0..<8)
    try bench.map(file, at: Self.shared, pages: 8, shared: true)
    try bench.map(file, at: Self.clean, pages: 8, shared: false)
    try bench.map(file, at: Self.copied, pages: 8, shared: false)
    _ = bench.touch(Self.shared, write: false)
    _ = bench.touch(Self.clean, write: false)
    for page in 0..<8 as Range<UInt64> { #expect(bench.touch(Self.copied + page << 12, write: true) == .done(faults: 1)) }
    return (bench, file)
  }
  private func mapped(_ bench: MemoryBench) -> [String] {
    [Self.shared, Self.clean, Self.copied].map { bench.mapped($0, 8) }
  }
  private func values(_ bench: MemoryBench, _ va: UInt64) -> [UInt64?] { [1, 3, 5].map { bench.load(va + $0 << 12 + 8) } }

  @Test(arguments: [.shmem, .host(-1)] as [BackingFile.Kind]) func truncationTakesCopiesToo(kind: BackingFile.Kind) throws {
    let (bench, file) = try mappedThrice(kind)
    for va in [Self.shared, Self.clean] { #expect(bench.cachedPages(va, va + 0x8000).count == 1) }
    try bench.manager.truncateFile(bench.el1, file, size: 0x3008)
    #expect(mapped(bench) == ["FFFF....", "FFFF....", "AAAA...."])
    #expect(bench.cachedPages(Self.copied + 0x4000, Self.copied + 0x8000).isEmpty)
    #expect(values(bench, Self.shared) == [2, 0, nil])
    #expect(values(bench, Self.clean) == [2, 0, nil])
    #expect(values(bench, Self.copied) == [2, 4, nil])
    #expect(bench.touch(Self.copied + 0x4000, write: true) == .failed(.SIGBUS))
    try bench.manager.truncateFile(bench.el1, file, size: 0x8000)
    #expect(values(bench, Self.shared) == [2, 0, 0])
    #expect(values(bench, Self.copied) == [2, 4, 0])
    #expect(bench.manager.state.files[file].pages.count == 5)
  }

  @Test func holesLeaveCopies() throws {
    let (bench, file) = try mappedThrice()
    try bench.manager.punchHole(bench.el1, file, offset: 0x2000, length: 0x3000)
    #expect(mapped(bench) == ["FF...FFF", "FF...FFF", "AAAAAAAA"])
    #expect(values(bench, Self.shared) == [2, 0, 6])
    #expect(values(bench, Self.copied) == [2, 4, 6])
    #expect(bench.manager.state.files[file].pages.count == 6)
    // Parts of pages are cleared in place, between whole pages that are removed, or inside one page.
    try bench.manager.punchHole(bench.el1, file, offset: 0x5004, length: 0x2008)
    #expect(mapped(bench)[0] == "FF.F.F.F")
    #expect(bench.read(file, 0x5000, 16) == [UInt8](repeating: 0, count: 16))
    #expect(bench.read(file, 0x7000, 16) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    _ = try bench.write(file, 0, Array(1...16))
    try bench.manager.punchHole(bench.el1, file, offset: 3, length: 9)
    #expect(bench.read(file, 0, 16) == [1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13, 14, 15, 16])
    try bench.manager.punchHole(bench.el1, file, offset: 0x1008, length: .max)
    #expect(bench.load(Self.shared + 0x1008) == 0)
    #expect(bench.manager.state.files[file].size == 0x8000)
    #expect(bench.manager.state.files[file].pages.count == 2)
  }

  @Test func regularFilesHaveNoHoles() throws {
    let (bench, file) = try mappedThrice(.host(-1))
    #expect(throws: Errno.EOPNOTSUPP) { try bench.manager.punchHole(bench.el1, file, offset: 0, length: 1) }
    #expect(throws: Errno.EOPNOTSUPP) { try bench.manager.allocateFile(bench.el1, file, offset: 0, length: 1, keepsSize: false) }
    #expect(throws: Errno.EOPNOTSUPP) { try bench.madvise(Self.shared, pages: 1, 9) }
  }

  @Test func REMOVE() throws {
    let (bench, file) = try mappedThrice()
    try bench.madvise(Self.shared + 0x2000, pages: 3, 9)
    #expect(mapped(bench) == ["FF...FFF", "FF...FFF", "AAAAAAAA"])
    #expect(throws: Errno.EACCES) { try bench.madvise(Self.clean, pages: 1, 9) }
    _ = try bench.mmap(0x5000_0000, pages: 1)
    #expect(throws: Errno.EINVAL) { try bench.madvise(0x5000_0000, pages: 1, 9) }
    // Shared and opened read-only, so it cannot be written.
    try bench.map(file, at: 0x5100_0000, pages: 1, 1, shared: true, writable: false)
    #expect(throws: Errno.EACCES) { try bench.madvise(0x5100_0000, pages: 1, 9) }
    #expect(throws: Errno.EACCES) { try bench.mprotect(0x5100_0000, pages: 1, 3) }
  }

  @Test func allocationAheadIsAllOrNothing() throws {
    let bench = try MemoryBench(memory: 1 << 20)
    let file = bench.file(pages: 1)
    bench.fill(file, [0])
    let free = bench.manager.state.frames.available
    #expect(throws: Errno.ENOMEM) { try bench.manager.allocateFile(bench.el1, file, offset: 0, length: 1 << 30, keepsSize: false) }
    #expect(bench.manager.state.frames.available == free)
    #expect(bench.manager.state.files[file].pages.count == 1)
    #expect(bench.manager.state.files[file].size == 0x1000)
    try bench.manager.allocateFile(bench.el1, file, offset: 0xfff, length: 0x2002, keepsSize: true)
    #expect(bench.manager.state.files[file].pages.count == 4)
    #expect(bench.manager.state.files[file].size == 0x1000)
    try bench.manager.allocateFile(bench.el1, file, offset: 0xfff, length: 0x2002, keepsSize: false)
    #expect(bench.manager.state.files[file].size == 0x3001)
    for (offset, length) in [(UInt64.max, 1), (1 << 63, 1), (0, .max)] as [(UInt64, UInt64)] {
      #expect(throws: Errno.EFBIG) { try bench.manager.allocateFile(bench.el1, file, offset: offset, length: length, keepsSize: false) }
    }
    #expect(throws: Errno.EFBIG) { try bench.manager.truncateFile(bench.el1, file, size: 1 << 63) }
    #expect(throws: Errno.EFBIG) { try bench.write(file, 0x7fff_ffff_ffff_ffff, [1]) }
    #expect(try bench.write(file, 0x7fff_ffff_ffff_fffe, [1, 2]) == 1)
    #expect(bench.manager.state.files[file].size == 0x7fff_ffff_ffff_ffff)
    try bench.manager.truncateFile(bench.el1, file, size: 0)
    #expect(bench.manager.state.frames.available == free + 1)
  }

  /// The answers of real kernels, by seal: mmap shared writable, shared read-only, private; mprotect of the second to writable;
  /// write, append, punch, allocate to grow, truncate up, truncate down, another seal; and the seals at the end.
  @Test(
    arguments: [
      (0, "+ + + + + + + + + + +", 2), (2, "+ + + + + + + + + P +", 2), (4, "+ + + + + P + P P + +", 6),
      (8, "P + + A P P P + + + +", 10), (16, "P + + A P P P + + + +", 18), (1, "+ + + + + + + + + + P", 1),
      (32, "P + + A P P P P P P +", 62), (15, "P + + A P P P P P P P", 15),
    ] as [(UInt32, String, UInt32)])
  func seals(seal: UInt32, expected: String, last: UInt32) throws {
    let bench = try MemoryBench()
    let manager = bench.manager
    let file = bench.file(pages: 4)
    bench.fill(file, 0..<4)
    manager.setSeals(file, [])
    try manager.addSeals(file, seal, isWritable: true, isExecutable: true)
    var outcomes: [String] = []
    func attempt(_ body: () throws -> Void) {
      do {
        try body()
        outcomes.append("+")
      } catch { outcomes.append((error as! Errno) == .EPERM ? "P" : (error as! Errno) == .EACCES ? "A" : "?") }
    }
    attempt {
      try bench.map(file, at: Self.shared, pages: 1, shared: true)
      try bench.munmap(Self.shared, pages: 1)
    }
    attempt { try bench.map(file, at: Self.clean, pages: 1, 1, shared: true) }
    attempt { try bench.map(file, at: Self.copied, pages: 1, shared: false) }
    attempt { try bench.mprotect(Self.clean, pages: 1, 3) }
    attempt { _ = try bench.write(file, 0, [1]) }
    attempt { _ = try bench.write(file, 0x4000, [1]) }
    attempt { try manager.punchHole(bench.el1, file, offset: 0, length: 0x1000) }
    attempt { try manager.allocateFile(bench.el1, file, offset: 0, length: 0x9000, keepsSize: false) }
    attempt { try manager.truncateFile(bench.el1, file, size: 0xa000) }
    attempt { try manager.truncateFile(bench.el1, file, size: 0x1000) }
    attempt { try manager.addSeals(file, 2, isWritable: true, isExecutable: true) }
    #expect(outcomes.joined(separator: " ") == expected)
    #expect(try manager.seals(file).rawValue == last)
  }

  @Test func moreSeals() throws {
    let bench = try MemoryBench()
    let manager = bench.manager
    let file = bench.file(pages: 1)
    #expect(try manager.seals(file) == .SEAL)
    #expect(throws: Errno.EPERM) { try manager.addSeals(file, 8, isWritable: true, isExecutable: false) }
    manager.setSeals(file, [])
    #expect(throws: Errno.EPERM) { try manager.addSeals(file, 8, isWritable: false, isExecutable: false) }
    #expect(throws: Errno.EINVAL) { try manager.addSeals(file, 0x100, isWritable: true, isExecutable: false) }
    try bench.map(file, at: Self.shared, pages: 1, shared: true)
    #expect(throws: Errno.EBUSY) { try manager.addSeals(file, 8, isWritable: true, isExecutable: false) }
    try manager.addSeals(file, 16, isWritable: true, isExecutable: false)
    #expect(bench.store(Self.shared, 1) == .done(faults: 1))
    try bench.mprotect(Self.shared, pages: 1, 1)
    try bench.mprotect(Self.shared, pages: 1, 3)
    try bench.munmap(Self.shared, pages: 1)
    try manager.addSeals(file, 8, isWritable: true, isExecutable: false)
    let host = bench.file(.host(-1), pages: 1)
    #expect(throws: Errno.EINVAL) { try manager.seals(host) }
    #expect(throws: Errno.EINVAL) { try manager.addSeals(host, 8, isWritable: true, isExecutable: false) }
  }

  @Test(
    arguments: [
      // address, length, flags; the error
      (0, 0x4000, 4, nil), (0, 0x4000, 1, nil), (0, 0x4000, 2, nil), (0, 0, 4, nil), (0, 0x3001, 6, nil), (0, 0x1000, 8, .EINVAL),
      (1, 0x1000, 4, .EINVAL), (0, 0x1000, 5, .EINVAL), (0, 0x5000, 4, .ENOMEM), (0, 0x5000, 1, .ENOMEM), (0, 0x8000, 4, .ENOMEM),
      (0x10000, 0x1000, 4, .ENOMEM), (0, .max, 4, nil), (0, 1 << 63, 4, .ENOMEM), (0, .max - 0x2000, 4, .ENOMEM),
      (0x6000, 0x1000, 3, .EBUSY), (0, 0x8000, 3, .EBUSY), (0, 0x7000, 2, .EBUSY), (0x5000, 0x2000, 1, .ENOMEM),
    ] as [(UInt64, UInt64, UInt64, Errno?)])
  func sync(address: UInt64, length: UInt64, flags: UInt64, error: Errno?) throws {
    let bench = try MemoryBench()
    let file = bench.file(pages: 8)
    try bench.map(file, at: Self.shared, pages: 4, shared: true)
    _ = try bench.mmap(Self.shared + 0x6000, pages: 1, flags: 0x2032)
    var thrown: Errno?
    do { try bench.manager.msync(bench.el1, bench.mm, address: Self.shared + address, length: length, flags: flags) } catch {
      thrown = error
    }
    #expect(thrown == error)
    #expect(!bench.el1.holdsAnyLock)
  }
}
