// Owns reading another address space's memory regardless of its protection, as debuggers and core dumps do.
// It does not know who asks. Linux: mm/memory.c access_remote_vm() with FOLL_FORCE.
import Architecture

extension MemoryManager {
  /// Reads bytes from an address on, up to the first that is not mapped, whose mapping lacks a right, or that cannot be brought in.
  public func peekUser(
    _ el1: EL1Interface, _ mm: MMID, task: TaskID, address: UInt64, count: Int, needing rights: VMFlags = []
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let at = address &+ UInt64(bytes.count)
      let piece = min(count - bytes.count, 4096 - Int(at & 0xfff))
      guard let page = readablePage(el1, mm, task, at, rights) else { break }
      let start = PhysicalAddress(page + at & 0xfff)
      bytes += UnsafeRawBufferPointer(start: el1.hostAddress(start, size: UInt64(piece)), count: piece)
    }
    return bytes
  }

  /// Writes bytes from an address on, up to the first that is not mapped or cannot be made private, and returns their number. Since 6.13
  /// only memory that the process itself may write can be written. Linux: proc_mem_foll_force().
  public func pokeAsDebugger(_ el1: EL1Interface, _ mm: MMID, task: TaskID, address: UInt64, _ bytes: [UInt8]) -> Int {
    pokeUser(el1, mm, task: task, address: address, bytes, needing: configuration.profile.protectsFromMemoryFiles ? .WRITE : [])
  }

  /// Writes bytes from an address on, and returns their number. Without a right it still writes private memory.
  public func pokeUser(
    _ el1: EL1Interface, _ mm: MMID, task: TaskID, address: UInt64, _ bytes: [UInt8], needing rights: VMFlags
  ) -> Int {
    var done = 0
    while done < bytes.count {
      let at = address &+ UInt64(done)
      let piece = min(bytes.count - done, 4096 - Int(at & 0xfff))
      guard let vma = vma(mm, containing: at), vma.flags.isSuperset(of: rights) else { break }
      if !vma.flags.contains(.WRITE) && !vma.flags.isCopyOnWrite { break }
      do { try pokeUser(el1, mm, task: task, address: at, Array(bytes[done..<done + piece])) } catch { break }
      done += piece
    }
    return done
  }

  /// The addresses of the pages of [start, end) that are present, in order.
  public func presentPages(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, _ end: UInt64) -> [UInt64] {
    var pages: [UInt64] = []
    var walk = firstEntry(el1, mm, start, end)
    while walk.isOngoing {
      let found = inspect(el1, walk)
      if found.entry.isPresent { pages += (0..<found.pages).map { found.address + $0 << 12 } }
      walk = nextEntry(el1, walk)
    }
    return pages
  }

  private func readablePage(_ el1: EL1Interface, _ mm: MMID, _ task: TaskID, _ address: UInt64, _ rights: VMFlags) -> UInt64? {
    for _ in 0..<4 {
      mmapReadLock(el1, mm)
      defer { unlockMM(el1, mm) }
      guard let vma = vma(mm, containing: address), vma.flags.isSuperset(of: rights) else { return nil }
      if let leaf = leaf(el1, mm, address), leaf.entry.isPresent { return leaf.page }
      let fault = handleMMFault(el1, mm, vma, address: address, flags: .REMOTE, task: task)
      if !fault.isDisjoint(with: .ERROR) { return nil }
    }
    return nil
  }
}
