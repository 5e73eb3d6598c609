// Owns what the tests of files share: a host with files, and short names for their calls.
// It does not know what any test expects.
import Architecture
import TestSupport

@testable import LinuxMM

/// A host whose file `handle` holds, at each offset, a byte that depends on both.
final class PatternSource: PageSource {
  private(set) var reads: [UInt64] = []
  static func byte(_ handle: Int32, _ offset: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: UInt64(handle) + offset >> 12 &* 7 + offset) }
  func read(_ handle: Int32, offset: UInt64, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    reads.append(offset >> 12)
    for index in buffer.indices { buffer[index] = Self.byte(handle, offset + UInt64(index)) }
    return buffer.count
  }
}

extension MemoryBench {
  func file(_ kind: BackingFile.Kind = .shmem, pages: UInt64, quota: PageQuotaID = .none) -> FileID {
    manager.createFile(kind, name: Array("file".utf8), size: pages << 12, quota: quota)
  }
  func write(_ file: FileID, _ offset: UInt64, _ bytes: [UInt8]) throws(Errno) -> Int {
    try manager.writeFile(el1, file, offset: offset, bytes)
  }
  func read(_ file: FileID, _ offset: UInt64, _ count: Int) -> [UInt8] {
    (try? manager.readFile(el1, file, offset: offset, count: count)) ?? []
  }
  /// Writes a byte to each of these pages, so that they are in the cache.
  func fill(_ file: FileID, _ pages: some Sequence<UInt64>) {
    for page in pages { precondition((try? write(file, page << 12 + 8, [UInt8(truncatingIfNeeded: page + 1)])) == 1) }
  }
  func map(
    _ file: FileID, at va: UInt64, page: UInt64 = 0, pages: UInt64, _ protection: UInt64 = 3, shared: Bool, writable: Bool = true
  ) throws(Errno) {
    let mapped = MappedFile(id: file, offset: page, isReadable: true, isWritable: writable)
    _ = try mmap(va, pages: pages, protection, flags: shared ? 0x11 : 0x12, file: mapped)
  }
  /// The mapped pages, with the letters of the oracle programs: `.` none, `A` anonymous, `F` a file's, `g` a guard.
  func mapped(_ va: UInt64, _ pages: UInt64) -> String {
    (0..<pages).map { page in
      guard let value = descriptor(va + page << 12), value != 0 else { return "." }
      if !PageTableEntry(value).isPresent { return "g" }
      return manager.isAnonymous(el1, value & PageTableEntry.Bits.output) ? "A" : "F"
    }.joined()
  }
  /// The minor and major faults of an access.
  func count(_ va: UInt64, write: Bool) -> [UInt64] {
    let before = faults
    let outcome = touch(va, write: write)
    guard case .done = outcome else { return [] }
    return [faults.minor - before.minor, faults.major - before.major]
  }
}
