// Owns the claim that the frame allocator gives each frame once, merges whatever can be merged, and knows which frames are zero.
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

  /// Blocks of random orders come and go; the lists must hold exactly the largest aligned runs that are free.
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func listsAreTheTwinsRuns(seed: UInt64) throws {
    // 6.3 MiB: the last block is not a whole one.
    let bench = try MemoryBench(memory: 0x64_d000)
    let (manager, el1) = (bench.manager, bench.el1)
    let frames = manager.state.frames
    var twin = BuddyTwin(first: Int(frames.firstManaged), count: Int(frames.count))
    // The bench's own top table, and what the per-CPU list holds from then on.
    let top = Int(frames.frame(bench.space.pgd))
    let isTopFree = twin.take(top, order: 0)
    #expect(isTopFree)
    var random = SeededRandom(seed: seed)
    var taken: [(frame: Int, order: Int)] = []
    for step in 0..<3000 {
      if random.chance(1, in: 2) || taken.isEmpty {
        // Small ones mostly; order 0 has its own list in front and is asked for below.
        let order = 1 + Int(random.below(random.below(10) + 1))
        guard let pa = manager.allocateBlock(el1, order: order) else {
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

  /// Single frames: last in, first out; each once; at the end everything is whole again.
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
    // 4 MiB: only the per-CPU list's frames can stand in the way, and they are given back for it.
    #expect(manager.allocateBlock(el1, order: 10) != nil)
    #expect(manager.state.frames.perCPU.isEmpty)
  }

  /// RAM from 0x4000_0000: 2048 frames, 32 of descriptors, the zero page, the empty table. Low halves first.
  @Test func freshMemoryIsUsedFromBelow() throws {
    let bench = try MemoryBench(memory: 8 << 20)
    #expect(bench.space.pgd == 0x4002_2000)
    #expect(bench.manager.allocateFrame(bench.el1)! == (0x4002_3000, true))
    #expect(bench.manager.allocateBlock(bench.el1, order: 9) == 0x4020_0000)
    #expect(bench.manager.allocateBlock(bench.el1, order: 10) == 0x4040_0000)
    #expect(bench.manager.allocateBlock(bench.el1, order: 10) == nil)
  }

  @Test func aFolioIsFreedWhole() throws {
    let bench = try MemoryBench(memory: 8 << 20)
    let (manager, el1) = (bench.manager, bench.el1)
    let free = manager.state.frames.available
    let head = try #require(manager.allocateFolio(el1, order: 9))
    #expect(manager.state.frames.available == free - 512)
    #expect(manager.folio(el1, head + 511 << 12) == head)
    #expect(manager.folioPages(el1, head) == 512)
    manager.getPage(el1, head + 5 << 12)
    el1.store(PhysicalAddress(head + 7 << 12), 99 as UInt64)
    manager.putPage(el1, head + 300 << 12)
    #expect(manager.state.frames.available == free - 512)
    manager.putPage(el1, head)
    #expect(manager.state.frames.available == free)
    // What it held is gone, whoever gets the frames.
    let again = try #require(manager.allocateFolio(el1, order: 9))
    #expect(again == head)
    #expect(el1.load(PhysicalAddress(head + 7 << 12), as: UInt64.self) == 0)
  }

  @Test func aFolioComesApart() throws {
    let bench = try MemoryBench(memory: 8 << 20)
    let (manager, el1) = (bench.manager, bench.el1)
    let free = manager.state.frames.available
    let head = try #require(manager.allocateFolio(el1, order: 9))
    // Three of its pages are mapped, and somebody else looks at it.
    manager.setField(el1, head, PageDescriptor.mapping, 7 as UInt64)
    manager.setField(el1, head, PageDescriptor.index, 0x1000 as UInt64)
    manager.setFlag(el1, head, PageDescriptor.anonymous)
    for page in [0, 3, 511] as [UInt64] {
      manager.getPage(el1, head)
      manager.addMapping(el1, head + page << 12)
      manager.setExclusive(el1, head + page << 12)
    }
    manager.getPage(el1, head)
    #expect(!manager.splitFolio(el1, head))
    #expect(manager.folioPages(el1, head) == 512)
    manager.putPage(el1, head)
    #expect(manager.splitFolio(el1, head))
    #expect(manager.state.frames.available == free - 3)
    let last = head + 511 << 12
    #expect(manager.folio(el1, last) == last)
    #expect([head, head + 3 << 12, last].map { manager.referenceCount(el1, $0) } == [2, 1, 1])
    #expect(manager.field(el1, last, PageDescriptor.index, as: UInt64.self) == 0x11ff)
    #expect(manager.field(el1, last, PageDescriptor.flags, as: UInt64.self) == 3)
    for page in [head, head + 3 << 12, last] {
      manager.removeMapping(el1, page)
      manager.putPage(el1, page)
    }
    #expect(manager.state.frames.available == free - 1)
    manager.putPage(el1, head)
    #expect(manager.state.frames.available == free)
  }
}
