// Owns which ASID an address space has, and what happens when all ASIDs are used up.
// It does not know page tables. Linux: arch/arm64/mm/context.c.
import Architecture

/// ASIDs are given out in turn and never taken back. An address space with an ASID of an older generation gets a new one when a PE
/// switches to it. When none is left a new generation begins, and every TLB is flushed. ASID 0 belongs to no address space.
struct ASIDAllocator: Sendable {
  private(set) var generation: UInt64 = 1
  private var next: UInt32 = 1
  /// The ASIDs of the previous generation that PEs were using when this generation began.
  private var reserved: [UInt16] = []
  /// The address space that each PE runs.
  fileprivate var running: [MMID?] = []

  fileprivate mutating func allocate() -> UInt16? {
    while next <= UInt32(UInt16.max) {
      let asid = UInt16(next)
      next += 1
      if !reserved.contains(asid) { return asid }
    }
    return nil
  }

  fileprivate mutating func startGeneration(reserving asids: [UInt16]) {
    generation += 1
    next = 1
    reserved = asids
  }
}

extension MemoryManager {
  /// Gives the address space an ASID of this generation, and records that the PE runs it. Linux: check_and_switch_context().
  func prepareASID(_ el1: EL1Interface, _ mm: MMID) {
    let processor = el1.processor
    while state.asids.running.count <= processor { state.asids.running.append(nil) }
    if state[mm].asidGeneration != state.asids.generation {
      state[mm].asid = newASID(el1)
      state[mm].asidGeneration = state.asids.generation
    }
    state.asids.running[processor] = mm
  }

  /// Linux: new_context(), flush_context().
  private func newASID(_ el1: EL1Interface) -> UInt16 {
    if let asid = state.asids.allocate() { return asid }
    let generation = state.asids.generation
    let kept = state.asids.running.compactMap { $0 }.filter {
      state.mms.contains($0) && state[$0].asidGeneration == generation
    }
    state.asids.startGeneration(reserving: kept.map { state[$0].asid })
    for mm in kept { state[mm].asidGeneration = state.asids.generation }
    flushEverything(el1)
    guard let asid = state.asids.allocate() else { preconditionFailure("more PEs than ASIDs") }
    return asid
  }
}
