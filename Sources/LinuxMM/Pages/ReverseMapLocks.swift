// Owns the locks of the reverse map: that of a file's mappings, and that of a family of anon_vmas.
// It does not know what is linked or walked under them. Linux: i_mmap_lock_write(), anon_vma_lock_write(), mm/rmap.c.
import Architecture

extension MemoryManager {
  /// The lock under which a file's mappings may be walked. Linux: i_mmap_lock_read().
  func mappingReadLock(_ file: FileID) -> LockName {
    LockName(isHugetlb(file) ? .hugetlbMappingRead : .fileMappingRead, UInt64(file.rawValue))
  }
  /// The lock under which a VMA is added to a file's mappings or removed from them. Linux: i_mmap_lock_write().
  func mappingWriteLock(_ file: FileID) -> LockName {
    LockName(isHugetlb(file) ? .hugetlbMappingWrite : .fileMappingWrite, UInt64(file.rawValue))
  }
  /// The lock of all anon_vmas of one root. Linux: anon_vma_lock_write().
  func anonVMAWriteLock(_ chain: AnonVMAChain) -> LockName { LockName(.anonVMAWrite, UInt64(chain.root.rawValue)) }

  /// The lock of the anon_vmas through which an anonymous folio is found, for a walk of all its mappings; nil if nothing can map it
  /// any more. Linux: folio_lock_anon_vma_read().
  func anonVMAReadLock(_ el1: EL1Interface, ofFolio head: UInt64) -> LockName? {
    let root = state.anonVMAs.root(of: anonVMA(el1, ofFolio: head))
    return root == .none ? nil : LockName(.anonVMARead, UInt64(root.rawValue))
  }
  /// The same for a folio that is about to be split. Linux: folio_get_anon_vma(), anon_vma_lock_write().
  func anonVMAWriteLock(_ el1: EL1Interface, ofFolio head: UInt64) -> LockName? {
    let root = state.anonVMAs.root(of: anonVMA(el1, ofFolio: head))
    return root == .none ? nil : LockName(.anonVMAWrite, UInt64(root.rawValue))
  }
  /// The anon_vma that an anonymous folio names. Linux: folio_anon_vma().
  func anonVMA(_ el1: EL1Interface, ofFolio head: UInt64) -> AnonVMAID {
    AnonVMAID(UInt32(truncatingIfNeeded: field(el1, head, PageDescriptor.mapping, as: UInt64.self) >> 1))
  }

  /// Keeps reverse map walks away from a VMA whose borders or entries are about to move. Linux: vma_prepare(), take_rmap_locks().
  func lockReverseMap(_ el1: EL1Interface, _ vma: VMArea) {
    if vma.file != .none { el1.lock(mappingWriteLock(vma.file)) }
    if vma.anonVMA != .none { el1.lock(anonVMAWriteLock(vma.anonVMAChain)) }
  }
  /// Linux: vma_complete(), drop_rmap_locks().
  func unlockReverseMap(_ el1: EL1Interface, _ vma: VMArea) {
    if vma.anonVMA != .none { el1.unlock(anonVMAWriteLock(vma.anonVMAChain)) }
    if vma.file != .none { el1.unlock(mappingWriteLock(vma.file)) }
  }
}
