// Owns the question how much of a chunked table a copy shares with another.
// It does not know what the table holds.

/// How many of the chunks of a table have storage that another table's chunk at that place does not share.
public func chunksApart<Element>(_ table: [[Element]], _ other: [[Element]]) -> Int {
  table.indices.count { index in
    guard index < other.count else { return true }
    return table[index].withUnsafeBufferPointer { mine in
      other[index].withUnsafeBufferPointer { $0.baseAddress != mine.baseAddress }
    }
  }
}

/// The same for chunks that are objects.
public func chunksApart<Chunk: AnyObject>(_ table: [Chunk], _ other: [Chunk]) -> Int {
  table.indices.count { $0 >= other.count || table[$0] !== other[$0] }
}
