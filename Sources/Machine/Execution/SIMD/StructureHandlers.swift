// Owns the fast handlers of LD1 to LD4 and ST1 to ST4, for accesses whose bytes are all in one page that the fast table has.
// They do not translate, fault or check alignment: every special case misses (see Misses.swift).
import Architecture
import Decoding

@c func h_loadStructures(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  let va = x(c, p.op.n), size = p.op.structureBytes
  guard let host = readHost(c, va, size, guard: vectorGuard(c, p)) else { return missVectorRead(c, p, fa, fb, va, size) }
  Context(c).loadStructures(p.op, at(host))
  advanceBase(c, p.op)
  go(c, next(p), fa, fb)
}

@c func h_storeStructures(_ c: Raw, _ p: Raw, _ fa: UInt64, _ fb: UInt64) {
  let va = x(c, p.op.n), size = p.op.structureBytes
  guard let host = writeHost(c, va, size, guard: vectorGuard(c, p)) else { return missVectorWrite(c, p, fa, fb, va, size) }
  Context(c).storeStructures(p.op, at(host))
  advanceBase(c, p.op)
  go(c, next(p), fa, fb)
}

/// Advances the base by register `m`, or by the bytes transferred if `m` is 31. If it is `discard` the base stays.
@inline(__always)
private func advanceBase(_ c: Raw, _ op: Op) {
  if op.m == UInt8(RegisterSlot.discard.rawValue) { return }
  setX(c, op.n, x(c, op.n) &+ (op.m == 31 ? op.structureBytes : x(c, op.m)))
}

/// Which lanes a structure op moves: its `StructureAccess.Selection`, which `imm` holds beside the sizes.
private enum StructureKind {
  /// Structures of one element: whole registers, as they lie in memory.
  static var consecutive: Int32 { 0 }
  /// Structures of two to four elements, which go to the registers in turn.
  static var interleaved: Int32 { 1 }
  static var lane: Int32 { 2 }
  static var replicate: Int32 { 3 }
}

extension Op {
  /// The size of all elements in bytes.
  @inline(__always) fileprivate var structureBytes: UInt64 { UInt64(s) }
  @inline(__always) fileprivate var structureKind: Int32 { imm & 3 }
  @inline(__always) fileprivate var structureLog2Size: Int { Int(imm &>> 2 & 3) }
  @inline(__always) fileprivate var structureIsFull: Bool { imm &>> 4 & 1 != 0 }
  /// The number of registers that take part.
  @inline(__always) fileprivate var structureRegisters: Int { Int(imm &>> 5 & 7) }
  @inline(__always) fileprivate var structureLane: Int { Int(imm &>> 8 & 15) }
}

extension Lowering {
  func lowerStructures(_ access: StructureAccess) -> Op {
    let kind: Int32, arrangement: Arrangement
    var index: UInt8 = 0
    switch access.selection {
    case .multiple(_, let all):
      kind = access.elements == 1 ? StructureKind.consecutive : StructureKind.interleaved
      arrangement = all
    case .lane(let lane, let log2Size):
      kind = StructureKind.lane
      arrangement = Arrangement(log2Size: log2Size, .full)
      index = lane
    case .replicate(let all):
      kind = StructureKind.replicate
      arrangement = all
    }
    let increment: UInt8 =
      switch access.writeBack {
      case .none: UInt8(RegisterSlot.discard.rawValue)
      case .transferSize: 31
      case .register(let m): m.rawValue
      }
    let packed =
      kind | Int32(arrangement.log2Size) << 2 | (arrangement.lanes == .full ? 16 : 0) | Int32(access.registers) << 5 | Int32(index) << 8
    return Op(
      access.load ? h_loadStructures : h_storeStructures, d: access.t.rawValue, n: access.n.rawValue, m: increment,
      s: UInt8(access.bytes), imm: packed)
  }
}

extension Context {
  @inline(__always)
  private func register(_ op: Op, _ i: Int) -> Raw { vector((op.d &+ UInt8(truncatingIfNeeded: i)) & 31) }

  @inline(never)
  fileprivate func loadStructures(_ op: Op, _ host: Raw) {
    switch op.structureKind {
    case StructureKind.consecutive:
      for i in 0..<op.structureRegisters {
        register(op, i).storeBytes(
          of: op.structureIsFull
            ? (host + 16 &* i).loadUnaligned(as: Vector.self) : Vector((host + 8 &* i).loadUnaligned(as: UInt64.self), 0),
          as: Vector.self)
      }
    case StructureKind.interleaved:
      for i in 0..<op.structureRegisters { register(op, i).storeBytes(of: .zero, as: Vector.self) }
      transferElements(op, host, to: true)
    case StructureKind.lane: transferElements(op, host, to: true)
    default:
      for i in 0..<op.structureRegisters {
        let element = host + i &<< op.structureLog2Size
        let value: Vector =
          switch op.structureLog2Size {
          case 0: Vector(repeating: element.load(as: UInt8.self))
          case 1: Vector(repeating: element.loadUnaligned(as: UInt16.self))
          case 2: Vector(repeating: element.loadUnaligned(as: UInt32.self))
          default: Vector(repeating: element.loadUnaligned(as: UInt64.self))
          }
        register(op, i).storeBytes(of: op.structureIsFull ? value : Vector(value.low, 0), as: Vector.self)
      }
    }
  }

  @inline(never)
  fileprivate func storeStructures(_ op: Op, _ host: Raw) {
    if op.structureKind != StructureKind.consecutive { return transferElements(op, host, to: false) }
    for i in 0..<op.structureRegisters {
      if op.structureIsFull {
        (host + 16 &* i).storeBytes(of: register(op, i).load(as: Vector.self), as: Vector.self)
      } else {
        (host + 8 &* i).storeBytes(of: register(op, i).load(as: UInt64.self), as: UInt64.self)
      }
    }
  }

  /// Interleaved lanes, or one lane, to or from the registers.
  @inline(__always)
  private func transferElements(_ op: Op, _ host: Raw, to registers: Bool) {
    switch op.structureLog2Size {
    case 0: transferElements(op, host, to: registers, UInt8.self)
    case 1: transferElements(op, host, to: registers, UInt16.self)
    case 2: transferElements(op, host, to: registers, UInt32.self)
    default: transferElements(op, host, to: registers, UInt64.self)
    }
  }
  @inline(__always)
  private func transferElements<T: BitwiseCopyable>(_ op: Op, _ host: Raw, to registers: Bool, _ type: T.Type) {
    let size = MemoryLayout<T>.size
    let isLane = op.structureKind == StructureKind.lane
    let lanes = isLane ? 1 : (op.structureIsFull ? 16 : 8) / size
    var memory = host
    for lane in 0..<lanes {
      for i in 0..<op.structureRegisters {
        let place = register(op, i) + (isLane ? op.structureLane : lane) &* size
        if registers {
          place.storeBytes(of: memory.loadUnaligned(as: T.self), as: T.self)
        } else {
          memory.storeBytes(of: place.load(as: T.self), as: T.self)
        }
        memory += size
      }
    }
  }
}
