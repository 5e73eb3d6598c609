// Owns tests that the frame allocator gives out each frame once, merges all blocks that can be merged, and knows which frames are
// zero.
// It does not know what the frames are for.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

struct BuddyAllocatorTests {
  private static func freeBlocks(_ bench: MemoryBench) -> [[Int]] {
    bench.manager.state.frames.freeLists.map { list in
      var frames: [Int] = []
      var (frame, previous) = (list.first, UInt32(0))
      while frame != 0 {
        let pa = bench.manager.state.frames.address(frame)
        #expect(bench.manager.field(bench.el1, pa, PageDescriptor.previous, as: UInt32.self) == previous)
        frames.append(Int(frame))
        previous = frame
        frame = bench.manager.field(bench.el1, pa, PageDescriptor.next, as: UInt32.self)
      }
      #expect(list.last == previous)
      #expect(list.count == frames.count)
      return frames.sorted()
    }
  }

  /// Blocks of random orders are allocated and freed. The lists must hold exactly the largest aligned free runs.
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func listsAreTheTwinsRuns(seed: UInt64) throws {
    // With 6.3 MiB the last block is not complete.
    let bench = try MemoryBench(memory: 0x64_d000)
    let (manager, el1) = (bench.manager, bench.el1)
    let frames = manager.state.frames
    var twin = BuddyTwin(first: Int(frames.firstManaged), count: Int(frames.count))
    // The frames of the bench's own top table and of the per-CPU list.
    let top = Int(frames.frame(bench.space.pgd))
    let isTopFree = twin.take(top, order: 0)
    #expect(isTopFree)
    var random = SeededRandom(seed: seed)
    var taken: [(frame: Int, order: Int)] = []
    for step in 0..<3000 {
      if random.chance(1, in: 2) || taken.isEmpty {
        // Mostly small blocks. Order 0 has its own list and is tried below.
        let order = 1 + Int(random.below(random.below(10) + 1))
        guard let (pa, _) = manager.allocateBlock(el1, order: order) else {
          #expect(!twin.hasBlock(order: order), "step \(step): order \(order) was refused")
          continue
        }
        let frame = Int(manager.state.frames.frame(pa))
        let wasFree = twin.take(frame, order: order)
        try #require(wasFree, "step \(step): frame \(frame) of order \(order) was not free")
        taken.append((frame, order))
      } else {
        let block = taken.remove(at: Int(random.below(UInt64(taken.count))))
        manager.releaseBlock(el1, manager.state.frames.address(UInt32(block.frame)), order: block.order)
        twin.give(block.frame, order: block.order)
      }
      try #require(Int(manager.state.frames.available) == twin.isFree.count { $0 })
      if step % 50 == 49 {
        var expected = twin
        for frame in manager.state.frames.perCPU { _ = expected.take(Int(frame), order: 0) }
        try #require(Self.freeBlocks(bench) == expected.blocks)
      }
    }
  }

  /// Single frames: the last one freed is given out first, each is given out once, and at the end all blocks are whole.
  @Test func singleFramesComeAndGo() throws {
    let bench = try MemoryBench(memory: 8 << 20)
    let (manager, el1) = (bench.manager, bench.el1)
    var random = SeededRandom(seed: 9)
    var taken: [UInt64] = []
    var seen: Set<UInt64> = []
    for _ in 0..<20000 {
      if random.chance(11, in: 20) {
        guard let (pa, isZero) = manager.allocateFrame(el1) else { continue }
        #expect(isZero == !seen.contains(pa))
        #expect(!taken.contains(pa))
        seen.insert(pa)
        taken.append(pa)
      } else if let pa = taken.popLast() {
        manager.releaseBlock(el1, pa, order: 0)
        #expect(manager.allocateFrame(el1)?.pa == pa)
        manager.releaseBlock(el1, pa, order: 0)
      }
    }
    for pa in taken { manager.releaseBlock(el1, pa, order: 0) }
    #expect(manager.state.frames.available == manager.state.frames.managed - 1)
    // In 4 MiB only frames of the per-CPU list can prevent the block, and they are returned for it.
    #expect(manager.allocateBlock(el1, order: 10) != nil)
    #expect(manager.state.frames.perCPU.isEmpty)
  }

  /// RAM from 0x4000_0000: 2048 frames, 32 of descriptors, the zero page, the empty table. Low halves first.
  @Test func freshMemoryIsUsedFromBelow() throws {
    let bench = try MemoryBench(memory: 8 << 20)
    #expect(bench.space.pgd == 0x4002_2000)
    #expect(bench.manager.allocateFrame(bench.el1)! == (0x4002_3000, true))
    #expect(bench.manager.allocateBlock(bench.el1, order: 9)! == (0x4020_0000, true))
    #expect(bench.manager.allocateBlock(bench.el1, order: 10)! == (0x4040_0000, true))
    #expect(bench.manager.allocateBlock(bench.el1, order: 10) == nil)
  }

  /// A frame that was in use makes all of its block unknown. The one block of order 9 is at 0x4020_0000.
  @Test func aUsedFrameIsRemembered() throws {
    let bench = try MemoryBench(memory: 8 << 20)
    let (manager, el1) = (bench.manager, bench.el1)
    let large = manager.allocateBlock(el1, order: 9)!
    manager.releaseBlock(el1, large.pa, order: 9)
    #expect(manager.allocateBlock(el1, order: 9)! == (0x4020_0000, false))
    #expect(manager.allocateBlock(el1, order: 10)! == (0x4040_0000, true))
  }
}
