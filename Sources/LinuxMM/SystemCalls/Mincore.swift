// Owns mincore's answer: which pages of a range are in RAM.
// It does not know where user space wants the answer. Linux: mm/mincore.c.
import Architecture

extension MemoryManager {
  /// A byte for each page from the virtual address `start` on, 1 if it is in RAM: mapped here, or in its file's cache. The answer
  /// covers at most `count` pages and does not go beyond one VMA. ENOMEM if nothing is mapped at `start`. Linux: do_mincore().
  public func mincore(_ el1: EL1Interface, _ mm: MMID, start: UInt64, count: Int) throws(Errno) -> [UInt8] {
    mmapReadLock(el1, mm)
    defer { unlockMM(el1, mm) }
    guard let index = state[mm].index(containing: start) else { throw .ENOMEM }
    let vma = state[mm].vmas[index]
    let pages = min(UInt64(count), (vma.end - start) >> 12)
    var answers = [UInt8](repeating: 0, count: Int(pages))
    for page in 0..<pages {
      let va = start + page << 12
      if let entry = leaf(el1, mm, va)?.entry, entry.isPresent || SwapEntry(entry)?.poisonedPage != nil {
        answers[Int(page)] = 1
      } else if !vma.isAnonymous && !vma.flags.contains(.HUGETLB) && isCached(el1, vma.file, vma.pageIndex(of: va)) {
        // A page of pool memory counts only if it is mapped. Linux: mincore_hugetlb().
        answers[Int(page)] = 1
      }
    }
    return answers
  }
}
