// Owns first touches of private anonymous memory, and the anon_vma that a VMA gets with its first written page.
// It does not know how an address became a VMA and an entry. Linux: mm/memory.c, mm/rmap.c, mm/vma.c.
import Architecture

extension MemoryManager {
  /// First touch: a read maps the zero page, a write a page of its own. Linux: do_anonymous_page().
  @inline(__always)
  func doAnonymousPage(_ el1: EL1Interface, _ fault: FaultInProgress) -> VMFault {
    guard let pte = fault.pte ?? pteAlloc(el1, fault.mm, fault.pmd, fault.address) else { return .OOM }
    let editor = PageTableEditor(el1: el1)
    let lock = LockName(.pageTable, pte.rawValue & ~0xfff)
    if !fault.isWrite {
      let value = PageTableEntry(state.frames.zeroFrame | protection(fault.vma.flags) | PageTableEntry.Bits.special)
      el1.lock(lock)
      if editor.load(pte).isNone {
        editor.set(pte, value)
        state.statistics.zeroPageFaults &+= 1
      }
      el1.unlock(lock)
      return []
    }
    let anonVMA = anonVMAPrepare(el1, fault)
    guard let page = allocateZeroedPage(el1) else { return .OOM }
    el1.lock(lock)
    if !editor.load(pte).isNone {
      el1.unlock(lock)
      putPage(el1, page)
      return []
    }
    addNewAnonymousMapping(el1, page, anonVMA, index: fault.vma.pageIndex(of: fault.address))
    state.mms[fault.mm.rawValue].resident.anonymous &+= 1
    editor.set(pte, writtenEntry(page, fault.vma))
    state.statistics.anonymousFaults &+= 1
    el1.unlock(lock)
    return []
  }

  /// The entry of a private page that was just written: young, dirty, and writable if the VMA is. Linux: maybe_mkwrite().
  @inline(__always)
  func writtenEntry(_ page: UInt64, _ vma: VMArea) -> PageTableEntry {
    let value = PageTableEntry(page | protection(vma.flags)).makingYoung.makingDirty
    return vma.flags.contains(.WRITE) ? value.makingWritable : value
  }

  /// The VMA's anon_vma, which it gets at the first write. Under the VMA lock alone that needs the mmap lock too.
  /// Linux: __vmf_anon_prepare(), __anon_vma_prepare().
  @inline(__always)
  func anonVMAPrepare(_ el1: EL1Interface, _ fault: FaultInProgress) -> UInt32 {
    if _fastPath(fault.vma.anonVMA != 0) { return fault.vma.anonVMA }
    return makeAnonVMA(el1, fault)
  }

  private func makeAnonVMA(_ el1: EL1Interface, _ fault: FaultInProgress) -> UInt32 {
    let mm = fault.mm
    var made: UInt32 = 0
    let mustLock = fault.flags.contains(.VMA_LOCK)
    if mustLock { mmapReadLock(el1, mm) }
    if let index = state.mms[mm.rawValue].index(containing: fault.address), state.mms[mm.rawValue].vmas[index].anonVMA == 0 {
      let id = adjacentAnonVMA(mm, index) ?? state.anonVMAs.makeRoot()
      let lock = LockName(.anonVMA, UInt64(id))
      el1.lock(lock)
      if state.mms[mm.rawValue].vmas[index].anonVMA == 0 {
        state.mms[mm.rawValue].vmas[index].anonVMA = id
        state.mms[mm.rawValue].vmas[index].anonVMAChain = AnonVMAChain(last: id, count: 1, root: id)
        state.anonVMAs.link(state.mms[mm.rawValue].vmas[index])
      }
      made = id
      el1.unlock(lock)
    }
    if mustLock { unlockMM(el1, mm) }
    return made
  }

  /// A neighbour's anon_vma, if the two VMAs could become one by mprotect: the next one's first. Linux: find_mergeable_anon_vma().
  private func adjacentAnonVMA(_ mm: MMID, _ index: Int) -> UInt32? {
    let count = state.mms[mm.rawValue].vmas.count
    for other in [index + 1, index - 1] where other >= 0 && other < count {
      let lower = state.mms[mm.rawValue].vmas[min(index, other)]
      let upper = state.mms[mm.rawValue].vmas[max(index, other)]
      let neighbour = other > index ? upper : lower
      if neighbour.anonVMAChain.count != 1 || lower.end != upper.start || !lower.purpose.merges(with: upper.purpose) { continue }
      if lower.file != upper.file || lower.displacement != upper.displacement { continue }
      if lower.pageOffset &+ (lower.end - lower.start) >> 12 != upper.pageOffset { continue }
      if lower.flags.subtracting(.access) == upper.flags.subtracting(.access) { return neighbour.anonVMA }
    }
    return nil
  }
}
