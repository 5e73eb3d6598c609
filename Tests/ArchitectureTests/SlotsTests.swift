// Owns tests of `Slots` against a naive twin, and of the digest of plain values.
// It does not know which tables exist.
import Testing

@testable import Architecture

struct SlotsTests {
  private struct ID: RawRepresentable, Hashable, Sendable { var rawValue: UInt32 }

  /// Random insertions, changes and removals, compared with a dictionary of the expected entries.
  @Test(arguments: [0, 1]) func sameAsADictionary(first: Int) throws {
    var random = SplitMix64(seed: 7)
    var slots = Slots<ID, Int>(firstID: first)
    var twin: [UInt32: Int] = [:]
    for step in 0..<3000 {
      let known = twin.keys.sorted()
      switch random.next() % 4 {
      case 0, 1:
        let id = slots.insert(step)
        try #require(twin[id.rawValue] == nil && Int(id.rawValue) >= first)
        twin[id.rawValue] = step
      case 2 where !known.isEmpty:
        let id = known[Int(random.next() % UInt64(known.count))]
        slots[ID(rawValue: id)] += 1
        twin[id]! += 1
      case 3 where !known.isEmpty:
        let id = known[Int(random.next() % UInt64(known.count))]
        slots.remove(ID(rawValue: id))
        twin[id] = nil
      default: break
      }
      try #require(slots.count == twin.count && slots.isEmpty == twin.isEmpty)
    }
    #expect(slots.ids.map(\.rawValue) == twin.keys.sorted())
    #expect(slots.all.allSatisfy { twin[$0.id.rawValue] == $0.element })
    #expect(!slots.contains(ID(rawValue: 1 << 20)) && (first == 0 || !slots.contains(ID(rawValue: 0))))
  }

  @Test func theLastRemovedIsGivenOutFirst() {
    var slots = Slots<ID, String>()
    let ids = (0..<4).map { slots.insert("\($0)") }
    slots.remove(ids[1])
    slots.remove(ids[3])
    #expect(slots.insert("new") == ids[3] && slots.insert("newer") == ids[1] && slots.capacity == 4)
  }

  /// A copy shares all chunks, and a write duplicates one chunk.
  @Test func aCopyIsAValue() {
    var slots = Slots<ID, Int>()
    let ids = (0..<100).map { slots.insert($0) }
    let copy = slots
    slots[ids[40]] = -1
    #expect(copy[ids[40]] == 40 && slots[ids[40]] == -1)
    #expect(StateDigest.of(copy) != StateDigest.of(slots))
    slots[ids[40]] = 40
    #expect(StateDigest.of(copy) == StateDigest.of(slots))
  }
}

struct StateDigestTests {
  private enum Kind { case plain, other, number(Int), pair(Int, Int) }
  private struct Value {
    var number: UInt32 = 1
    var text = "a"
    var kind = Kind.plain
    var optional: UInt8?
    var table: [UInt64: String] = [:]
    var pair: (major: UInt32, minor: UInt32) = (0, 1)
  }

  @Test func everyFieldCounts() {
    let base = StateDigest.of(Value())
    var values = [Value](repeating: Value(), count: 8)
    values[0].number = 2
    values[1].text = "b"
    values[2].kind = .other
    values[3].kind = .number(0)
    values[4].kind = .pair(0, 1)
    values[5].optional = 0
    values[6].table[1] = "x"
    values[7].pair.minor = 2
    let digests = values.map { StateDigest.of($0) }
    #expect(Set(digests + [base]).count == 9)
  }

  /// The places of entries in a hash table depend on the process and on the order of insertion; the digest does not.
  @Test func theSameWhateverTheOrderOfInsertion() {
    var table: [UInt64: String] = [:]
    for n in 0..<100 as Range<UInt64> { table[n * 977] = "\(n)" }
    var turned: [UInt64: String] = [:]
    for n in (0..<100 as Range<UInt64>).reversed() { turned[n * 977] = "\(n)" }
    #expect(StateDigest.of(table) == StateDigest.of(turned))
    #expect(StateDigest.of([UInt8](1...9)) == StateDigest.of([UInt8](1...9)))
    #expect(StateDigest.of([UInt8](1...9)) != StateDigest.of([UInt8](1...8)))
  }
}
