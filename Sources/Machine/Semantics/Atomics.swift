// Owns what an atomic read-modify-write computes.
// It does not know memory or ordering.
import Decoding

/// The new memory value of an LSE atomic on `T`-sized data. Arm ARM: MemAtomic.
@inline(__always)
func atomicResult<T: FixedWidthInteger & UnsignedInteger>(_ operation: AtomicOperation, _ memory: T, _ operand: T) -> T {
  // Flipping the sign bit maps signed order to unsigned order.
  let sign: T = 1 &<< T(truncatingIfNeeded: T.bitWidth &- 1)
  return switch operation {
  case .add: memory &+ operand
  case .clr: memory & ~operand
  case .eor: memory ^ operand
  case .set: memory | operand
  case .smax: memory ^ sign > operand ^ sign ? memory : operand
  case .smin: memory ^ sign > operand ^ sign ? operand : memory
  case .umax: memory > operand ? memory : operand
  case .umin: memory > operand ? operand : memory
  case .swap: operand
  }
}

/// The same with the size as a value.
func atomicResult(_ operation: AtomicOperation, _ memory: UInt64, _ operand: UInt64, size: AccessSize) -> UInt64 {
  switch size {
  case .byte: UInt64(atomicResult(operation, UInt8(truncatingIfNeeded: memory), UInt8(truncatingIfNeeded: operand)))
  case .half: UInt64(atomicResult(operation, UInt16(truncatingIfNeeded: memory), UInt16(truncatingIfNeeded: operand)))
  case .word: UInt64(atomicResult(operation, UInt32(truncatingIfNeeded: memory), UInt32(truncatingIfNeeded: operand)))
  case .double: atomicResult(operation, memory, operand)
  }
}
