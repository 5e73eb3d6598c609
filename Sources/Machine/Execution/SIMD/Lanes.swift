// Owns how SIMD handlers are entered and how they read and write lanes of registers.
// It does not know any operation.

/// 128 bits as they lie in a register: byte 0 first.
struct Vector: BitwiseCopyable {
  var halves: SIMD2<UInt64>
  @inline(__always) init(_ low: UInt64, _ high: UInt64) { halves = SIMD2(low, high) }
  /// The lanes of a 128-bit vector.
  @inline(__always) init<S: SIMD & BitwiseCopyable>(lanes: S) { halves = unsafeBitCast(lanes, to: SIMD2<UInt64>.self) }
  @inline(__always) static var zero: Vector { Vector(0, 0) }

  var low: UInt64 {
    @inline(__always) get { halves[0] }
    @inline(__always) set { halves[0] = newValue }
  }
  var high: UInt64 {
    @inline(__always) get { halves[1] }
    @inline(__always) set { halves[1] = newValue }
  }

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
  /// Writes a result. If the op is not on full registers, the lower 64 bits are written and the upper half is cleared.
  @inline(__always) func writeVector(_ op: Op, _ value: Vector) {
    vector(op.d).storeBytes(of: op.isFull ? value : Vector(value.low, 0), as: Vector.self)
  }
  /// Whether FP and SIMD instructions trap. The handler must then pass control to `h_general`, which takes the exception.
  @inline(__always) var trapsVectors: Bool { _slowPath(self[Slot.vectorTrap] != 0) }

  /// FPSR.QC, which stays set until it is written.
  @inline(__always) func recordSaturation(_ saturated: Bool) {
    if _slowPath(saturated) { self[.FPSR] |= 1 &<< 27 }
  }
}

extension Op {
  /// The bits that the lanes of 2^`log2Size` bytes occupy: the first lane, half a register or all of it. Masking the operands makes
  /// the unused lanes zero, so that loops can run over whole registers; masking the result clears the rest of the register.
  @inline(__always) func laneMask(_ log2Size: UInt8) -> SIMD2<UInt64> {
    SIMD2(isScalar ? ~0 &>> (64 &- (8 &<< UInt64(log2Size))) : ~0, isFull ? ~0 : 0)
  }
}

extension Vector {
  @inline(__always) static func & (v: Vector, mask: SIMD2<UInt64>) -> Vector { Vector(lanes: v.halves & mask) }
}
