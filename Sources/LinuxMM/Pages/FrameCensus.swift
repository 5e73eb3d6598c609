// Owns a count of the uses of each frame: by translation tables, by page caches, by free lists.
// It does not know what the counts should be: Invariants compares them.
import Architecture

/// The users of each frame, found by reading all tables, caches and lists. Frames are numbered as in `FrameTable`.
struct FrameCensus {
  struct Frame {
    /// The number of level 3 entries that map the page.
    var entries: UInt32 = 0
    /// The number of level 2 entries that map the folio of which this is the first page.
    var blocks: UInt32 = 0
    /// The number of references to the folio of which this is the first page: entries, blocks, page caches, and 1 if it is a table.
    var references: UInt32 = 0
    var isTable = false
    /// The number of free blocks that contain the frame, plus its places in the per-CPU list.
    var free: UInt32 = 0
  }
  var frames: [Frame]
  var problems: [String] = []
  /// The number of tables of the address space that was visited last, without its top table.
  var tables = 0
  var resident = ResidentPages()
  var hugetlbPages = 0
  /// The pages of memory files in huge folios, and those of them in folios that a block maps.
  var sharedHugePages = 0
  var mappedSharedHugePages = 0

  init(_ count: UInt32) { frames = Array(repeating: Frame(), count: Int(count)) }

  mutating func expect(_ condition: Bool, _ problem: @autoclosure () -> String) {
    if !condition { problems.append(problem()) }
  }
}

extension MemoryManager {
  func frameNumber(_ pa: UInt64) -> Int { Int(state.frames.frame(pa)) }
  func isManaged(_ pa: UInt64) -> Bool {
    pa >= state.frames.address(state.frames.firstManaged) && pa < state.frames.ramBase + UInt64(state.frames.count) << 12
  }

  /// Visits everything below one table, for the virtual addresses from `base` on.
  func visitTable(_ el1: EL1Interface, _ id: MMID, _ table: UInt64, _ level: Int, _ base: UInt64, _ census: inout FrameCensus) {
    census.frames[frameNumber(table)].isTable = true
    census.frames[frameNumber(table)].references += 1
    for slot in 0..<512 as Range<UInt64> {
      let value = el1.load(PhysicalAddress(table + slot * 8), as: UInt64.self)
      if value == 0 { continue }
      let va = base + slot * PageTableEditor.span(level)
      if level == 3 {
        visitEntry(el1, id, PageTableEntry(value), va, &census)
      } else if value & 3 == 3 {
        let child = value & PageTableEntry.Bits.output
        census.tables += 1
        census.expect(isManaged(child), "mm \(id.rawValue): table of \(hexadecimal(va)) outside of RAM")
        if isManaged(child) { visitTable(el1, id, child, level + 1, va, &census) }
      } else {
        census.expect(level == 2, "mm \(id.rawValue): block of level \(level) at \(hexadecimal(va))")
        visitBlock(el1, id, PageTableEntry(value), va, &census)
      }
    }
    if level == 2 { visitDeposits(el1, table, &census) }
  }

  /// Visits the tables that huge pages keep for their split: a list that begins in the level 2 table's descriptor.
  private func visitDeposits(_ el1: EL1Interface, _ table: UInt64, _ census: inout FrameCensus) {
    var next = field(el1, table, PageDescriptor.next, as: UInt32.self)
    while next != 0 {
      census.tables += 1
      census.frames[Int(next)].isTable = true
      census.frames[Int(next)].references += 1
      next = field(el1, state.frames.address(next), PageDescriptor.next, as: UInt32.self)
    }
  }

  private func visitEntry(_ el1: EL1Interface, _ id: MMID, _ entry: PageTableEntry, _ va: UInt64, _ census: inout FrameCensus) {
    let place = "mm \(id.rawValue) at \(hexadecimal(va))"
    guard let vma = vma(id, containing: va) else {
      census.problems.append("\(place): an entry without a VMA")
      return
    }
    if !entry.isPresent {
      let swap = SwapEntry(entry)
      census.expect(swap.map { !$0.markers.isEmpty || $0.poisonedPage != nil } == true, "\(place): neither present nor a marker")
      return
    }
    if entry.isSpecial {
      let isData = vma.flags.contains(.PFNMAP) && state.files[vma.file].pages[vma.pageIndex(of: va)] == entry.output
      census.expect((isData || entry.output == state.frames.zeroFrame) && !entry.isWritable, "\(place): a bad zero page")
      return
    }
    let page = entry.output
    guard isManaged(page) else {
      census.problems.append("\(place): maps what is no page")
      return
    }
    census.frames[frameNumber(page)].entries += 1
    census.frames[frameNumber(folio(el1, page))].references += 1
    census.resident.add(1, residentKind(el1, page))
    census.expect(
      !entry.isWritable || vma.flags.contains(.SHARED) || isExclusive(el1, page), "\(place): a writable page that is not exclusive")
    checkBelonging(el1, page, vma, va, place, &census)
  }

  private func visitBlock(_ el1: EL1Interface, _ id: MMID, _ entry: PageTableEntry, _ va: UInt64, _ census: inout FrameCensus) {
    let place = "mm \(id.rawValue) at \(hexadecimal(va))"
    guard let vma = vma(id, containing: va), va + Layout48.hugePage <= vma.end else {
      census.problems.append("\(place): a block that leaves its VMA")
      return
    }
    if entry.isSpecial {
      census.expect(entry.output == state.hugePages.zeroPage && !entry.isWritable, "\(place): a bad huge zero page")
      return
    }
    let head = entry.output & ~(Layout48.hugePage - 1)
    census.frames[frameNumber(head)].blocks += 1
    census.frames[frameNumber(head)].references += 1
    if vma.flags.contains(.HUGETLB) { census.hugetlbPages += 512 } else { census.resident.add(512, residentKind(el1, head)) }
    checkBelonging(el1, head, vma, va, place, &census)
  }

  /// Checks that a page knows where it is mapped: its anon_vma is in the VMA's chain, or its file is the VMA's, and the index is
  /// right.
  private func checkBelonging(
    _ el1: EL1Interface, _ page: UInt64, _ vma: VMArea, _ va: UInt64, _ place: String, _ census: inout FrameCensus
  ) {
    let head = folio(el1, page)
    let mapping = field(el1, head, PageDescriptor.mapping, as: UInt64.self)
    let index = field(el1, head, PageDescriptor.index, as: UInt64.self) &+ (page - head) >> 12
    census.expect(index == vma.pageIndex(of: va), "\(place): page \(index) of its mapping where \(vma.pageIndex(of: va)) belongs")
    if hasFlag(el1, head, PageDescriptor.anonymous) {
      let anonVMA = AnonVMAID(UInt32(truncatingIfNeeded: mapping >> 1))
      census.expect(
        mapping & 1 == 1 && state.anonVMAs.contains(vma.anonVMAChain, anonVMA), "\(place): a stranger's anon_vma \(anonVMA.rawValue)")
    } else {
      census.expect(mapping == PageDescriptor.mapping(vma.file), "\(place): a page of another file")
    }
  }
}
