// Owns the memory access of an instruction: which registers form its address, how many bytes it moves, and in which direction.
// It does not know the values of the registers: the caller has them.
import Architecture
import Decoding

/// The memory access that an instruction makes.
public struct MemoryAccess: Hashable, Sendable {
  public enum Direction: String, Sendable { case read, write, readAndWrite = "read and write", maintenance }

  public let direction: Direction
  /// Bytes; 0 for cache maintenance, which works on a whole line or block.
  public let size: UInt64
  private let addressing: Addressing

  /// The access of an instruction; nil if it makes none.
  public init?(_ instruction: Instruction) {
    func wide(_ log2Size: UInt8, _ count: UInt64 = 1) -> UInt64 { count << UInt64(log2Size) }
    let found: (Direction, UInt64, Addressing)? =
      switch instruction {
      case .load(let load): (.read, load.size.bytes, load.addressing)
      case .store(let store): (.write, store.size.bytes, store.addressing)
      case .loadPair(let pair): (.read, 2 * pair.size.bytes, pair.addressing)
      case .storePair(let pair): (.write, 2 * pair.size.bytes, pair.addressing)
      case .loadExclusive(let size, _, _, let second, let n): (.read, size.bytes * (second == nil ? 1 : 2), .offset(n: n, 0))
      case .storeExclusive(let size, _, _, _, let second, let n): (.write, size.bytes * (second == nil ? 1 : 2), .offset(n: n, 0))
      case .atomic(_, let size, _, _, _, _, let n), .compareAndSwap(let size, _, _, _, _, let n):
        (.readAndWrite, size.bytes, .offset(n: n, 0))
      case .compareAndSwapPair(let size, _, _, _, _, let n): (.readAndWrite, 2 * size.bytes, .offset(n: n, 0))
      case .loadAuthenticated(_, _, let addressing): (.read, 8, addressing)
      case .loadVector(let size, _, let addressing): (.read, wide(size), addressing)
      case .storeVector(let size, _, let addressing): (.write, wide(size), addressing)
      case .loadVectorPair(let size, _, _, let addressing): (.read, wide(size, 2), addressing)
      case .storeVectorPair(let size, _, _, let addressing): (.write, wide(size, 2), addressing)
      case .structures(let access): (access.load ? .read : .write, 0, .offset(n: access.n, 0))
      case .storeTag(_, _, _, let addressing): (.write, 0, addressing)
      case .storeTagPair(_, _, let addressing): (.write, 16, addressing)
      // SYS with op0 1: DC and IC by address have CRn 7; TLBI, which takes no address of its own, has CRn 8.
      case .system(let register, let t) where register.crn == 7 && t != .zero: (.maintenance, 0, .offset(n: t, 0))
      default: nil
      }
    guard let found else { return nil }
    (direction, size, addressing) = found
  }

  /// The registers that form the address, the base first; none for an access relative to the PC.
  public var registers: [Register] {
    switch addressing {
    case .offset(let n, _), .preIndex(let n, _), .postIndex(let n, _): [n]
    case .register(let n, let m, _, _): [n, m]
    case .literal: []
    }
  }

  /// The virtual address of the first byte; nil if `value` knows not all of its registers.
  public func address(pc: UInt64, _ value: (Register) -> UInt64?) -> UInt64? {
    switch addressing {
    case .offset(let n, let offset), .preIndex(let n, let offset): value(n).map { $0 &+ UInt64(bitPattern: offset) }
    case .postIndex(let n, _): value(n)
    case .literal(let offset): pc &+ UInt64(bitPattern: offset)
    case .register(let n, let m, let extend, let shift):
      if let base = value(n), let index = value(m) { base &+ extend.apply(index) << UInt64(shift) } else { nil }
    }
  }

  /// The address as a sum, as in `x0 + 0x10`, `x1 + (w2 sxtw << 3)`.
  public var expression: String {
    switch addressing {
    case .offset(let n, let offset), .preIndex(let n, let offset):
      offset == 0 ? n.name : "\(n.name) \(offset < 0 ? "-" : "+") \(hexadecimal(offset.magnitude))"
    case .postIndex(let n, _): n.name
    case .literal(let offset): "pc \(offset < 0 ? "-" : "+") \(hexadecimal(offset.magnitude))"
    case .register(let n, let m, let extend, let shift):
      if extend == .uxtx {
        shift == 0 ? "\(n.name) + \(m.name)" : "\(n.name) + (\(m.name) << \(shift))"
      } else {
        "\(n.name) + (\(m.name) \(extend)\(shift == 0 ? "" : " << \(shift)"))"
      }
    }
  }
}

extension Register {
  /// `x0` to `x30`, `sp` or `xzr`.
  public var name: String { self == .sp ? "sp" : self == .zero ? "xzr" : "x\(rawValue)" }
}

extension Extend {
  /// The low bits of a value, extended to 64.
  func apply(_ value: UInt64) -> UInt64 {
    switch self {
    case .uxtb: value & 0xff
    case .uxth: value & 0xffff
    case .uxtw: value & 0xffff_ffff
    case .uxtx, .sxtx: value
    case .sxtb: UInt64(bitPattern: Int64(Int8(truncatingIfNeeded: value)))
    case .sxth: UInt64(bitPattern: Int64(Int16(truncatingIfNeeded: value)))
    case .sxtw: UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: value)))
    }
  }
}
