// Owns the frame allocator's state outside guest RAM: the layout of RAM, the heads of the free lists, the per-CPU list.
// It does not know how blocks are split and merged, nor what frames are used for.
import Architecture

/// The frame allocator's state. Linux: struct zone, struct per_cpu_pages.
///
/// From its base, RAM holds the page descriptors, the zero page, an empty table, and then the frames that can be allocated. Frame
/// numbers count from the base. Free blocks are linked through the descriptors of their first frames.
public struct FrameTable: Sendable {
  /// The number of frames of RAM.
  public let count: UInt32
  /// The number of frames that can be allocated. Linux: totalram_pages().
  public let managed: UInt32
  public let ramBase: UInt64
  /// Physical address of the page descriptors, 64 bytes for each frame. Linux: the vmemmap.
  public let descriptors: UInt64
  /// Physical addresses of the zero page and of the empty table to which TTBR1_EL1 points.
  public let zeroFrame: UInt64
  public let emptyTable: UInt64

  /// The largest block is 2^10 frames. Linux: MAX_PAGE_ORDER.
  static var maximumOrder: Int { 10 }
  /// The number of frames that move between the free lists and the per-CPU list at once, and the most that the latter holds. Linux:
  /// pcp->batch, pcp->high.
  static var batch: Int { 63 }
  static var perCPULimit: Int { 6 * batch }

  /// The free blocks of one order: the first and the last as frame numbers, 0 if there is none, and their number.
  struct FreeList: Hashable, Sendable {
    var first: UInt32 = 0
    var last: UInt32 = 0
    var count = 0
  }
  var freeLists = [FreeList](repeating: FreeList(), count: maximumOrder + 1)
  /// Single free frames. The frame freed last is used first, while the host's caches still hold it.
  var perCPU: [UInt32] = []
  /// The number of free frames, including those of the per-CPU list.
  public internal(set) var available: UInt32 {
    didSet { if available < leastAvailable { leastAvailable = available } }
  }
  private var leastAvailable: UInt32
  /// The frames that allocations leave in the free lists. Linux: WMARK_MIN.
  var reserve: UInt32 = 0

  /// Nil if RAM has room only for the reserved frames.
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
    // No frame is free until the blocks are made.
    available = 0
    leastAvailable = count
  }

  /// The first frame that can be allocated.
  var firstManaged: UInt32 { count - managed }
  /// The number of frames in use, including reserved ones.
  public var used: UInt32 { count - available }
  /// The largest number of frames ever in use at once, including reserved ones.
  public var highWater: UInt32 { count - leastAvailable }

  /// Makes all managed frames free.
  mutating func startCounting() {
    available = managed
    leastAvailable = managed
  }

  @inline(__always) func address(_ frame: UInt32) -> UInt64 { ramBase &+ UInt64(frame) &<< 12 }
  @inline(__always) func frame(_ pa: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: (pa &- ramBase) &>> 12) }

  /// Physical address of a frame's page descriptor.
  @inline(__always) func descriptor(of pa: UInt64) -> UInt64 { descriptors &+ ((pa &- ramBase) &>> 12) &<< 6 }
}
