// Owns guest RAM and the per-frame flags that say which stores must be noticed, with the one door that notices them.
// It does not know virtual addresses, nor what the bytes mean.
import Architecture

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Guest RAM: one contiguous range of physical addresses, committed by the host page by page as it is touched.
public final class PhysicalMemory {
  /// Physical address of the first byte.
  public let base: UInt64
  /// Bytes; a multiple of 64 KiB.
  public let size: UInt64
  let bytes: UnsafeMutableRawPointer
  /// One byte of `PageFlags` a 4 KiB frame.
  let flags: UnsafeMutablePointer<UInt8>
  /// Called for a store to a frame that holds decoded code, and for a change of a frame's flags.
  var onCodeStore: (_ pa: UInt64, _ size: UInt64) -> Void = { _, _ in }
  var onFlagsChange: () -> Void = {}
  /// Called instead of a store to a frame that holds translation tables of a strict run; does the store.
  var onTableStore: (_ pa: UInt64, _ size: UInt64, _ store: () -> Void) -> Void = { $2() }

  /// Reserves address space only. `size` is rounded up to 64 KiB.
  public init(base: UInt64, size: UInt64) throws(MachineError) {
    let limit: UInt64 = 1 << 40
    guard size > 0, size <= limit else { throw .memorySize(size, limit: limit) }
    self.base = base
    self.size = (size &+ 0xffff) & ~0xffff
    guard let bytes = Self.reserve(self.size), let flags = Self.reserve(self.size >> 12) else {
      throw .hostMemory(size)
    }
    // MADV_HUGEPAGE: first touches by the host come 512 at a time.
    madvise(bytes, Int(self.size), 14)
    self.bytes = bytes
    self.flags = flags.assumingMemoryBound(to: UInt8.self)
  }

  deinit {
    munmap(bytes, Int(size))
    munmap(flags, Int(size >> 12))
  }

  private static func reserve(_ size: UInt64) -> UnsafeMutableRawPointer? {
    #if canImport(Glibc)
      let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    #else
      let flags = MAP_PRIVATE | MAP_ANON | MAP_NORESERVE
    #endif
    let address = mmap(nil, Int(size), PROT_READ | PROT_WRITE, flags, -1, 0)
    return address == MAP_FAILED ? nil : address
  }

  /// Whether [pa, pa+count) is RAM.
  @inline(__always)
  public func contains(_ pa: UInt64, count: UInt64) -> Bool { pa &- base < size && count <= size &- (pa &- base) }

  /// Host address of a physical address in RAM.
  @inline(__always)
  func host(_ pa: UInt64) -> UnsafeMutableRawPointer { bytes + Int(truncatingIfNeeded: pa &- base) }

  /// The one door for stores that are not a fast-path handler's: [pa, pa+count) lies in one frame of RAM.
  func store(_ pa: UInt64, _ source: UnsafeRawPointer, count: UInt64) {
    precondition(contains(pa, count: count) && (pa & 0xfff) &+ count <= 4096, "a store must stay inside one frame of RAM")
    let raw = flags[Int((pa &- base) >> 12)]
    if raw != 0 && PageFlags(rawValue: raw).contains(.readOnlyMemory) { return }
    if raw != 0 && PageFlags(rawValue: raw).contains(.translationTable) {
      onTableStore(pa, count) { host(pa).copyMemory(from: source, byteCount: Int(count)) }
    } else {
      host(pa).copyMemory(from: source, byteCount: Int(count))
    }
    if raw != 0 && PageFlags(rawValue: raw).contains(.code) { onCodeStore(pa, count) }
  }

  /// Copies RAM out; nil where any of it is not RAM.
  public func read(_ pa: UInt64, count: Int) -> [UInt8]? {
    guard count >= 0, contains(pa, count: UInt64(count)) else { return nil }
    return Array(UnsafeRawBufferPointer(start: host(pa), count: count))
  }

  /// Copies bytes into RAM through the door: for loaders and debuggers. False where any of it is not RAM.
  public func write(_ pa: UInt64, _ source: [UInt8]) -> Bool {
    guard contains(pa, count: UInt64(source.count)) else { return false }
    source.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let at = pa &+ UInt64(done)
        let count = min(buffer.count - done, 4096 - Int(at & 0xfff))
        store(at, buffer.baseAddress! + done, count: UInt64(count))
        done += count
      }
    }
    return true
  }

  func setFlag(_ flag: PageFlags, frameOf pa: UInt64) {
    let index = Int((pa &- base) >> 12)
    if PageFlags(rawValue: flags[index]).contains(flag) { return }
    flags[index] |= flag.rawValue
    onFlagsChange()
  }
}
