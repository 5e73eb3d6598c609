// Owns loads and stores of the general executor: single, pair, exclusive, atomic and SIMD&FP. Arm ARM C6.2.
// It does not know how an access reaches memory. The PC and the written-back base change last, so a fault changes nothing.
import Architecture
import Decoding

extension Context {
  func execute(_ load: Load, _ general: GeneralState) throws(GeneralExit) {
    let (va, writeback) = try address(load.addressing, pc: general.pc)
    let value = try readValue(va, load.size.bytes, rules(.read, load.ordering))
    let bits = load.size.bytes &* 8
    let extended: UInt64 =
      switch load.signExtendTo {
      case nil: value
      case .x: signExtend(value, bits)
      case .w: signExtend(value, bits) & 0xffff_ffff
      }
    write(load.t, extended)
    if let (n, base) = writeback { write(n, base) }
  }

  func execute(_ store: Store, _ general: GeneralState) throws(GeneralExit) {
    let (va, writeback) = try address(store.addressing, pc: general.pc)
    try writeValue(va, store.size.bytes, read(store.t), rules(.write, store.ordering))
    if let (n, base) = writeback { write(n, base) }
  }

  /// A pair must be aligned to the size of one register, and each half is an access of its own.
  func execute(_ pair: LoadPair, _ general: GeneralState) throws(GeneralExit) {
    let (va, writeback) = try address(pair.addressing, pc: general.pc)
    let size = pair.size.bytes
    let first = try readValue(va, size, AccessRules(kind: .read))
    let second = try readValue(va &+ size, size, AccessRules(kind: .read))
    // The first register is written last, so that its value stays if both are the same (CONSTRAINED UNPREDICTABLE, as in QEMU).
    write(pair.t2, pair.signed ? signExtend(second, 32) : second)
    write(pair.t, pair.signed ? signExtend(first, 32) : first)
    if let (n, base) = writeback { write(n, base) }
  }

  func execute(_ pair: StorePair, _ general: GeneralState) throws(GeneralExit) {
    let (va, writeback) = try address(pair.addressing, pc: general.pc)
    let size = pair.size.bytes
    // Both halves are translated before either is written.
    _ = try span(va, size, AccessRules(kind: .write))
    try writeValue(va &+ size, size, read(pair.t2), AccessRules(kind: .write))
    try writeValue(va, size, read(pair.t), AccessRules(kind: .write))
    if let (n, base) = writeback { write(n, base) }
  }

  private func rules(_ kind: AccessKind, _ ordering: AccessOrdering) -> AccessRules {
    switch ordering {
    case .plain, .nonTemporal: AccessRules(kind: kind)
    case .unprivileged: AccessRules(kind: kind, unprivileged: true)
    case .acquireRelease, .acquirePC, .acquirePCUnscaled, .releaseUnscaled, .limitedOrdering:
      AccessRules(kind: kind, mustAlign: true, isOrdered: true)
    }
  }

  private func signExtend(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    UInt64(bitPattern: Int64(bitPattern: value &<< (64 &- bits)) &>> Int64(64 &- bits))
  }

  // MARK: Exclusives (Arm ARM B2.12)

  func loadExclusive(_ size: AccessSize, _ t: Register, _ t2: Register?, _ n: Register) throws(GeneralExit) {
    let va = try base(n)
    let count = t2 == nil ? size.bytes : size.bytes &* 2
    let span = try span(va, count, AccessRules(kind: .read, mustAlign: true))
    let first = try readValue(va, size.bytes, AccessRules(kind: .read))
    let second = t2 == nil ? 0 : try readValue(va &+ size.bytes, size.bytes, AccessRules(kind: .read))
    state.pointee.monitor = ExclusiveMonitor(address: span.first, size: count)
    write(t, first)
    if let t2 { write(t2, second) }
  }

  /// The store is done only if the monitor still holds this address; values are never compared.
  func storeExclusive(_ size: AccessSize, _ s: Register, _ t: Register, _ t2: Register?, _ n: Register) throws(GeneralExit) {
    let va = try base(n)
    let count = t2 == nil ? size.bytes : size.bytes &* 2
    let rules = AccessRules(kind: .write, mustAlign: true)
    let span = try span(va, count, rules)
    let monitor = state.pointee.monitor
    state.pointee.monitor.clear()
    if monitor.address != span.first || monitor.size != count { return write(s, 1) }
    if let t2 { try writeValue(va &+ size.bytes, size.bytes, read(t2), rules) }
    try writeValue(va, size.bytes, read(t), rules)
    write(s, 0)
  }

  // MARK: FEAT_LSE

  func atomic(_ operation: AtomicOperation, _ size: AccessSize, _ s: Register, _ t: Register, _ n: Register) throws(GeneralExit) {
    let va = try base(n)
    let rules = AccessRules(kind: .atomic, mustAlign: true)
    let old = try readValue(va, size.bytes, rules)
    try writeValue(va, size.bytes, atomicResult(operation, old, read(s), size: size), rules)
    write(t, old)
  }

  func compareAndSwap(_ size: AccessSize, _ s: Register, _ t: Register, _ n: Register) throws(GeneralExit) {
    let va = try base(n)
    let rules = AccessRules(kind: .atomic, mustAlign: true)
    let old = try readValue(va, size.bytes, rules)
    let mask: UInt64 = size == .double ? ~0 : (1 &<< (size.bytes &* 8)) &- 1
    if old == read(s) & mask { try writeValue(va, size.bytes, read(t), rules) }
    write(s, old)
  }

  func compareAndSwapPair(_ size: AccessSize, _ s: Register, _ t: Register, _ n: Register) throws(GeneralExit) {
    let va = try base(n)
    let count = size.bytes &* 2
    let rules = AccessRules(kind: .atomic, mustAlign: true)
    _ = try span(va, count, rules)
    let element = AccessRules(kind: .atomic)
    let low = try readValue(va, size.bytes, element)
    let high = try readValue(va &+ size.bytes, size.bytes, element)
    let mask: UInt64 = size == .double ? ~0 : 0xffff_ffff
    let s2 = second(s)
    let t2 = second(t)
    if low == read(s) & mask && high == read(s2) & mask {
      try writeValue(va, size.bytes, read(t), element)
      try writeValue(va &+ size.bytes, size.bytes, read(t2), element)
    }
    write(s, low)
    write(s2, high)
  }

  /// The register after an even one; the one after X30 is XZR.
  private func second(_ register: Register) -> Register { Register(register.rawValue &+ 1) }

  // MARK: SIMD&FP registers

  func loadVector(_ log2Size: UInt8, _ t: VectorRegister, _ addressing: Addressing, _ general: GeneralState) throws(GeneralExit) {
    let (va, writeback) = try address(addressing, pc: general.pc)
    var value: (UInt64, UInt64) = (0, 0)
    try readBytes(va, 1 &<< UInt64(log2Size), to: &value, AccessRules(kind: .read))
    vector(t.rawValue).storeBytes(of: value, as: (UInt64, UInt64).self)
    if let (n, base) = writeback { write(n, base) }
  }

  func storeVector(_ log2Size: UInt8, _ t: VectorRegister, _ addressing: Addressing, _ general: GeneralState) throws(GeneralExit) {
    let (va, writeback) = try address(addressing, pc: general.pc)
    try writeBytes(va, 1 &<< UInt64(log2Size), from: vector(t.rawValue), AccessRules(kind: .write))
    if let (n, base) = writeback { write(n, base) }
  }

  func loadVectorPair(
    _ log2Size: UInt8, _ t: VectorRegister, _ t2: VectorRegister, _ addressing: Addressing, _ general: GeneralState
  ) throws(GeneralExit) {
    let (va, writeback) = try address(addressing, pc: general.pc)
    let size: UInt64 = 1 &<< UInt64(log2Size)
    var first: (UInt64, UInt64) = (0, 0)
    var second: (UInt64, UInt64) = (0, 0)
    try readBytes(va, size, to: &first, AccessRules(kind: .read))
    try readBytes(va &+ size, size, to: &second, AccessRules(kind: .read))
    vector(t.rawValue).storeBytes(of: first, as: (UInt64, UInt64).self)
    vector(t2.rawValue).storeBytes(of: second, as: (UInt64, UInt64).self)
    if let (n, base) = writeback { write(n, base) }
  }

  func storeVectorPair(
    _ log2Size: UInt8, _ t: VectorRegister, _ t2: VectorRegister, _ addressing: Addressing, _ general: GeneralState
  ) throws(GeneralExit) {
    let (va, writeback) = try address(addressing, pc: general.pc)
    let size: UInt64 = 1 &<< UInt64(log2Size)
    _ = try span(va, size, AccessRules(kind: .write))
    try writeBytes(va &+ size, size, from: vector(t2.rawValue), AccessRules(kind: .write))
    try writeBytes(va, size, from: vector(t.rawValue), AccessRules(kind: .write))
    if let (n, base) = writeback { write(n, base) }
  }
}
