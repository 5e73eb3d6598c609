// Owns which locks of the reverse map a call takes, as literal lists: those of a file's mappings and of anon_vmas, and the locks
// around them.
// It does not know the steps between two locks. The order is that of Linux's mm/vma.c, mm/rmap.c, mm/mremap.c and mm/hugetlb.c.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct ReverseMapLockTests {
  private static let va: UInt64 = 0x1112_3400_0000
  let bench: MemoryBench
  private let manager: MemoryManager
  private let el1: EL1Interface
  init() throws {
    bench = try MemoryBench()
    (manager, el1) = (bench.manager, bench.el1)
  }

  /// The locks that `body` takes, the outermost first and each inside those that are then held: `mmap > i_mmap > anon_vma`. The
  /// locks of tables, VMAs, folios and frames are omitted, except for a table that is locked inside a lock of the reverse map.
  private func locks(_ body: () throws -> Void) rethrows -> [String] {
    var problem: Error?
    let steps = bench.steps { do { try body() } catch { problem = error } }
    #expect(problem == nil)
    var held: [(name: String, lock: LockName)] = []
    var lines: [String] = []
    for step in steps where step.kind == .lock || step.kind == .unlock {
      let lock = LockName(operand: step.operand)
      guard let name = name(lock, inside: held.map(\.name)) else { continue }
      if step.kind == .unlock {
        held.removeAll { $0.lock == lock }
      } else {
        held.append((name, lock))
        lines.append(held.map(\.name).joined(separator: " > "))
      }
    }
    #expect(held.isEmpty)
    // Several tables that are locked one after the other inside the same locks are one line.
    return lines.enumerated().filter { $0.offset == 0 || lines[$0.offset - 1] != $0.element }.map(\.element)
      .filter { $0 != "mmap" && $0 != "mmap for reading" }
  }

  private func name(_ lock: LockName, inside held: [String]) -> String? {
    switch lock.kind {
    case .mmapLockWrite: "mmap"
    case .mmapLockRead: "mmap for reading"
    case .fileMappingWrite: "i_mmap"
    case .fileMappingRead: "i_mmap for reading"
    case .hugetlbMappingWrite: "pool's i_mmap"
    case .anonVMAWrite: "anon_vma"
    case .anonVMARead: "anon_vma for reading"
    case .hugetlbFault: "fault mutex"
    case .folio: "folio"
    case .pageTable: held.contains { $0.contains("i_mmap") || $0.contains("anon_vma") } ? "table" : nil
    default: nil
    }
  }

  private func file(pages: UInt64) -> FileID {
    manager.createFile(.shmem, name: Array("/memfd:x".utf8), size: pages << 12)
  }
  private func map(_ file: FileID, _ va: UInt64, pages: UInt64, offset: UInt64 = 0, private isPrivate: Bool = false) throws {
    _ = try bench.mmap(
      va, pages: pages, flags: isPrivate ? 0x12 : 0x11,
      file: MappedFile(id: file, offset: offset, isReadable: true, isWritable: true))
  }
  private func write(_ va: UInt64) { #expect(bench.touch(va, write: true) == .done(faults: 1)) }

  // MARK: Files

  /// vma_link_file(), vma_prepare() of an expansion, unlink_file_vma().
  @Test func aMappingOfAFileComesGrowsAndGoes() throws {
    let file = file(pages: 8)
    #expect(try locks { try map(file, Self.va, pages: 2) } == ["mmap > i_mmap"])
    #expect(try locks { try map(file, Self.va + 0x2000, pages: 2, offset: 2) } == ["mmap > i_mmap"])
    #expect(bench.space.vmas.count == 1 && manager.state.files[file].mappings == 1)
    #expect(try locks { _ = try bench.mremap(Self.va, pages: 4, to: 5, flags: 0) } == ["mmap > i_mmap"])
    // Either side is split off, and then the part in the middle.
    #expect(try locks { try bench.munmap(Self.va + 0x1000, pages: 1) } == ["mmap > i_mmap"])
    #expect(manager.state.files[file].mappings == 2)
    #expect(manager.checkInvariants(el1) == [])
  }

  /// unmap_mapping_pages() takes the lock of the file's mappings, also while it holds the lock of a folio.
  @Test func aFileIsTruncated() throws {
    let file = file(pages: 4)
    try map(file, Self.va, pages: 4)
    write(Self.va)
    #expect(
      locks { try? manager.truncateFile(el1, file, size: 0) }
        == ["i_mmap for reading", "i_mmap for reading > table", "folio", "i_mmap for reading", "i_mmap for reading > table"])
  }

  /// Private memory of a file takes both locks: i_mmap_rwsem outside, and the anon_vma's lock inside.
  @Test func aPrivateMappingOfAFileIsSplit() throws {
    let file = file(pages: 4)
    try map(file, Self.va, pages: 4, private: true)
    write(Self.va)
    #expect(
      try locks { try bench.mprotect(Self.va + 0x2000, pages: 2, 1) } == ["mmap > anon_vma", "mmap > i_mmap", "mmap > i_mmap > anon_vma"])
    // The parts are joined again, and the upper part's links are removed.
    #expect(
      try locks { try bench.mprotect(Self.va + 0x2000, pages: 2, 3) } == [
        "mmap > i_mmap", "mmap > i_mmap > anon_vma", "mmap > anon_vma",
      ])
    #expect(bench.space.vmas.count == 1 && manager.checkInvariants(el1) == [])
  }

  // MARK: Anonymous memory

  /// Memory that was never written has no reverse map. Memory that was written takes its anon_vma's lock.
  @Test func anonymousMemory() throws {
    #expect(try locks { _ = try bench.mmap(Self.va, pages: 4) } == [])
    #expect(try locks { try bench.munmap(Self.va + 0x1000, pages: 1) } == [])
    write(Self.va)
    #expect(try locks { _ = try bench.mmap(Self.va + 0x1000, pages: 1) } == ["mmap > anon_vma"], "the neighbour below grows")
    #expect(try locks { try bench.munmap(Self.va, pages: 4) } == ["mmap > anon_vma"])
  }

  /// A VMA without an anon_vma inherits its neighbour's: first dup_anon_vma(), then vma_prepare(), then unlink_anon_vmas().
  @Test func anAnonVMAIsInherited() throws {
    _ = try bench.mmap(Self.va, pages: 1)
    _ = try bench.mmap(Self.va + 0x1000, pages: 1, 1)
    #expect(bench.touch(Self.va, write: true) == .done(faults: 1))
    #expect(bench.space.vmas.map(\.anonVMA.rawValue) == [1, 0])
    #expect(try locks { try bench.mprotect(Self.va + 0x1000, pages: 1, 3) } == ["mmap > anon_vma"])
    let other = try MemoryBench()
    _ = try other.mmap(Self.va, pages: 1, 1)
    _ = try other.mmap(Self.va + 0x1000, pages: 1)
    #expect(other.touch(Self.va + 0x1000, write: true) == .done(faults: 1))
    let steps = other.steps { try? other.mprotect(Self.va, pages: 1, 3) }
    let kinds = steps.filter { $0.kind == .lock }.map { LockName(operand: $0.operand).kind }.filter { $0 == .anonVMAWrite }
    #expect(kinds.count == 3 && other.space.vmas.map(\.anonVMA.rawValue) == [1])
    #expect(other.manager.checkInvariants(other.el1) == [])
  }

  /// anon_vma_fork() links the child to its parent's anon_vma, then to its own; the link to the file comes last.
  @Test func aForkLinksTwice() throws {
    let file = file(pages: 1)
    try map(file, Self.va, pages: 1, private: true)
    write(Self.va)
    var child: MMID?
    let taken = locks { child = try? manager.fork(el1, bench.mm) }
    #expect(taken == ["mmap > mmap", "mmap > mmap > anon_vma", "mmap > mmap > i_mmap"])
    #expect(manager.state.anonVMAs.ids.count == 2)
    let end = try #require(child)
    #expect(locks { manager.destroyMM(el1, end) } == ["mmap > anon_vma", "mmap > i_mmap"])
    #expect(manager.state.anonVMAs.ids.count == 1 && manager.checkInvariants(el1) == [])
  }

  /// expand_downwards().
  @Test func aStackGrowsUnderTheLockOfItsAnonVMA() throws {
    _ = try bench.mmap(Self.va, pages: 4, flags: 0x132)
    let taken = locks { _ = bench.touch(Self.va - 0x1000, write: true) }
    #expect(taken == ["mmap > anon_vma", "mmap > anon_vma > table", "mmap > anon_vma"] && bench.space.vmas[0].start == Self.va - 0x1000)
  }

  // MARK: Moves

  /// copy_vma() links the new VMA. Single entries then move without the locks, because a walk reaches the new place after the old
  /// one. A whole table moves while the locks are held.
  @Test func aMappingMoves() throws {
    let target = Self.va + 0x1000_0000
    _ = try bench.mmap(Self.va, pages: 4)
    write(Self.va)
    #expect(try locks { _ = try bench.mremap(Self.va, pages: 4, to: 4, flags: 3, at: target) } == ["mmap > anon_vma"])
    try bench.munmap(target, pages: 4)
    _ = try bench.mmap(Self.va, pages: 512)
    write(Self.va)
    let whole = try locks { _ = try bench.mremap(Self.va, pages: 512, to: 512, flags: 3, at: target) }
    #expect(whole == ["mmap > anon_vma", "mmap > anon_vma > table", "mmap > anon_vma > table > table", "mmap > anon_vma"])
  }

  /// Memory that moves next to its old place becomes part of the same VMA, and a walk reaches the new place first: need_rmap_locks.
  @Test func aMappingMovesIntoItsNeighbour() throws {
    _ = try bench.mmap(Self.va, pages: 4)
    write(Self.va)
    write(Self.va + 0x3000)
    // The last page moves up, and then back down to the VMA that it was part of.
    let away = try bench.mremap(Self.va + 0x3000, pages: 1, to: 1, flags: 3, at: Self.va + 0x10_0000)
    let back = try locks { _ = try bench.mremap(away, pages: 1, to: 1, flags: 3, at: Self.va + 0x3000) }
    #expect(back.contains("mmap > anon_vma > table"))
    #expect(bench.space.vmas.count == 1 && manager.checkInvariants(el1) == [])
  }

  // MARK: Walks

  /// Memory that was freed lazily is found by its folio, then by its anon_vmas, then entry by entry. Linux: try_to_unmap().
  @Test func reclaimWalksTheReverseMap() throws {
    _ = try bench.mmap(Self.va, pages: 1)
    write(Self.va)
    try bench.madvise(Self.va, pages: 1, Advice.FREE)
    let taken = locks { _ = manager.reclaimMemory(el1) }
    #expect(taken == ["folio", "folio > anon_vma for reading", "folio > anon_vma for reading > table"])
    #expect(bench.space.residentPages == 0 && manager.checkInvariants(el1) == [])
  }

  // MARK: Huge page pool

  /// The locks of hugetlb mappings are taken outside of folio locks, by every call that unmaps, protects or moves memory.
  @Test func poolMemory() throws {
    manager.setHugePoolSize(el1, 2)
    let size: UInt64 = 512
    let flags = MapFlags.HUGETLB | MapFlags.ANONYMOUS | MapFlags.FIXED | MapFlags.SHARED
    #expect(try locks { _ = try bench.mmap(Self.va & ~0x1f_ffff, pages: size, flags: flags) } == ["mmap > pool's i_mmap"])
    let va = bench.space.vmas[0].start
    write(va)
    #expect(
      try locks { try bench.mprotect(va, pages: size, 1) } == ["mmap > pool's i_mmap", "mmap > pool's i_mmap > table"])
    #expect(
      try locks { try bench.madvise(va, pages: size, Advice.DONTNEED) } == ["pool's i_mmap", "pool's i_mmap > table"])
    let file = bench.space.vmas[0].file
    manager.retainFile(file)
    #expect(
      try locks { try manager.truncateFile(el1, file, size: 0) } == ["pool's i_mmap", "fault mutex", "fault mutex > folio"])
    #expect(
      try locks { try bench.munmap(va, pages: size) } == ["mmap > pool's i_mmap"])
    manager.releaseFile(el1, file)
    #expect(manager.checkInvariants(el1) == [])
  }
}
