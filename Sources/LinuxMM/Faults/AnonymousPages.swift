// Owns faults on private anonymous memory: first touch, and writes to pages that are read-only.
// It does not know how an address became a VMA and an entry. Linux: mm/memory.c.
import Architecture

extension MemoryManager {
  /// First touch: a read maps the zero page, a write a page of its own. Linux: do_anonymous_page().
  @inline(__always)
  func doAnonymousPage(
    _ editor: PageTableEditor, _ mm: MMID, _ vma: VMArea, _ address: UInt64, _ entry: PhysicalAddress, _ flags: FaultFlags
  ) -> VMFault {
    let el1 = editor.el1
    let lock = LockName(.pageTable, entry.rawValue & ~0xfff)
    if !flags.contains(.WRITE) {
      el1.lock(lock)
      if editor.load(entry).isNone {
        let value = state.frames.zeroFrame | protection(vma.flags) | PageTableEntry.Bits.special
        // Memory without access keeps the page present but invalid.
        editor.set(entry, PageTableEntry(value).makingYoung)
        state.statistics.zeroPageFaults &+= 1
      }
      el1.unlock(lock)
      return []
    }
    prepareAnonVMA(el1, mm, vma, flags)
    guard let page = allocateZeroedPage(el1, flags: PageDescriptor.anonymous | PageDescriptor.exclusive) else { return .OOM }
    el1.lock(lock)
    if !editor.load(entry).isNone {
      el1.unlock(lock)
      putPage(el1, page)
      return []
    }
    var value = PageTableEntry(page | protection(vma.flags)).makingDirty.makingYoung
    if vma.flags.contains(.WRITE) { value = value.makingWritable }
    editor.set(entry, value)
    state.mms[mm.rawValue].residentPages &+= 1
    state.statistics.anonymousFaults &+= 1
    el1.unlock(lock)
    return []
  }

  /// A write to a page that is not writable, with the entry's lock held: reuse it or copy it. Linux: do_wp_page().
  func doWPPage(
    _ editor: PageTableEditor, _ mm: MMID, _ vma: VMArea, _ address: UInt64, _ entry: PhysicalAddress,
    _ original: PageTableEntry, _ lock: LockName
  ) -> VMFault {
    let el1 = editor.el1
    if !original.isSpecial {
      let page = original.output
      let isExclusive = pageFlags(el1, page) & PageDescriptor.exclusive != 0
      if isExclusive || referenceCount(el1, page) == 1 {
        if !isExclusive { setPageFlags(el1, page, pageFlags(el1, page) | PageDescriptor.exclusive) }
        wpPageReuse(editor, mm, vma, address, entry, original)
        el1.unlock(lock)
        return []
      }
    }
    el1.unlock(lock)
    return wpPageCopy(editor, mm, vma, address, entry, original, lock)
  }

  /// Linux: wp_page_reuse().
  private func wpPageReuse(
    _ editor: PageTableEditor, _ mm: MMID, _ vma: VMArea, _ address: UInt64, _ entry: PhysicalAddress, _ original: PageTableEntry
  ) {
    var proposed = original.makingYoung.makingDirty
    if vma.flags.contains(.WRITE) { proposed = proposed.makingWritable }
    _ = setAccessFlags(editor, mm, address, entry, proposed, isWrite: true)
    state.statistics.reuses &+= 1
  }

  /// Replaces the zero page or a shared page by a page of its own: clear, flush, then set, so that no PE sees old and new at
  /// once. Linux: wp_page_copy().
  private func wpPageCopy(
    _ editor: PageTableEditor, _ mm: MMID, _ vma: VMArea, _ address: UInt64, _ entry: PhysicalAddress,
    _ original: PageTableEntry, _ lock: LockName
  ) -> VMFault {
    let el1 = editor.el1
    prepareAnonVMA(el1, mm, vma, [])
    let flags = PageDescriptor.anonymous | PageDescriptor.exclusive
    let fromZero = original.isSpecial
    guard let page = fromZero ? allocateZeroedPage(el1, flags: flags) : allocateCopy(el1, of: original.output, flags: flags) else {
      return .OOM
    }
    el1.lock(lock)
    if editor.load(entry) != original {
      el1.unlock(lock)
      putPage(el1, page)
      return []
    }
    _ = editor.getAndClear(entry)
    state.statistics.tlbInvalidations &+= 1
    flush(el1, mm).page(address)
    var value = PageTableEntry(page | protection(vma.flags)).makingDirty.makingYoung
    if vma.flags.contains(.WRITE) { value = value.makingWritable }
    editor.set(entry, value)
    el1.unlock(lock)
    if fromZero {
      state.mms[mm.rawValue].residentPages &+= 1
      state.statistics.zeroPageCopies &+= 1
    } else {
      putPage(el1, original.output)
      state.statistics.copies &+= 1
    }
    return []
  }

  /// Gives the VMA its anon_vma at the first write. Under the VMA lock that takes a try of the mmap lock.
  /// Linux: __vmf_anon_prepare().
  @inline(__always)
  private func prepareAnonVMA(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, _ flags: FaultFlags) {
    if _fastPath(vma.anonVMA != 0) { return }
    let lock = LockName(.mmapLockRead, UInt64(mm.rawValue))
    let mustLock = flags.contains(.VMA_LOCK)
    if mustLock { el1.lock(lock) }
    if let index = state.mms[mm.rawValue].index(containing: vma.start), state.mms[mm.rawValue].vmas[index].anonVMA == 0 {
      state.mms[mm.rawValue].vmas[index].anonVMA = adjacentAnonVMA(mm, index) ?? freshAnonVMA()
    }
    if mustLock { el1.unlock(lock) }
  }

  /// A neighbour's anon_vma, if the two VMAs could become one. Linux: find_mergeable_anon_vma().
  private func adjacentAnonVMA(_ mm: MMID, _ index: Int) -> UInt32? {
    let vmas = state.mms[mm.rawValue].vmas
    let flagsMatter = ~VMFlags.access.rawValue
    for (lower, upper, other) in [(index, index + 1, index + 1), (index - 1, index, index - 1)] {
      guard vmas.indices.contains(lower), vmas.indices.contains(upper), vmas[other].anonVMA != 0 else { continue }
      let contiguous = vmas[lower].end == vmas[upper].start
        && vmas[lower].pageOffset &+ (vmas[lower].end - vmas[lower].start) >> 12 == vmas[upper].pageOffset
      if contiguous && vmas[lower].flags.rawValue & flagsMatter == vmas[upper].flags.rawValue & flagsMatter {
        return vmas[other].anonVMA
      }
    }
    return nil
  }

  private func freshAnonVMA() -> UInt32 {
    let id = state.nextAnonVMA
    state.nextAnonVMA &+= 1
    return id
  }
}
