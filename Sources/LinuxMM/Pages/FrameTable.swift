// Owns which frames of RAM are free, which of those are known to be zero, and the page descriptors' place.
// It does not know what frames are used for.
import Architecture

/// The frame allocator's state. Freed frames are reused last in, first out, while the host's caches still hold them;
/// frames that were never used are known to be zero and cost the host nothing until then.
///
/// RAM from its base: page descriptors, the page of zeroes, an empty table, then frames to give out.
public struct FrameTable: Sendable {
  /// Frames of RAM.
  public let count: UInt32
  /// Frames that can be given out at all. Linux: totalram_pages().
  public let managed: UInt32
  public let ramBase: UInt64
  /// Physical address of the page descriptors (64 bytes a frame). Linux: the vmemmap.
  public let descriptors: UInt64
  /// The page of zeroes and the empty table that TTBR1_EL1 points to.
  public let zeroFrame: UInt64
  public let emptyTable: UInt64
  /// The first frame never used so far.
  private(set) var nextFresh: UInt32
  private var free: [UInt32] = []

  /// Nil where RAM has no room for anything but the reserved frames.
  init?(ramBase: UInt64, ramSize: UInt64) {
    let frames = ramSize >> 12
    let reserved = (frames * 64 + 0xfff) >> 12 + 2
    guard frames <= UInt64(UInt32.max), reserved + 16 <= frames else { return nil }
    count = UInt32(frames)
    managed = UInt32(frames - reserved)
    self.ramBase = ramBase
    descriptors = ramBase
    zeroFrame = ramBase + (reserved - 2) << 12
    emptyTable = zeroFrame + 0x1000
    nextFresh = UInt32(reserved)
  }

  /// Frames in use, reserved ones included.
  public var used: UInt32 { nextFresh - UInt32(free.count) }
  public var available: UInt32 { count - used }
  /// Most frames ever in use at once, reserved ones included: a fresh frame is taken only when no other is free.
  public var highWater: UInt32 { nextFresh }

  /// A free frame's physical address and whether it is known to be zero; nil when RAM is used up.
  @inline(__always)
  mutating func allocate() -> (pa: UInt64, isZero: Bool)? {
    if let frame = free.popLast() { return (address(frame), false) }
    if nextFresh == count { return nil }
    nextFresh += 1
    return (address(nextFresh - 1), true)
  }

  /// 2^order neighbours, aligned to their size, that were never used; what is passed over on the way can be had singly.
  mutating func allocate(order: Int) -> UInt64? {
    let size = UInt64(4096) << UInt64(order)
    let start = (address(nextFresh) + size - 1) & ~(size - 1)
    let first = UInt32((start - ramBase) >> 12)
    guard UInt64(first) + size >> 12 <= UInt64(count) else { return nil }
    free.append(contentsOf: (nextFresh..<first).reversed())
    nextFresh = first + UInt32(size >> 12)
    return start
  }

  mutating func release(_ pa: UInt64) { free.append(UInt32((pa - ramBase) >> 12)) }

  private func address(_ frame: UInt32) -> UInt64 { ramBase + UInt64(frame) << 12 }

  /// Physical address of a frame's page descriptor.
  @inline(__always) func descriptor(of pa: UInt64) -> UInt64 { descriptors &+ ((pa &- ramBase) &>> 12) &<< 6 }
}
