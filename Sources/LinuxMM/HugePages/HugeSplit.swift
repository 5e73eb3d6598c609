// Owns the split of a huge page's level 2 entry into a table, by break-before-make, also where the border of a VMA requires it.
// It does not know how folios are split: the pages keep their folio. Linux: mm/huge_memory.c __split_huge_pmd().
import Architecture

extension MemoryManager {
  /// Replaces a block by the table that was deposited for it, if the entry still is a block. One that maps a file is just removed,
  /// because faults can map its pages again. Linux: __split_huge_pmd().
  func splitHugePMD(_ el1: EL1Interface, _ mm: MMID, _ pmd: PhysicalAddress, _ va: UInt64) {
    let lock = PageTableEditor.lock(pmd)
    el1.lock(lock)
    let now = PageTableEditor(el1: el1).load(pmd)
    if PageTableEditor.isHuge(now.rawValue) {
      state.statistics.hugePages.splitPMD &+= 1
      if now.isSpecial {
        splitHugeZeroPMD(el1, mm, pmd, va & ~HugePage.mask)
      } else if isAnonymous(el1, now.output) {
        splitHugePMDLocked(el1, mm, pmd, va & ~HugePage.mask)
      } else {
        removeHugeFilePMD(el1, mm, pmd, va & ~HugePage.mask)
      }
    }
    el1.unlock(lock)
  }

  /// First the block becomes invalid to hardware, though still present to Linux, and is removed from the TLBs. Then the table is
  /// filled, and only after that it takes the block's place. An actor that faults in between waits for the lock. Linux:
  /// __split_huge_pmd_locked().
  private func splitHugePMDLocked(_ el1: EL1Interface, _ mm: MMID, _ pmd: PhysicalAddress, _ address: UInt64) {
    let editor = PageTableEditor(el1: el1)
    var old = editor.invalidate(pmd)
    flushHugePage(el1, mm, address)
    let head = old.output
    if old.isDirty {
      setFlag(el1, head, PageDescriptor.dirty)
      old = old.makingDirty
    }
    spreadHugeMapping(el1, head)
    let table = withdraw(el1, pmd)
    let pages = old.makingPage
    for page in 0..<UInt64(HugePage.pages) {
      editor.set(PhysicalAddress(table + page * 8), PageTableEntry(pages.rawValue + page << 12))
    }
    editor.populate(pmd, with: table, accessFlag: configuration.profile.setsTableAccessFlag)
  }

  /// Replaces the huge zero page by 512 entries of the zero page. No write to a page of zeroes can be lost, so the entry is empty
  /// in between. Linux: __split_huge_zero_page_pmd().
  private func splitHugeZeroPMD(_ el1: EL1Interface, _ mm: MMID, _ pmd: PhysicalAddress, _ address: UInt64) {
    let editor = PageTableEditor(el1: el1)
    let old = editor.getAndClear(pmd)
    flushHugePage(el1, mm, address)
    let table = withdraw(el1, pmd)
    let attributes = old.makingPage.rawValue & ~PageTableEntry.Bits.output
    for page in 0..<UInt64(HugePage.pages) {
      editor.set(PhysicalAddress(table + page * 8), PageTableEntry(state.frames.zeroFrame | attributes))
    }
    editor.populate(pmd, with: table, accessFlag: configuration.profile.setsTableAccessFlag)
  }

  /// Splits a huge page that contains `border` before that address becomes the border of a VMA. Linux: vma_adjust_trans_huge().
  func splitHugePMD(_ el1: EL1Interface, _ mm: MMID, _ vma: VMArea, across border: UInt64) {
    if border & HugePage.mask == 0 || !vma.covers(border & ~HugePage.mask) { return }
    guard let pmd = PageTableEditor(el1: el1).findPMD(state[mm].pgd, border) else { return }
    if PageTableEditor.isHuge(el1.loadDescriptor(pmd)) { splitHugePMD(el1, mm, pmd, border) }
  }
}
