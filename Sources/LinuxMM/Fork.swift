// Owns what fork needs of memory: a second address space with the same mappings and contents. This is the simple version, which
// copies every private page at once. It does not know tasks. Linux: mm/mmap.c dup_mmap().
import Architecture

extension MemoryManager {
  /// A copy of an address space. ENOMEM where RAM does not hold it; then nothing is left of it.
  public func fork(_ el1: EL1Interface, _ parent: MMID) throws(Errno) -> MMID {
    let child = try createMM(el1)
    mmapWriteLock(el1, parent)
    let (pgd, asid) = (state.mms[child.rawValue].pgd, state.mms[child.rawValue].asid)
    var space = state.mms[parent.rawValue]
    (space.pgd, space.asid) = (pgd, asid)
    (space.resident, space.pageTables, space.lockedPages, space.lastFound) = (ResidentPages(), 0, 0, 0)
    space.defaultFlags = []
    space.vmas.removeAll { $0.flags.contains(.DONTCOPY) }
    for index in space.vmas.indices {
      space.vmas[index].flags.subtract([.LOCKED, .LOCKONFAULT])
      space.vmas[index].id = newVMAID()
      noteMapped(space.vmas[index])
    }
    space.lockSequence &+= 1
    state.mms[child.rawValue] = space
    let isDone = space.vmas.allSatisfy { copyPages(el1, from: parent, to: child, $0) }
    mmapWriteUnlock(el1, parent)
    if !isDone {
      destroyMM(el1, child)
      throw .ENOMEM
    }
    return child
  }

  /// Private pages are copied, and pages of files left to faults.
  private func copyPages(_ el1: EL1Interface, from parent: MMID, to child: MMID, _ vma: VMArea) -> Bool {
    if vma.flags.contains(.SHARED) || vma.flags.contains(.WIPEONFORK) { return true }
    let editor = PageTableEditor(el1: el1)
    var va = vma.start
    while va < vma.end {
      guard let table = editor.findTable(state.mms[parent.rawValue].pgd, va) else {
        va = (va & ~0x1f_ffff) &+ 0x20_0000
        continue
      }
      let old = editor.load(PageTableEditor.entry(table, 3, va))
      if !old.isNone, !old.isPresent || old.isSpecial || isAnonymous(el1, old.output) {
        guard let pmd = pmdAlloc(el1, child, va), let entry = pteAlloc(el1, child, pmd, va) else { return false }
        if !old.isPresent || old.isSpecial {
          editor.set(entry, old)
        } else {
          guard let page = allocateCopy(el1, of: old.output) else { return false }
          addNewAnonymousMapping(el1, page, vma.anonVMA, index: vma.pageIndex(of: va))
          state.mms[child.rawValue].resident.add(1, .anonymous)
          editor.set(entry, PageTableEntry(old.rawValue & ~PageTableEntry.Bits.output | page))
        }
      }
      va &+= 4096
    }
    return true
  }

  /// The PE leaves every address space, as before the one that it is in dies. Linux: cpu_set_reserved_ttbr0().
  public func leaveMM(_ el1: EL1Interface) {
    el1.write(.TTBR0_EL1, state.frames.emptyTable)
    el1.barrier(.ISB)
  }

  /// A new task begins without faults. Linux: copy_process() clears min_flt and maj_flt.
  public func forgetFaults(of task: TaskID) {
    let index = Int(task.rawValue)
    if state.taskFaults.indices.contains(index) { state.taskFaults[index] = TaskFaults() }
  }

  /// The VMA that an address lies in, without a lock: for those who only ask what kind of memory it is.
  public func vma(_ mm: MMID, containing address: UInt64) -> VMArea? {
    let index = state.mms[mm.rawValue].firstIndex(endingAbove: address)
    guard index < state.mms[mm.rawValue].vmas.count, state.mms[mm.rawValue].vmas[index].start <= address else { return nil }
    return state.mms[mm.rawValue].vmas[index]
  }
}
