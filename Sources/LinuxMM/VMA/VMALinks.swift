// Owns what a VMA is linked to while it is there: the mappings of its file, its anon_vmas, what was promised to it; each under its lock.
// It does not know where a VMA stands or what it maps. Linux: mm/vma.c, mm/rmap.c.
import Architecture

extension MemoryManager {
  /// A VMA is about to be there, or to be two. It holds its file from the moment it is linked to it. Linux: vm_ops->open.
  func openVMA(_ vma: VMArea) {
    state.areas += 1
    retainReservation(vma)
  }

  /// A VMA that was unlinked is gone, or became part of its neighbour; its file may be gone with it. Linux: remove_vma().
  func closeVMA(_ el1: EL1Interface, _ vma: VMArea) {
    state.areas -= 1
    releaseReservation(el1, vma)
    if vma.file != .none { releaseFile(el1, vma.file) }
  }

  // MARK: The file

  /// The VMA is among the mappings of its file from now on. Linux: vma_link_file().
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

  /// One mapping more; the lock is held. Linux: __vma_link_file().
  func enterMappings(_ vma: VMArea) {
    if vma.file == .none { return }
    state.files[vma.file].mappings += 1
    if vma.flags.isSuperset(of: [.SHARED, .MAYWRITE]) { state.files[vma.file].writableMappings += 1 }
  }
  /// One mapping less; the lock is held. Until it is closed the VMA holds the file as an open description does.
  /// Linux: __remove_shared_vm_struct().
  func leaveMappings(_ vma: VMArea) {
    if vma.file == .none { return }
    state.files[vma.file].mappings -= 1
    if vma.flags.isSuperset(of: [.SHARED, .MAYWRITE]) { state.files[vma.file].writableMappings -= 1 }
    retainFile(vma.file)
  }

  // MARK: The anon_vmas

  /// A VMA with this chain is there. Linux: anon_vma_clone().
  func linkAnonVMAs(_ el1: EL1Interface, _ vma: VMArea) {
    if vma.anonVMA == .none { return }
    let lock = anonVMAWriteLock(vma.anonVMAChain)
    el1.lock(lock)
    state.anonVMAs.link(vma)
    el1.unlock(lock)
  }

  /// A VMA with this chain is gone. Linux: unlink_anon_vmas().
  func unlinkAnonVMAs(_ el1: EL1Interface, _ vma: VMArea) {
    if vma.anonVMA == .none { return }
    let lock = anonVMAWriteLock(vma.anonVMAChain)
    el1.lock(lock)
    state.anonVMAs.unlink(vma)
    el1.unlock(lock)
  }

  /// The anon_vma and the chain of a VMA's copy in a child: first the copy is linked to all that its parent is linked to, then to one of
  /// its own, unless an older one that has lost its VMAs serves for it. Linux: anon_vma_fork().
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
