// Owns the view of guest RAM that all layers share: its bounds check, its reads and its single path for stores.
// It does not know virtual addresses, what the bytes mean, or what a flagged frame asks of a store: the machine's door does.

/// Guest RAM: one contiguous range of physical addresses, in host memory that the machine owns. A value of this type is a view: copies
/// name the same bytes.
///
/// All addresses are physical and in bytes. Only `offset(_:count:)` compares an address with the bounds. Each store goes through
/// `store`, `zeroFrame` or `copyFrame`: where a frame has `PageFlags`, these call the machine's door, frame by frame.
@frozen public struct RAM {
  /// What a view consists of. `RAM` holds a pointer to it, so that a view is one word and nothing is copied to use it.
  @frozen @usableFromInline
  struct Layout {
    @usableFromInline let bytes: UnsafeMutableRawPointer
    @usableFromInline let base: UInt64
    @usableFromInline let size: UInt64
    @usableFromInline let frameCount: UInt64
    @usableFromInline let flags: UnsafeMutablePointer<UInt8>
    @usableFromInline let door: StoreDoor
  }
  @usableFromInline let layout: UnsafeMutablePointer<Layout>

  /// Host address of the byte at physical address `base`.
  @inlinable @inline(__always) public var bytes: UnsafeMutableRawPointer { layout.pointee.bytes }
  /// Physical address of the first byte; 64 KiB aligned.
  @inlinable @inline(__always) public var base: UInt64 { layout.pointee.base }
  /// The size in bytes, a multiple of 64 KiB.
  @inlinable @inline(__always) public var size: UInt64 { layout.pointee.size }
  /// The size in 4 KiB frames.
  @inlinable @inline(__always) public var frameCount: UInt64 { layout.pointee.frameCount }
  /// A byte of `PageFlags` for each 4 KiB frame.
  @inlinable @inline(__always) public var flags: UnsafeMutablePointer<UInt8> { layout.pointee.flags }
  /// What a store to a flagged frame calls.
  @inlinable @inline(__always) var door: StoreDoor { layout.pointee.door }

  /// Makes the first view of some memory. The owner calls `deallocate` when no view is left. The owner keeps `bytes` and `flags`
  /// and frees them itself.
  public init(
    bytes: UnsafeMutableRawPointer, base: UInt64, size: UInt64, flags: UnsafeMutablePointer<UInt8>, door: StoreDoor
  ) {
    precondition(base & 0xffff == 0 && size & 0xffff == 0 && size != 0, "RAM starts and ends at multiples of 64 KiB")
    layout = .allocate(capacity: 1)
    layout.initialize(to: Layout(bytes: bytes, base: base, size: size, frameCount: size >> 12, flags: flags, door: door))
  }
  public func deallocate() { layout.deallocate() }

  // MARK: Bounds

  /// The offset of the physical range [pa, pa+count) from the start of RAM, in bytes; nil if any of it is not RAM.
  @inlinable @inline(__always)
  public func offset(_ pa: UInt64, count: UInt64) -> Int? {
    let offset = pa &- base
    // RAM has at least 64 KiB, so one comparison is enough for a count up to that.
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

  /// The offset of a range that the caller knows to be RAM. A range outside RAM is a bug of the emulator, never an effect of the
  /// guest, and ends the process.
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
      storeSlowly(pa, value)
    }
  }

  /// The slow path of a store: to a flagged frame, across frames, or outside RAM. It is never inlined, so that the fast path keeps
  /// the value in a register.
  @inlinable @inline(never)
  func storeSlowly<T: BitwiseCopyable>(_ pa: UInt64, _ value: T) {
    withUnsafeBytes(of: value) { storeByFrame(pa, from: $0.baseAddress!, count: UInt64(MemoryLayout<T>.size)) }
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
      Self.zeroFrame(bytes + offset, zero: UInt64(offset & 0xfff))
    } else {
      zeroFlaggedFrame(pa)
    }
  }

  /// Fills a frame of host memory with `zero`, which must be 0, 64 bytes at a time. The value is not written as a constant, because the
  /// compiler turns a loop that stores constant zeroes into memset(), and for a frame outside the caches memset()'s `rep stosb` takes
  /// half as long again as plain vector stores (measured: 157 ns against 109).
  @inline(__always)
  private static func zeroFrame(_ frame: UnsafeMutableRawPointer, zero: UInt64) {
    let zeroes = SIMD8<UInt64>(repeating: zero)
    for line in 0..<64 { frame.storeBytes(of: zeroes, toByteOffset: line &<< 6, as: SIMD8<UInt64>.self) }
  }

  /// Copies the 4 KiB frame at `source` to a different one at `destination`.
  public func copyFrame(from source: UInt64, to destination: UInt64) {
    precondition((source | destination) & 0xfff == 0 && source != destination, "a copy is between two frames")
    store(destination, from: bytes + requiredOffset(source, count: 4096), count: 4096)
  }

  /// Stores to each frame of [pa, pa+count) in turn, through the door where the frame is flagged.
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
  /// Does what the flags of the frame ask for, and stores `count` bytes from `source` to `host`, the host address of `pa`. The
  /// range [pa, pa+count) lies in one frame of RAM. If `count` is 4096 the store rewrites the whole frame.
  public typealias Store =
    @convention(c) (
      _ owner: UnsafeMutableRawPointer, _ pa: UInt64, _ host: UnsafeMutableRawPointer, _ count: UInt64, _ source: UnsafeRawPointer,
      _ flags: UInt8
    ) -> Void
  /// The owner's own pointer, which each call of `store` gets.
  public let owner: UnsafeMutableRawPointer
  public let store: Store

  public init(owner: UnsafeMutableRawPointer, store: @escaping Store) {
    self.owner = owner
    self.store = store
  }
}
