// Owns a small record in guest RAM that is checked once and then read and written field by field.
// It does not know what the fields mean, nor what a store to a flagged frame requires.

/// A few bytes of guest RAM inside one 4 KiB frame. The bounds are compared once, when the record is made, and not for each
/// field.
///
/// A record is a view that must be used at once: it holds host addresses, and it belongs to the machine whose RAM it shows.
@frozen public struct RAMRecord {
  @usableFromInline let host: UnsafeMutableRawPointer
  @usableFromInline let frameFlags: UnsafeMutablePointer<UInt8>
  @usableFromInline let ram: RAM
  @usableFromInline let address: UInt64

  /// Makes the record of `size` bytes at physical address `pa`. All of it must be RAM and lie in one frame.
  @inlinable @inline(__always)
  public init(_ ram: RAM, _ pa: UInt64, size: UInt64) {
    let offset = ram.requiredOffset(pa, count: size)
    precondition(pa & 0xfff <= 4096 &- size, "a record lies in one frame")
    host = ram.bytes + offset
    frameFlags = ram.flags + offset &>> 12
    self.ram = ram
    address = pa
  }

  /// Reads the field that begins `offset` bytes into the record. The field must end inside the record.
  @inlinable @inline(__always)
  public func load<T: BitwiseCopyable>(_ offset: UInt64, as type: T.Type) -> T {
    (host + Int(truncatingIfNeeded: offset)).load(as: T.self)
  }

  /// Stores the field that begins `offset` bytes into the record. The field must end inside the record.
  @inlinable @inline(__always)
  public func store<T: BitwiseCopyable>(_ offset: UInt64, _ value: T) {
    if _fastPath(frameFlags.pointee == 0) {
      (host + Int(truncatingIfNeeded: offset)).storeBytes(of: value, as: T.self)
    } else {
      ram.storeSlowly(address &+ offset, value)
    }
  }
}
