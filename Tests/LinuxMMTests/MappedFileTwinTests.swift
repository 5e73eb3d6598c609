// Owns random accesses to two files through mappings of two address spaces and through calls, compared with a naive twin.
// It does not know faults: it checks only what is read, what fails, and that nothing is lost.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

/// Files as dictionaries of words, and for each private mapping the pages that it has copied.
private struct FileTwin {
  /// For each file, the first word of each page that is not zero, and the size in pages.
  var words: [[UInt64: UInt64]] = [[:], [:]]
  var sizes: [UInt64] = [12, 12]

  struct Mapping {
    var file: Int
    var page: UInt64
    var pages: UInt64
    var shared: Bool
    var writable: Bool
    /// Pages of the mapping that are its own.
    var copies: [UInt64: UInt64] = [:]
  }
  /// The mappings by address space and place.
  var mappings: [[Mapping?]] = [[nil, nil, nil], [nil, nil, nil]]

  /// The result of a read; nil means SIGBUS.
  func read(_ mapping: Mapping, _ page: UInt64) -> UInt64? {
    if let copy = mapping.copies[page] { return copy }
    let index = mapping.page + page
    return index < sizes[mapping.file] ? words[mapping.file][index] ?? 0 : nil
  }
  mutating func write(_ space: Int, _ place: Int, _ page: UInt64, _ value: UInt64) -> Bool {
    let mapping = mappings[space][place]!
    guard read(mapping, page) != nil else { return false }
    if mapping.shared {
      words[mapping.file][mapping.page + page] = value
    } else {
      mappings[space][place]!.copies[page] = value
    }
    return true
  }
  mutating func truncate(_ file: Int, _ size: UInt64) {
    let old = sizes[file]
    sizes[file] = size
    if size >= old { return }
    words[file] = words[file].filter { $0.key < size }
    for (space, places) in mappings.enumerated() {
      for (place, mapping) in places.enumerated() {
        guard let mapping, mapping.file == file else { continue }
        mappings[space][place]!.copies = mapping.copies.filter { mapping.page + $0.key < size }
      }
    }
  }
}

struct MappedFileTwinTests {
  private static func va(_ place: Int) -> UInt64 { 0x4000_0000 - 0x5000 + UInt64(place) << 20 }

  @Test(arguments: [(.shmem, 1), (.host(-1), 2), (.shmem, 3), (.host(-1), 4)] as [(BackingFile.Kind, UInt64)])
  func contentsAreTheTwins(kind: BackingFile.Kind, seed: UInt64) throws {
    let bench = try MemoryBench(profile: KernelProfile.all[Int(seed) % KernelProfile.all.count])
    let manager = bench.manager
    let first = bench.mm
    let second = try manager.createMM(bench.el1)
    let free = manager.state.frames.available
    let files = [bench.file(kind, pages: 12), bench.file(kind, pages: 12)]
    var twin = FileTwin()
    var random = SeededRandom(seed: seed)
    var value: UInt64 = 1
    for step in 0..<20_000 {
      let space = Int(random.below(2))
      let place = Int(random.below(3))
      let file = Int(random.below(2))
      bench.enter(space == 0 ? first : second)
      let va = Self.va(place)
      value += 1
      switch random.below(12) {
      case 0:
        let (page, pages, shared, writable) = (random.below(8), 1 + random.below(20), random.chance(1, in: 2), random.chance(3, in: 4))
        if twin.mappings[space][place] != nil { try bench.munmap(va, pages: 32) }
        try bench.map(files[file], at: va, page: page, pages: pages, writable ? 3 : 1, shared: shared)
        twin.mappings[space][place] = FileTwin.Mapping(file: file, page: page, pages: pages, shared: shared, writable: writable)
      case 1:
        let size = random.below(24)
        try manager.truncateFile(bench.el1, files[file], size: size << 12)
        twin.truncate(file, size)
      case 2 where kind == .shmem:
        let (start, count) = (random.below(20), 1 + random.below(6))
        try manager.punchHole(bench.el1, files[file], offset: start << 12, length: count << 12)
        for page in start..<start + count { twin.words[file][page] = nil }
      case 3:
        let page = random.below(20)
        #expect(try bench.write(files[file], page << 12, withUnsafeBytes(of: value) { Array($0) }) == 8)
        twin.words[file][page] = value
        twin.sizes[file] = max(twin.sizes[file], page + 1)
        // A file that ends inside a page ends behind that page for every mapping.
        try manager.truncateFile(bench.el1, files[file], size: twin.sizes[file] << 12)
      case 4:
        let page = random.below(24)
        let bytes = bench.read(files[file], page << 12, 8)
        let expected = page < twin.sizes[file] ? withUnsafeBytes(of: twin.words[file][page] ?? 0) { Array($0) } : []
        #expect(bytes == expected, "step \(step)")
      case 5:
        guard let mapping = twin.mappings[space][place] else { continue }
        let page = random.below(mapping.pages)
        let count = 1 + random.below(mapping.pages - page)
        try bench.madvise(va + page << 12, pages: count, 4)
        for page in page..<page + count { twin.mappings[space][place]!.copies[page] = nil }
      case 6:
        guard let mapping = twin.mappings[space][place] else { continue }
        try bench.mprotect(va, pages: mapping.pages, mapping.writable ? 1 : 3)
        twin.mappings[space][place]!.writable.toggle()
      default:
        guard let mapping = twin.mappings[space][place] else { continue }
        let page = random.below(mapping.pages)
        if random.chance(1, in: 2) {
          #expect(bench.load(va + page << 12) == twin.read(mapping, page), "step \(step)")
        } else if mapping.writable {
          let isDone = twin.write(space, place, page, value)
          let outcome = bench.store(va + page << 12, value)
          if case .done = outcome {
            #expect(isDone, "step \(step)")
          } else {
            #expect(!isDone && outcome == .failed(.SIGBUS), "step \(step)")
          }
        } else {
          #expect(bench.touch(va + page << 12, write: true) == .denied, "step \(step)")
        }
      }
      if step % 500 == 0 { check(bench, files, [first, second]) }
    }
    #expect(!bench.el1.holdsAnyLock)
    for id in files { manager.releaseFile(bench.el1, id) }
    for space in [first, second] {
      bench.enter(space)
      try bench.munmap(0, pages: 1 << 36)
      #expect(bench.space.resident == ResidentPages())
    }
    #expect(manager.state.files.ids.isEmpty)
    #expect(manager.state.frames.available == free)
  }

  /// References and map counts of every cached page agree with entries and cache, and no page is behind the end of its file.
  private func check(_ bench: MemoryBench, _ files: [FileID], _ spaces: [MMID]) {
    let manager = bench.manager
    var mapped: [UInt64: UInt32] = [:]
    for space in spaces {
      bench.enter(space)
      for vma in bench.space.vmas {
        for va in stride(from: vma.start, to: vma.end, by: 4096) {
          guard let value = bench.descriptor(va), PageTableEntry(value).isPresent else { continue }
          let page = value & PageTableEntry.Bits.output
          mapped[page, default: 0] += 1
          if !manager.isAnonymous(bench.el1, page) { #expect(manager.state.files[vma.file].pages[vma.pageIndex(of: va)] == page) }
        }
      }
    }
    for file in files {
      for (index, page) in manager.state.files[file].pages.pages() {
        #expect(index << 12 < manager.state.files[file].size)
        #expect(manager.field(bench.el1, page, PageDescriptor.mapCount, as: UInt32.self) == mapped[page] ?? 0)
        #expect(manager.referenceCount(bench.el1, page) == 1 + (mapped[page] ?? 0))
        #expect(manager.field(bench.el1, page, PageDescriptor.mapping, as: UInt64.self) == UInt64(file.rawValue) << 1)
        #expect(manager.field(bench.el1, page, PageDescriptor.index, as: UInt64.self) == index)
      }
    }
  }
}
