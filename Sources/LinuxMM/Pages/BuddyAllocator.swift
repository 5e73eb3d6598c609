// Owns free frames: blocks of 2^order frames, which are split when a smaller one is needed and merged when both halves are free,
// and the per-CPU list of single frames. It does not know what frames are used for, nor references. Linux: mm/page_alloc.c.
import Architecture

extension MemoryManager {
  /// Makes all of RAM behind the reserved frames free, in the largest blocks that their numbers allow. Linux: memblock_free_all().
  public func freeAllMemory(_ el1: EL1Interface) {
    var frame = state.frames.firstManaged
    let end = state.frames.count
    while frame < end {
      var order = min(frame.trailingZeroBitCount, FrameTable.maximumOrder)
      while frame + 1 << UInt32(order) > end { order -= 1 }
      link(el1, frame, order, atTail: true)
      frame += 1 << UInt32(order)
    }
    state.frames.startCounting()
  }

  /// Allocates a single frame, and says whether it is known to be zero because it was never allocated before. Nil if RAM is used up
  /// down to the reserve and nothing can be reclaimed. Linux: get_page_from_freelist(), rmqueue_pcplist().
  @inline(__always)
  func allocateFrame(_ el1: EL1Interface) -> (pa: UInt64, isZero: Bool)? {
    if _slowPath(state.frames.perCPU.isEmpty) {
      refillPerCPU(el1)
      // Reclaimed frames come to the per-CPU list first.
      if state.frames.perCPU.isEmpty && !reclaimMemory(el1) { return nil }
      if state.frames.perCPU.isEmpty { refillPerCPU(el1) }
    }
    guard let frame = state.frames.perCPU.popLast() else { return nil }
    state.frames.available &-= 1
    let pa = state.frames.address(frame)
    return (pa, !hasFlag(el1, pa, PageDescriptor.used))
  }

  /// Allocates a block of 2^order frames, and says whether all of it is known to be zero. Nil if no free block is large enough,
  /// even after the per-CPU list was returned. Linux: rmqueue_buddy(), drain_all_pages().
  func allocateBlock(_ el1: EL1Interface, order: Int) -> (pa: UInt64, isZero: Bool)? {
    el1.lock(LockName(.zone, 0))
    var block = allows(order) ? takeBlock(el1, order) : nil
    if block == nil {
      drainPerCPU(el1, to: 0)
      block = allows(order) ? takeBlock(el1, order) : nil
    }
    el1.unlock(LockName(.zone, 0))
    guard let block else { return nil }
    state.frames.available -= 1 << UInt32(order)
    let pa = state.frames.address(block)
    return (pa, !(0..<UInt64(1) << UInt64(order)).contains { hasFlag(el1, pa + $0 << 12, PageDescriptor.used) })
  }

  /// Whether the free lists keep the reserve without a block. Linux: zone_watermark_ok().
  private func allows(_ order: Int) -> Bool {
    Int(state.frames.available) - state.frames.perCPU.count >= Int(state.frames.reserve) + 1 << order
  }

  /// Frees a block whose descriptors are those of pages in use. Linux: free_unref_page(), free_one_page().
  func releaseBlock(_ el1: EL1Interface, _ pa: UInt64, order: Int) {
    // A free frame needs only its flags; the first frame of a free block also gets the other fields.
    for page in 0..<UInt64(1) << UInt64(order) {
      let descriptor = descriptor(el1, pa + page << 12)
      descriptor.store(PageDescriptor.flags, PageDescriptor.used)
      descriptor.store(PageDescriptor.compoundHead, 0 as UInt64)
    }
    state.frames.available += 1 << UInt32(order)
    if order == 0 {
      state.frames.perCPU.append(state.frames.frame(pa))
      if _fastPath(state.frames.perCPU.count <= FrameTable.perCPULimit) { return }
    }
    el1.lock(LockName(.zone, 0))
    if order == 0 {
      drainPerCPU(el1, to: FrameTable.perCPULimit - FrameTable.batch)
    } else {
      freeBlock(el1, state.frames.frame(pa), order)
    }
    el1.unlock(LockName(.zone, 0))
  }

  // MARK: The per-CPU list

  /// Takes a batch from the free lists, down to the reserve; the lowest address is used first. The per-CPU list is empty. Linux:
  /// rmqueue_bulk().
  private func refillPerCPU(_ el1: EL1Interface) {
    el1.lock(LockName(.zone, 0))
    var batch: [UInt32] = []
    let most = min(FrameTable.batch, Int(state.frames.available) - Int(state.frames.reserve))
    while batch.count < most, let frame = takeBlock(el1, 0) { batch.append(frame) }
    el1.unlock(LockName(.zone, 0))
    state.frames.perCPU = batch.reversed()
  }

  /// Returns the frames that were freed first, until the given number is left. The caller holds the zone's lock. Linux:
  /// free_pcppages_bulk().
  private func drainPerCPU(_ el1: EL1Interface, to rest: Int) {
    let leaving = state.frames.perCPU.prefix(state.frames.perCPU.count - min(rest, state.frames.perCPU.count))
    state.frames.perCPU.removeFirst(leaving.count)
    for frame in leaving { freeBlock(el1, frame, 0) }
  }

  /// Returns all frames of the list, so that they can become parts of larger blocks. Linux: drain_all_pages().
  func returnPerCPU(_ el1: EL1Interface) {
    el1.lock(LockName(.zone, 0))
    drainPerCPU(el1, to: 0)
    el1.unlock(LockName(.zone, 0))
  }

  // MARK: Blocks

  /// The first frame of the free block that a frame lies in; nil if it is not free.
  func freeBlock(_ el1: EL1Interface, holding frame: UInt32) -> UInt32? {
    (0...FrameTable.maximumOrder).lazy.map { (frame & ~(1 << UInt32($0) - 1), $0) }.first { isFreeBlock(el1, $0.0, $0.1) }?.0
  }

  /// Takes one frame out of the free block that it lies in; the rest stays free. Linux: isolate_freepages_block().
  func takeFrame(_ el1: EL1Interface, _ frame: UInt32) {
    el1.lock(LockName(.zone, 0))
    guard var head = freeBlock(el1, holding: frame) else { preconditionFailure("the frame is free") }
    var order = Int(field(el1, state.frames.address(head), PageDescriptor.order, as: UInt32.self))
    unlink(el1, head, order)
    while order > 0 {
      order -= 1
      let half = head + 1 << UInt32(order)
      link(el1, frame < half ? half : head, order, atTail: false)
      if frame >= half { head = half }
    }
    el1.unlock(LockName(.zone, 0))
    state.frames.available -= 1
  }

  /// Takes the first block of the smallest sufficient order, and frees its unneeded upper halves. Linux: __rmqueue_smallest(),
  /// expand().
  private func takeBlock(_ el1: EL1Interface, _ order: Int) -> UInt32? {
    guard let found = (order...FrameTable.maximumOrder).first(where: { state.frames.freeLists[$0].first != 0 }) else { return nil }
    let frame = state.frames.freeLists[found].first
    unlink(el1, frame, found)
    var half = found
    while half > order {
      half -= 1
      link(el1, frame + 1 << UInt32(half), half, atTail: false)
    }
    return frame
  }

  /// Merges a block with its other half as long as that is free. Linux: __free_one_page().
  private func freeBlock(_ el1: EL1Interface, _ frame: UInt32, _ order: Int) {
    var (frame, order) = (frame, order)
    while order < FrameTable.maximumOrder && isFreeBlock(el1, frame ^ 1 << UInt32(order), order) {
      unlink(el1, frame ^ 1 << UInt32(order), order)
      frame &= ~(1 << UInt32(order))
      order += 1
    }
    // If the next larger block is likely to become whole soon, this one is put at the end of its list. Linux: buddy_merge_likely().
    let parent = frame & ~(1 << UInt32(order))
    let mayMerge =
      order < FrameTable.maximumOrder - 1 && isFreeBlock(el1, parent ^ 2 << UInt32(order), order + 1)
    link(el1, frame, order, atTail: mayMerge)
  }

  /// Linux: page_is_buddy().
  func isFreeBlock(_ el1: EL1Interface, _ frame: UInt32, _ order: Int) -> Bool {
    if frame < state.frames.firstManaged || frame >= state.frames.count { return false }
    let block = descriptor(el1, state.frames.address(frame))
    return block.load(PageDescriptor.flags, as: UInt64.self) & PageDescriptor.buddy != 0
      && block.load(PageDescriptor.order, as: UInt32.self) == UInt32(order)
  }

  // MARK: The free lists, doubly linked through descriptors

  func link(_ el1: EL1Interface, _ frame: UInt32, _ order: Int, atTail: Bool) {
    let list = state.frames.freeLists[order]
    let (next, previous) = atTail ? (0, list.last) : (list.first, 0)
    let block = descriptor(el1, state.frames.address(frame))
    block.store(PageDescriptor.flags, block.load(PageDescriptor.flags, as: UInt64.self) | PageDescriptor.buddy)
    block.store(PageDescriptor.order, UInt32(order))
    block.store(PageDescriptor.next, next)
    block.store(PageDescriptor.previous, previous)
    if next != 0 { setField(el1, state.frames.address(next), PageDescriptor.previous, frame) }
    if previous != 0 { setField(el1, state.frames.address(previous), PageDescriptor.next, frame) }
    state.frames.freeLists[order].first = previous == 0 ? frame : list.first
    state.frames.freeLists[order].last = next == 0 ? frame : list.last
    state.frames.freeLists[order].count += 1
  }

  private func unlink(_ el1: EL1Interface, _ frame: UInt32, _ order: Int) {
    let block = descriptor(el1, state.frames.address(frame))
    let next = block.load(PageDescriptor.next, as: UInt32.self)
    let previous = block.load(PageDescriptor.previous, as: UInt32.self)
    block.store(PageDescriptor.flags, block.load(PageDescriptor.flags, as: UInt64.self) & ~PageDescriptor.buddy)
    block.store(PageDescriptor.next, 0 as UInt64)
    if next != 0 { setField(el1, state.frames.address(next), PageDescriptor.previous, previous) }
    if previous != 0 { setField(el1, state.frames.address(previous), PageDescriptor.next, next) }
    if previous == 0 { state.frames.freeLists[order].first = next }
    if next == 0 { state.frames.freeLists[order].last = previous }
    state.frames.freeLists[order].count -= 1
  }
}
