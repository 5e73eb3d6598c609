// Owns fork at small scope, exhaustively: two address spaces, three pages, every sequence of five calls and accesses.
// It does not know pages, counts or entries: it compares what programs see, and checkInvariants checks the rest.
import Architecture
import TestSupport
import Testing

@testable import LinuxMM

/// A program's next step; pages are given by number.
private enum Move: Hashable {
  case read(Int), write(Int), unmap(Int), protect(Int)
  /// Forks if there is only one address space, and continues in the other one.
  case change
  /// The other address space ends.
  case end

  static let all: [Move] = (0..<3).flatMap { [.read($0), .write($0), .unmap($0), .protect($0)] } + [.change, .end]
}

/// Address spaces as maps from page to protection and contents, together with the real ones.
private final class ForkScope {
  struct Page {
    var isWritable = true
    var value: UInt64 = 0
  }
  static let va: UInt64 = 0x4000_0000
  let bench: MemoryBench
  private let free: UInt32
  private var spaces: [(id: MMID, pages: [Page?])] = []
  private var current = 0
  private var stamp: UInt64 = 0

  init() throws {
    bench = try MemoryBench(memory: 1 << 20)
    free = bench.manager.state.frames.available
  }

  /// Makes one address space, in which page 0 was written and page 1 was read.
  func start() throws {
    let id = try bench.manager.createMM(bench.el1)
    bench.enter(id)
    _ = try bench.mmap(Self.va, pages: 3)
    (spaces, current) = ([(id, Array(repeating: Page(), count: 3))], 0)
    #expect(try play(.write(0)) && play(.read(1)))
  }

  func finish() {
    for space in spaces { bench.manager.destroyMM(bench.el1, space.id) }
    #expect(bench.manager.state.frames.available == free)
  }

  /// Performs a move. False means that the move would change nothing, so that a shorter sequence covers it.
  func play(_ move: Move) throws -> Bool {
    switch move {
    case .read(let page):
      #expect(bench.load(Self.va + UInt64(page) << 12) == spaces[current].pages[page]?.value)
    case .write(let page):
      stamp += 1
      let touch = bench.store(Self.va + UInt64(page) << 12, stamp)
      guard let old = spaces[current].pages[page] else {
        #expect(touch == .noMapping)
        return false
      }
      if old.isWritable {
        #expect([.done(faults: 0), .done(faults: 1)].contains(touch))
        spaces[current].pages[page]!.value = stamp
      } else {
        #expect(touch == .denied)
      }
    case .unmap(let page):
      if spaces[current].pages[page] == nil { return false }
      try bench.munmap(Self.va + UInt64(page) << 12, pages: 1)
      spaces[current].pages[page] = nil
    case .protect(let page):
      guard let old = spaces[current].pages[page] else { return false }
      try bench.mprotect(Self.va + UInt64(page) << 12, pages: 1, old.isWritable ? 1 : 3)
      spaces[current].pages[page]!.isWritable.toggle()
    case .change:
      if spaces.count == 1 { spaces.append((try bench.manager.fork(bench.el1, spaces[0].id), spaces[0].pages)) }
      current = 1 - current
      bench.enter(spaces[current].id)
    case .end:
      if spaces.count == 1 { return false }
      bench.manager.destroyMM(bench.el1, spaces.remove(at: 1 - current).id)
      current = 0
    }
    return true
  }

  /// Compares every page of both, read without faults; an absent page counts as zero.
  func contentsAreRight() -> Bool {
    let here = bench.mm
    defer { bench.enter(here) }
    return spaces.allSatisfy { space in
      bench.enter(space.id)
      return (0..<3).allSatisfy { page in
        let seen = bench.peek(Self.va + UInt64(page) << 12)
        let isReadable = space.pages[page] != nil
        return isReadable ? (seen ?? 0) == space.pages[page]!.value : seen == nil
      }
    }
  }
}

struct ForkScopeTests {
  /// All sequences that begin with one move, depth first; each prefix is checked once.
  @Test(arguments: Move.all.indices) func everySequenceOfFive(first: Int) throws {
    let scope = try ForkScope()
    var sequences = 0
    func extend(_ moves: [Move]) throws {
      try scope.start()
      var hasEffect = true
      for move in moves where hasEffect { hasEffect = try scope.play(move) }
      if hasEffect {
        sequences += 1
        let problems = scope.bench.manager.checkInvariants(scope.bench.el1)
        try #require(problems == [], "after \(moves)")
        try #require(scope.contentsAreRight(), "after \(moves)")
      }
      scope.finish()
      if !hasEffect || moves.count == 5 { return }
      for move in Move.all { try extend(moves + [move]) }
    }
    try extend([Move.all[first]])
    #expect(sequences > 0 || Move.all[first] == .end)
  }
}
