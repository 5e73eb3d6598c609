// Owns how handlers reach FPCR and FPSR, and numbers in registers.
// It does not know any operation.
import Architecture

extension Context {
  /// FPCR and FPSR for an operation; `finish` writes the flags back.
  @inline(__always) var floatEnvironment: FloatEnvironment {
    FloatEnvironment(
      control: FloatControl(bits: UInt32(truncatingIfNeeded: self[.FPCR])), status: UInt32(truncatingIfNeeded: self[.FPSR]))
  }
  @inline(__always) func finish(_ e: FloatEnvironment) {
    self[.FPSR] = UInt64(e.status)
    updateHostFloat()
  }

  /// Whether host arithmetic gives the right bits (see HostArithmetic.swift) and no FP or SIMD instruction traps.
  @inline(__always) var computesOnHost: Bool { _fastPath(self[Slot.hostFloatGuard] == 0) }

  /// Call this after a change of FPCR, FPSR or the traps. A supervisor's change needs no call, because `enter` comes after it.
  @inline(__always) func updateHostFloat() {
    let control = self[.FPCR] & UInt64(FloatControl.hostMask)
    let status = ~self[.FPSR] & UInt64(FloatException.inexact.rawValue)
    self[Slot.hostFloatGuard] = control | status | self[Slot.vectorTrap]
  }

  /// Whether comparisons may run on the host: FPCR.FZ is 0 and no FP or SIMD instruction traps.
  @inline(__always) var comparesOnHost: Bool {
    _fastPath(self[.FPCR] & 1 &<< 24 | self[Slot.vectorTrap] == 0)
  }

  /// The number in the low bits of V`n`.
  @inline(__always) func float<F: FloatFormat>(_ f: F.Type, _ n: UInt8) -> F.Bits {
    vector(n).load(as: F.Bits.self)
  }
  /// Writes a number; the rest of the register is cleared.
  @inline(__always) func setFloat<F: FloatFormat>(_ f: F.Type, _ d: UInt8, _ value: F.Bits) {
    // The register is written in two stores of 64 bits, so that a later load of 64 bits finds its bytes in one of them.
    vector(d).storeBytes(of: UInt64(truncatingIfNeeded: value), as: UInt64.self)
    vector(d).storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
  }
}
