// Owns the tests of chunked arrays: beside a plain array, and what a write after a copy duplicates.
// It does not know who keeps what in one.
import TestSupport
import Testing

@testable import Architecture

struct ChunkedArrayTests {
  @Test(arguments: [1, 2, 3] as [UInt64]) func aChunkedArrayIsAnArray(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var chunked = ChunkedArray<UInt64>()
    var naive: [UInt64] = []
    for step in 0..<4000 {
      let value = random.next()
      switch random.below(step / 1000 % 2 == 0 ? 6 : 12) {
      case 0...3:
        chunked.append(value)
        naive.append(value)
      case 4 where !naive.isEmpty:
        let place = Int(random.below(UInt64(naive.count)))
        chunked[place] = value
        naive[place] = value
      case 5 where step % 100 == 0:
        chunked.removeAll { $0 & 1 == 0 }
        naive.removeAll { $0 & 1 == 0 }
      case 6:
        chunked.grow(to: naive.count + 3, with: 7)
        naive += [7, 7, 7]
      default: try #require(chunked.popLast() == naive.popLast())
      }
      try #require(chunked.count == naive.count && chunked.isEmpty == naive.isEmpty && chunked.last == naive.last)
      if step % 50 == 0 { try #require(Array(chunked) == naive) }
    }
    #expect(naive.count > 300)
  }

  @Test func aWriteAfterACopyDuplicatesOneChunk() {
    var array = ChunkedArray<Int>()
    array.grow(to: 100_000, with: 1)
    let copy = array
    array[70_000] = 2
    #expect(chunksApart(array.chunks, copy.chunks) == 1)
    #expect(copy[70_000] == 1 && array[70_000] == 2)
  }
}
