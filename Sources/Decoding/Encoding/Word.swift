// Owns access to the fields of an instruction word.
// It does not know any instruction.
import Architecture

/// An A64 instruction word with its fields by bit position, as the Arm ARM draws them.
struct Word {
  let bits: UInt32
  init(_ bits: UInt32) { self.bits = bits }

  /// Bits `high` to `low` as a number.
  @inline(__always) subscript(high: Int, low: Int) -> Int {
    Int((bits &>> UInt32(low)) & ((1 &<< UInt32(high &- low &+ 1)) &- 1))
  }
  @inline(__always) subscript(bit: Int) -> Bool { bits &>> UInt32(bit) & 1 != 0 }
  /// The same as a signed number.
  @inline(__always) func signed(_ high: Int, _ low: Int) -> Int64 {
    let width = Int64(high &- low &+ 1)
    return (Int64(self[high, low]) &<< (64 &- width)) &>> (64 &- width)
  }
  /// sf, bit 31.
  var width: Width { self[31] ? .x : .w }

  /// A general register field where 31 is XZR.
  @inline(__always) func register(_ low: Int) -> Register { Register(UInt8(self[low &+ 4, low])) }
  /// A general register field where 31 is SP.
  @inline(__always) func registerOrSP(_ low: Int) -> Register { self[low &+ 4, low] == 31 ? .sp : register(low) }
  @inline(__always) func vector(_ low: Int) -> VectorRegister { VectorRegister(UInt8(self[low &+ 4, low])) }

  var d: Register { register(0) }
  var t: Register { register(0) }
  var n: Register { register(5) }
  var m: Register { register(16) }
  var a: Register { register(10) }
  var nOrSP: Register { registerOrSP(5) }
  var condition: Condition { Condition(rawValue: UInt8(self[15, 12]))! }
}
