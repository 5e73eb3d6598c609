// Owns the comparison of the sparse map of a file's pages with a dictionary.
// It does not know files.
import TestSupport
import Testing

@testable import LinuxMM

struct PageCacheTests {
  /// Indices that share nodes: neighbours, some megabytes apart, and the largest that a file can have.
  private static func index(_ random: inout SeededRandom) -> UInt64 {
    switch random.below(4) {
    case 0: random.below(70)
    case 1: random.below(40) << 9
    case 2: 1 << 30 + random.below(300)
    default: UInt64(Int64.max) >> 12 - random.below(5)
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func isADictionary(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var cache = PageCache()
    var naive: [UInt64: UInt64] = [:]
    for step in 0..<4000 {
      let index = Self.index(&random)
      if random.chance(step / 1000 % 2 == 0 ? 4 : 1, in: 5) {
        if naive[index] == nil {
          naive[index] = 1 + random.below(1 << 40)
          cache.insert(naive[index]!, at: index)
        }
      } else {
        try #require(cache.remove(at: index) == naive.removeValue(forKey: index))
      }
      try #require(cache.count == naive.count)
      let (a, b) = (Self.index(&random), Self.index(&random))
      let (start, end) = (min(a, b), max(a, b))
      let expected = naive.filter { $0.key >= start && $0.key < end }.sorted { $0.key < $1.key }
      try #require(cache.pages(start, end).map { [$0.index, $0.page] } == expected.map { [$0.key, $0.value] })
      try #require(cache.first(start, end) == expected.first?.key)
      try #require(cache[a] == naive[a])
      var missing = start
      while naive[missing] != nil { missing += 1 }
      try #require(cache.firstMissing(from: start) == missing)
    }
  }
}
