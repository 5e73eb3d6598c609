// Owns the frame allocator's books outside guest RAM: where RAM's parts lie, the heads of the free lists, the per-CPU list.
// It does not know how blocks are split and merged, nor what frames are used for.
import Architecture

/// The frame allocator's state. Linux: struct zone, struct per_cpu_pages.
///
/// RAM from its base: page descriptors, the page of zeroes, an empty table, then frames to give out. Frame numbers count from the
/// base; free blocks are linked through their first frames' descriptors.
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

  /// The largest block is 2^10 frames. Linux: MAX_PAGE_ORDER.
  static var maximumOrder: Int { 10 }
  /// Frames that go between the free lists and the per-CPU list at once, and how many that may hold. Linux: pcp->batch, pcp->high.
  static var batch: Int { 63 }
  static var perCPULimit: Int { 6 * batch }

  /// The free blocks of one order: first and last as frame numbers, 0 where there is none, and how many they are.
  struct FreeList: Hashable, Sendable {
    var first: UInt32 = 0
    var last: UInt32 = 0
    var count = 0
  }
  var freeLists = [FreeList](repeating: FreeList(), count: maximumOrder + 1)
  /// Single frames in front of the lists: the last one freed is the first one used, while the host's caches still hold it.
  var perCPU: [UInt32] = []
  /// Free frames, those of the per-CPU list included.
  public internal(set) var available: UInt32 {
    didSet { if available < leastAvailable { leastAvailable = available } }
  }
  private var leastAvailable: UInt32

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
    // Nothing is free until the blocks are made.
    available = 0
    leastAvailable = count
  }

  /// The first frame that can be given out.
  var firstManaged: UInt32 { count - managed }
  /// Frames in use, reserved ones included.
  public var used: UInt32 { count - available }
  /// Most frames ever in use at once, reserved ones included.
  public var highWater: UInt32 { count - leastAvailable }

  /// All managed frames are free from now on.
  mutating func startCounting() {
    available = managed
    leastAvailable = managed
  }

  @inline(__always) func address(_ frame: UInt32) -> UInt64 { ramBase &+ UInt64(frame) &<< 12 }
  @inline(__always) func frame(_ pa: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: (pa &- ramBase) &>> 12) }

  /// Physical address of a frame's page descriptor.
  @inline(__always) func descriptor(of pa: UInt64) -> UInt64 { descriptors &+ ((pa &- ramBase) &>> 12) &<< 6 }
}
