// Owns the rules that memory management keeps between two calls: each count agrees with what is counted.
// It does not know how a state came about, and changes nothing.
import Architecture

extension MemoryManager {
  /// Describes each violation in a line; the list is empty if there is none. Call this only between calls, because a call in
  /// progress may hold pages that no table names yet.
  ///
  /// VMAs are sorted, disjoint and inside user space. Every page knows where and how often it is mapped. Each user of a page holds
  /// exactly one reference. An exclusive page is mapped once, and a writable private page is exclusive. The zero pages are never
  /// writable and never count as resident. Tables, mapped pages and resident pages are counted. Each frame is free exactly once, in
  /// a block that cannot be merged, or it is in use.
  public func checkInvariants(_ el1: EL1Interface) -> [String] {
    var census = FrameCensus(state.frames.count)
    for id in liveMMs {
      checkVMAs(id, &census)
      checkTables(el1, id, &census)
    }
    for file in state.files.ids { visitCache(el1, file, &census) }
    checkUsers(&census)
    checkPool(el1, &census)
    checkFreeLists(el1, &census)
    for frame in state.frames.firstManaged..<state.frames.count { checkFrame(el1, state.frames.address(frame), &census) }
    return census.problems
  }

  /// Counts the pages of a file's cache, and checks that each is there at its index.
  private func visitCache(_ el1: EL1Interface, _ id: FileID, _ census: inout FrameCensus) {
    for (index, page) in state.files[id].pages.pages() {
      let head = folio(el1, page)
      census.frames[frameNumber(head)].references += 1
      if state.files[id].kind != .shmem { continue }
      let place = "page \(index) of file \(id.rawValue)"
      census.expect(file(el1, ofFolio: head) == id, "\(place) belongs to another file")
      census.expect(
        field(el1, head, PageDescriptor.index, as: UInt64.self) + (page - head) >> 12 == index, "\(place) has another index")
      if folioPages(el1, head) != HugePage.pages { continue }
      census.sharedHugePages += 1
      if field(el1, head, PageDescriptor.entireMapCount, as: UInt32.self) > 0 { census.mappedSharedHugePages += 1 }
    }
  }

  private var liveMMs: [MMID] { state.mms.ids }

  private func checkVMAs(_ id: MMID, _ census: inout FrameCensus) {
    var last: UInt64 = 0
    if let problem = state[id].vmas.root.problem() { census.problems.append("mm \(id.rawValue): its VMAs: \(problem)") }
    for vma in state[id].vmas {
      let place = "mm \(id.rawValue): VMA at \(hexadecimal(vma.start))"
      census.expect(vma.start >= last && vma.start < vma.end && vma.end <= Layout48.taskSize, "\(place) overlaps or is out of order")
      census.expect((vma.start | vma.end) & 0xfff == 0, "\(place) is not made of pages")
      census.expect((vma.anonVMA == .none) == (vma.anonVMAChain.count == 0), "\(place): anon_vma and chain disagree")
      census.expect(
        vma.anonVMA == .none || state.anonVMAs.contains(vma.anonVMAChain, vma.anonVMA), "\(place): its anon_vma is not in its chain")
      last = vma.end
    }
    let mapped = state[id].vmas.reduce(0) { $0 + ($1.end - $1.start) >> 12 }
    let counted = state[id].mappedPages
    census.expect(mapped == counted, "mm \(id.rawValue): \(mapped) pages mapped, \(counted) counted")
    let charged = state[id].vmas.reduce(0) { $0 + ($1.flags.contains(.ACCOUNT) ? ($1.end - $1.start) >> 12 : 0) }
    let countedCharge = state[id].chargedPages
    census.expect(charged == countedCharge, "mm \(id.rawValue): \(charged) pages charged, \(countedCharge) counted")
  }

  private func checkTables(_ el1: EL1Interface, _ id: MMID, _ census: inout FrameCensus) {
    (census.tables, census.resident, census.hugetlbPages) = (0, ResidentPages(), 0)
    let (pgd, tables) = (state[id].pgd, state[id].pageTables)
    let resident = state[id].resident
    visitTable(el1, id, pgd, 0, 0, &census)
    let found = (census.tables, census.resident, census.hugetlbPages)
    census.expect(found.0 == tables, "mm \(id.rawValue): \(found.0) tables, \(tables) counted")
    census.expect(found.1 == resident, "mm \(id.rawValue): resident \(found.1), counted \(resident)")
    let pooled = state[id].hugetlbPages
    census.expect(found.2 == pooled, "mm \(id.rawValue): \(found.2) pages of the pool, \(pooled) counted")
  }

  /// Checks that files and anon_vmas count exactly the VMAs that use them.
  private func checkUsers(_ census: inout FrameCensus) {
    let vmas = liveMMs.flatMap { state[$0].vmas }
    census.expect(vmas.count == state.areas, "\(vmas.count) VMAs, \(state.areas) counted")
    let cached = state.files.ids.reduce(0) { isHugetlb($1) || state.files[$1].kind == .special ? $0 : $0 + state.files[$1].pages.count }
    census.expect(cached == state.cachedPages, "\(cached) pages in page caches, \(state.cachedPages) counted")
    let (shared, mapped) = (census.sharedHugePages, census.mappedSharedHugePages)
    let counted = (state.hugePages.sharedPages, state.hugePages.mappedSharedPages)
    census.expect(shared == counted.0, "\(shared) huge pages of files, \(counted.0) counted")
    census.expect(mapped == counted.1, "\(mapped) pages of files in blocks, \(counted.1) counted")
    for id in state.files.ids {
      let users = vmas.filter { $0.file == id }
      let writable = users.count { $0.flags.isSuperset(of: [.SHARED, .MAYWRITE]) }
      let file = state.files[id]
      census.expect(users.count == file.mappings, "file \(id.rawValue): \(users.count) VMAs, \(file.mappings) counted")
      census.expect(
        writable == file.writableMappings, "file \(id.rawValue): \(writable) writable VMAs, \(file.writableMappings) counted")
    }
    for id in state.anonVMAs.ids {
      let record = state.anonVMAs[id]
      let active = vmas.count { $0.anonVMA == id }
      let users = vmas.count { state.anonVMAs.contains($0.anonVMAChain, id) }
      let children = state.anonVMAs.ids.count { state.anonVMAs[$0].parent == id }
      census.expect(active == record.activeVMAs, "anon_vma \(id.rawValue): \(active) active VMAs, \(record.activeVMAs) counted")
      census.expect(users == record.vmas && users > 0, "anon_vma \(id.rawValue): \(users) VMAs, \(record.vmas) counted")
      census.expect(children == record.children, "anon_vma \(id.rawValue): \(children) children, \(record.children) counted")
    }
  }

  private func checkFreeLists(_ el1: EL1Interface, _ census: inout FrameCensus) {
    var available = state.frames.perCPU.count
    for frame in state.frames.perCPU { census.frames[Int(frame)].free += 1 }
    for (order, list) in state.frames.freeLists.enumerated() {
      let size = UInt32(1) << UInt32(order)
      var frame = list.first
      var count = 0
      while frame != 0 && count <= list.count {
        let other = frame ^ size
        let isOtherFree = order < FrameTable.maximumOrder && isFreeBlock(el1, other, order)
        census.expect(isFreeBlock(el1, frame, order) && frame & (size - 1) == 0, "frame \(frame) is no free block of order \(order)")
        census.expect(!isOtherFree, "free blocks \(frame) and \(other) of order \(order) are one")
        for part in frame..<frame + size { census.frames[Int(part)].free += 1 }
        count += 1
        frame = field(el1, state.frames.address(frame), PageDescriptor.next, as: UInt32.self)
      }
      census.expect(count == list.count, "\(count) free blocks of order \(order), \(list.count) counted")
      available += count << order
    }
    census.expect(available == Int(state.frames.available), "\(available) free frames, \(state.frames.available) counted")
  }

  private func checkFrame(_ el1: EL1Interface, _ page: UInt64, _ census: inout FrameCensus) {
    let found = census.frames[frameNumber(page)]
    let place = "page \(hexadecimal(page))"
    let head = folio(el1, page)
    let references = field(el1, head, PageDescriptor.referenceCount, as: UInt32.self)
    if found.free > 0 {
      census.expect(found.free == 1, "\(place) is free \(found.free) times")
      census.expect(found.entries == 0 && found.references == 0 && head == page, "\(place) is free and in use")
      return
    }
    census.expect(references > 0, "\(place) is neither free nor in use")
    let maps = field(el1, page, PageDescriptor.mapCount, as: UInt32.self)
    census.expect(maps == found.entries, "\(place): mapped \(found.entries) times, \(maps) counted")
    let all = found.entries + census.frames[frameNumber(head)].blocks
    census.expect(!isExclusive(el1, page) || all <= 1, "\(place) is exclusive and mapped \(all) times")
    if head != page { return }
    census.expect(hasFlag(el1, page, PageDescriptor.table) == found.isTable, "\(place): a table without an owner, or the reverse")
    let blocks = field(el1, page, PageDescriptor.entireMapCount, as: UInt32.self)
    census.expect(blocks == found.blocks, "\(place): mapped whole \(found.blocks) times, \(blocks) counted")
    // Address spaces that have mapped the huge zero page hold it until they end.
    if page == state.hugePages.zeroPage { return }
    let kept: UInt32 = hasFlag(el1, page, PageDescriptor.poisoned) ? 1 : 0
    census.expect(references == found.references + kept, "\(place): \(found.references) have it, \(references) references")
  }
}
