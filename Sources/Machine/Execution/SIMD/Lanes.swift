// Owns how SIMD handlers are entered and how they read and write lanes of registers.
// It does not know any operation.

/// 128 bits as they lie in a register: byte 0 first.
struct Vector {
  var low: UInt64
  var high: UInt64
  @inline(__always) init(_ low: UInt64, _ high: UInt64) {
    self.low = low
    self.high = high
  }
  @inline(__always) static var zero: Vector { Vector(0, 0) }

  /// Lane `i` of a vector of `T`. The caller keeps `i` inside 16 bytes.
  @inline(__always) func lane<T: BitwiseCopyable>(_ i: Int, as type: T.Type = T.self) -> T {
    withUnsafeBytes(of: self) { $0.baseAddress.unsafelyUnwrapped.load(fromByteOffset: i &* MemoryLayout<T>.size, as: T.self) }
  }
  @inline(__always) mutating func setLane<T: BitwiseCopyable>(_ i: Int, _ value: T) {
    withUnsafeMutableBytes(of: &self) {
      $0.baseAddress.unsafelyUnwrapped.storeBytes(of: value, toByteOffset: i &* MemoryLayout<T>.size, as: T.self)
    }
  }
}

extension Context {
  @inline(__always) func readVector(_ n: UInt8) -> Vector { vector(n).load(as: Vector.self) }
  @inline(__always) func writeVector(_ d: UInt8, _ value: Vector) { vector(d).storeBytes(of: value, as: Vector.self) }
  /// Writes the lower 64 bits where the op is not on full registers: the upper half is cleared.
  @inline(__always) func writeVector(_ op: Op, _ value: Vector) {
    vector(op.d).storeBytes(of: op.isFull ? value : Vector(value.low, 0), as: Vector.self)
  }
  /// FP and SIMD instructions trap: the handler must hand over to `h_general`, which takes the exception.
  @inline(__always) var trapsVectors: Bool { _slowPath(self[Slot.vectorTrap] != 0) }
}
