// Owns a VMA's links while it exists: to the mappings of its file, to its anon_vmas, and to its reservations, each under its lock.
// It does not know the VMA's place or contents. Linux: mm/vma.c, mm/rmap.c.
import Architecture

extension MemoryManager {
  /// Prepares a VMA that is about to exist, or to be split. It holds its file from the moment at which it is linked to it. Linux:
  /// vm_ops->open.
  func openVMA(_ vma: VMArea) {
    state.areas += 1
    retainReservation(vma)
  }

  /// Finishes a VMA that was unlinked, because it was removed or merged; its file may be removed with it. Linux: remove_vma().
  func closeVMA(_ el1: EL1Interface, _ vma: VMArea) {
    state.areas -= 1
    releaseReservation(el1, vma)
    if vma.file != .none { releaseFile(el1, vma.file) }
  }

  // MARK: The file

  /// Adds the VMA to the mappings of its file. Linux: vma_link_file().
  func linkFile(_ el1: EL1Interface, _ vma: VMArea) {
    if vma.file == .none { return }
    let lock = mappingWriteLock(vma.file)
    el1.lock(lock)
    enterMappings(vma)
    el1.unlock(lock)
  }

  /// Linux: unlink_file_vma().
  func unlinkFile(_ el1: EL1Interface, _ vma: VMArea) {
    if vma.file == .none { return }
    let lock = mappingWriteLock(vma.file)
    el1.lock(lock)
    leaveMappings(vma)
    el1.unlock(lock)
  }

  /// Counts one mapping more; the caller holds the lock. Linux: __vma_link_file().
  func enterMappings(_ vma: VMArea) {
    if vma.file == .none { return }
    state.files[vma.file].mappings += 1
    if vma.flags.isSuperset(of: [.SHARED, .MAYWRITE]) { state.files[vma.file].writableMappings += 1 }
  }
  /// Counts one mapping less; the caller holds the lock. Until it is closed the VMA holds the file as an open description does.
  /// Linux: __remove_shared_vm_struct().
  func leaveMappings(_ vma: VMArea) {
    if vma.file == .none { return }
    state.files[vma.file].mappings -= 1
    if vma.flags.isSuperset(of: [.SHARED, .MAYWRITE]) { state.files[vma.file].writableMappings -= 1 }
    retainFile(vma.file)
  }

  // MARK: The anon_vmas

  /// Links a VMA with this chain. Linux: anon_vma_clone().
  func linkAnonVMAs(_ el1: EL1Interface, _ vma: VMArea) {
    if vma.anonVMA == .none { return }
    let lock = anonVMAWriteLock(vma.anonVMAChain)
    el1.lock(lock)
    state.anonVMAs.link(vma)
    el1.unlock(lock)
  }

  /// Unlinks a VMA with this chain. Linux: unlink_anon_vmas().
  func unlinkAnonVMAs(_ el1: EL1Interface, _ vma: VMArea) {
    if vma.anonVMA == .none { return }
    let lock = anonVMAWriteLock(vma.anonVMAChain)
    el1.lock(lock)
    state.anonVMAs.unlink(vma)
    el1.unlock(lock)
  }

  /// The anon_vma and the chain of a VMA's copy in a child. The copy is linked to the whole chain of its parent, and then to an
  /// anon_vma of its own, unless an older one that has lost its VMAs can serve for it. Linux: anon_vma_fork().
  func forkAnonVMAs(_ el1: EL1Interface, _ parent: VMArea) -> (anonVMA: AnonVMAID, chain: AnonVMAChain) {
    let lock = anonVMAWriteLock(parent.anonVMAChain)
    el1.lock(lock)
    let reused = state.anonVMAs.linkChild(parent.anonVMAChain)
    el1.unlock(lock)
    if let reused { return (reused, parent.anonVMAChain) }
    el1.lock(lock)
    let chain = state.anonVMAs.addOwn(of: parent)
    el1.unlock(lock)
    return (chain.last, chain)
  }
}
