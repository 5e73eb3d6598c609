// Owns the host memory behind guest RAM, and the flags of its frames.
// It does not know virtual addresses, what the bytes mean, nor the effects of a store to a flagged frame.
import Architecture

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Guest RAM: one contiguous range of physical addresses. The host commits a page of it at the first access.
public final class PhysicalMemory {
  /// The view that processors and supervisors hold.
  public let ram: RAM
  /// Physical address of the first byte.
  public var base: UInt64 { ram.base }
  /// The size in bytes, a multiple of 64 KiB.
  public var size: UInt64 { ram.size }
  let door = FrameDoor()

  /// Reserves address space only. `base` must be 64 KiB aligned; `size` in bytes is rounded up to 64 KiB.
  public init(base: UInt64, size: UInt64) throws(MachineError) {
    let limit: UInt64 = 1 << 40
    guard size > 0, size <= limit else { throw .memorySize(size, limit: limit) }
    let size = (size &+ 0xffff) & ~0xffff
    guard let bytes = HostMemory.reserve(size), let flags = HostMemory.reserve(size >> 12) else { throw .hostMemory(size) }
    // MADV_HUGEPAGE: the host then commits 512 pages at a time.
    madvise(bytes, Int(size), 14)
    ram = RAM(bytes: bytes, base: base, size: size, flags: flags.assumingMemoryBound(to: UInt8.self), door: door.door)
  }

  deinit {
    HostMemory.release(ram.bytes, size)
    HostMemory.release(UnsafeMutableRawPointer(ram.flags), size >> 12)
    ram.deallocate()
  }

  /// Whether [pa, pa+count) is RAM.
  @inline(__always)
  public func contains(_ pa: UInt64, count: UInt64) -> Bool { ram.contains(pa, count: count) }

  /// Copies bytes out of RAM; nil if any of [pa, pa+count) is not RAM.
  public func read(_ pa: UInt64, count: Int) -> [UInt8]? {
    guard count >= 0, let host = ram.host(pa, count: UInt64(count)) else { return nil }
    return Array(UnsafeRawBufferPointer(start: host, count: count))
  }

  /// Copies bytes into RAM through the door, for loaders and debuggers; false if any byte is not in RAM.
  public func write(_ pa: UInt64, _ source: [UInt8]) -> Bool {
    guard contains(pa, count: UInt64(source.count)) else { return false }
    source.withUnsafeBytes { buffer in
      if let bytes = buffer.baseAddress { ram.store(pa, from: bytes, count: UInt64(buffer.count)) }
    }
    return true
  }

  // MARK: Flags

  /// The flags of the frame that holds `pa`, an address in RAM.
  func flags(ofFrame pa: UInt64) -> PageFlags { PageFlags(rawValue: ram.flags[frame(pa)]) }

  func setFlag(_ flag: PageFlags, frameOf pa: UInt64) {
    let index = frame(pa)
    if PageFlags(rawValue: ram.flags[index]).contains(flag) { return }
    ram.flags[index] |= flag.rawValue
    door.onFlagged(pa & ~0xfff)
  }

  /// From now on, the first store to each frame keeps the frame for the latest snapshot.
  func watchAllFrames() {
    for frame in 0..<Int(ram.frameCount) { ram.flags[frame] |= PageFlags.snapshot.rawValue }
  }

  func clearFlag(_ flag: PageFlags, frameOf pa: UInt64) { ram.flags[frame(pa)] &= ~flag.rawValue }

  /// The number of the frame that holds `pa`, counted from the start of RAM.
  func frame(_ pa: UInt64) -> Int {
    guard let offset = ram.offset(pa & ~0xfff, count: 4096) else { preconditionFailure("no frame of RAM holds this address") }
    return offset >> 12
  }
}

/// Host address space that reads as zeroes and takes memory only where it is touched.
enum HostMemory {
  /// Reserves `size` bytes; nil if the host refuses.
  static func reserve(_ size: UInt64) -> UnsafeMutableRawPointer? {
    #if canImport(Glibc)
      let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    #else
      let flags = MAP_PRIVATE | MAP_ANON | MAP_NORESERVE
    #endif
    let address = mmap(nil, Int(size), PROT_READ | PROT_WRITE, flags, -1, 0)
    return address == MAP_FAILED ? nil : address
  }

  static func release(_ address: UnsafeMutableRawPointer, _ size: UInt64) { munmap(address, Int(size)) }
}
