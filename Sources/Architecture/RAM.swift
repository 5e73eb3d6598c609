// Owns the one view of guest RAM that every layer shares: its bounds check, its reads and its one door for stores.
// It does not know virtual addresses, what the bytes mean, or what a flagged frame asks of a store: the machine behind the door does.

/// Guest RAM: one contiguous range of physical addresses, in host memory that the machine owns. A value of this type is a view: copies
/// name the same bytes.
///
/// All addresses are physical and in bytes. Only `offset(_:count:)` compares an address with the bounds. Each store goes through
/// `store`, `zeroFrame` or `copyFrame`: where a frame has `PageFlags`, these call the machine's door, frame by frame.
@frozen public struct RAM {
  /// Host address of the byte at physical address `base`.
  public let bytes: UnsafeMutableRawPointer
  /// Physical address of the first byte; 64 KiB aligned.
  public let base: UInt64
  /// Bytes; a multiple of 64 KiB.
  public let size: UInt64
  /// 4 KiB frames.
  public let frameCount: UInt64
  /// One byte of `PageFlags` for each 4 KiB frame.
  public let flags: UnsafeMutablePointer<UInt8>
  /// What a store to a flagged frame calls.
  public let door: StoreDoor

  public init(
    bytes: UnsafeMutableRawPointer, base: UInt64, size: UInt64, flags: UnsafeMutablePointer<UInt8>, door: StoreDoor
  ) {
    precondition(base & 0xffff == 0 && size & 0xffff == 0 && size != 0, "RAM starts and ends at multiples of 64 KiB")
    self.bytes = bytes
    self.base = base
    self.size = size
    frameCount = size >> 12
    self.flags = flags
    self.door = door
  }

  // MARK: Bounds

  /// Where [pa, pa+count) lies, in bytes from the start of RAM; nil where any of it is not RAM.
  @inlinable @inline(__always)
  public func offset(_ pa: UInt64, count: UInt64) -> Int? {
    let offset = pa &- base
    // RAM is not smaller than 64 KiB, so one comparison does for what is not larger.
    let isInside = count != 0 && count <= 1 << 16 ? offset <= size &- count : offset < size && count <= size &- offset
    return isInside ? Int(truncatingIfNeeded: offset) : nil
  }

  /// Whether all of [pa, pa+count) is RAM.
  @inlinable @inline(__always)
  public func contains(_ pa: UInt64, count: UInt64) -> Bool { offset(pa, count: count) != nil }

  /// Host address of [pa, pa+count), for reading; nil where any of it is not RAM.
  @inlinable @inline(__always)
  public func host(_ pa: UInt64, count: UInt64) -> UnsafeMutableRawPointer? {
    guard let offset = offset(pa, count: count) else { return nil }
    return bytes + offset
  }

  /// The offset of a range that the caller knows to be RAM. A range outside RAM is an error in the emulator, never the guest's.
  @inlinable @inline(__always)
  func requiredOffset(_ pa: UInt64, count: UInt64) -> Int {
    guard let offset = offset(pa, count: count) else { preconditionFailure("an access outside RAM passed its checks") }
    return offset
  }

  /// The flags of the frame of a byte at `offset` from the start of RAM.
  @inlinable @inline(__always)
  func flags(at offset: Int) -> UInt8 { flags[offset &>> 12] }

  // MARK: Loads

  /// Loads a value of any alignment. All of it must be RAM.
  @inlinable @inline(__always)
  public func load<T: BitwiseCopyable>(_ pa: UInt64, as type: T.Type) -> T {
    (bytes + requiredOffset(pa, count: UInt64(MemoryLayout<T>.size))).loadUnaligned(as: T.self)
  }

  // MARK: Stores

  /// Stores a value of any alignment. All of it must be RAM.
  @inlinable @inline(__always)
  public func store<T: BitwiseCopyable>(_ pa: UInt64, _ value: T) {
    let offset = pa &- base
    let isInFrame = (pa & 0xfff) <= 4096 &- UInt64(MemoryLayout<T>.size)
    if _fastPath(offset &>> 12 < frameCount && isInFrame && flags[Int(truncatingIfNeeded: offset &>> 12)] == 0) {
      (bytes + Int(truncatingIfNeeded: offset)).storeBytes(of: value, as: T.self)
    } else {
      withUnsafeBytes(of: value) { storeByFrame(pa, from: $0.baseAddress!, count: UInt64(MemoryLayout<T>.size)) }
    }
  }

  /// Stores `count` bytes from host memory. All of [pa, pa+count) must be RAM; it may cover many frames.
  @inlinable @inline(__always)
  public func store(_ pa: UInt64, from source: UnsafeRawPointer, count: UInt64) {
    if count == 0 { return }
    let offset = requiredOffset(pa, count: count)
    if _fastPath(flags(at: offset) == 0 && (pa & 0xfff) &+ count <= 4096) {
      (bytes + offset).copyMemory(from: source, byteCount: Int(truncatingIfNeeded: count))
    } else {
      storeByFrame(pa, from: source, count: count)
    }
  }

  /// Fills the 4 KiB frame at `pa` with zeroes.
  public func zeroFrame(_ pa: UInt64) {
    precondition(pa & 0xfff == 0, "a frame starts at a multiple of 4 KiB")
    let offset = requiredOffset(pa, count: 4096)
    if _fastPath(flags(at: offset) == 0) {
      (bytes + offset).initializeMemory(as: UInt8.self, repeating: 0, count: 4096)
    } else {
      zeroFlaggedFrame(pa)
    }
  }

  /// Copies the 4 KiB frame at `source` to the one at `destination`, which is another.
  public func copyFrame(from source: UInt64, to destination: UInt64) {
    precondition((source | destination) & 0xfff == 0 && source != destination, "a copy is between two frames")
    store(destination, from: bytes + requiredOffset(source, count: 4096), count: 4096)
  }

  /// One store for each frame of [pa, pa+count), through the door where the frame is flagged.
  @usableFromInline @inline(never)
  func storeByFrame(_ pa: UInt64, from source: UnsafeRawPointer, count: UInt64) {
    var done: UInt64 = 0
    while done < count {
      let at = pa &+ done
      let piece = min(count &- done, 4096 &- (at & 0xfff))
      let offset = requiredOffset(at, count: piece)
      let from = source + Int(truncatingIfNeeded: done)
      if flags(at: offset) == 0 {
        (bytes + offset).copyMemory(from: from, byteCount: Int(truncatingIfNeeded: piece))
      } else {
        door.store(door.owner, at, bytes + offset, piece, from, flags(at: offset))
      }
      done &+= piece
    }
  }

  @inline(never)
  private func zeroFlaggedFrame(_ pa: UInt64) {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 16) { zeroes in
      zeroes.initializeMemory(as: UInt8.self, repeating: 0)
      storeByFrame(pa, from: UnsafeRawPointer(zeroes.baseAddress!), count: 4096)
    }
  }
}

/// The machine's side of stores to flagged frames: plain data, so that a view of RAM needs no reference counts.
@frozen public struct StoreDoor {
  /// Does what the flags of the frame ask for, and stores `count` bytes from `source` to `host`, which is where `pa` lies.
  /// [pa, pa+count) lies in one frame of RAM; where `count` is 4096 the frame is rewritten whole.
  public typealias Store =
    @convention(c) (
      _ owner: UnsafeMutableRawPointer, _ pa: UInt64, _ host: UnsafeMutableRawPointer, _ count: UInt64, _ source: UnsafeRawPointer,
      _ flags: UInt8
    ) -> Void
  /// Passed back to `store`.
  public let owner: UnsafeMutableRawPointer
  public let store: Store

  public init(owner: UnsafeMutableRawPointer, store: @escaping Store) {
    self.owner = owner
    self.store = store
  }
}
