// Owns one data access of any size and alignment: alignment checks, translation of both pages, and then the bytes.
// It does not know which instruction makes the access.
import Architecture
import Decoding

/// What an instruction requires of its access beside the address. Arm ARM: AccessDescriptor.
struct AccessRules {
  var kind: AccessKind
  /// Whether an unaligned address faults: for exclusives, atomics, load-acquire and store-release.
  var mustAlign = false
  /// Load-acquire or store-release that is not exclusive. SCTLR_EL1.nAA permits these to be unaligned under FEAT_LSE2.
  var isOrdered = false
  /// LDTR, STTR: EL0's permissions apply at EL1 too, unless PSTATE.UAO is set.
  var unprivileged = false
  /// DC ZVA, for which Device memory is an alignment fault.
  var needsNormal = false
}

/// The physical addresses that an access reaches: one piece, or two if it crosses a page.
struct AccessSpan {
  var first: UInt64
  var firstCount: UInt64
  var second: UInt64 = 0
  var secondCount: UInt64 = 0
}

extension Context {
  /// Translates [va, va+count), where count is at most 32. No byte is accessed before all bytes have been translated.
  func span(_ va: UInt64, _ count: UInt64, _ rules: AccessRules) throws(GeneralExit) -> AccessSpan {
    let s = state
    let misaligned = va & (count &- 1) != 0
    let privilege = rules.unprivileged && !s.pointee.processorState.uao ? .el0 : self.privilege
    let request = AccessRequest(va, rules.kind, privilege)
    if misaligned {
      let sctlr = s.pointee.regime.sctlr
      let insideSixteen = (va & 15) &+ count <= 16
      let mayCross = rules.isOrdered && sctlr.noAlignmentCheckForOrdered
      let tolerated = !rules.mustAlign || (s.pointee.features.lse2 && (insideSixteen || mayCross))
      if sctlr.alignmentCheck || !tolerated { throw .fault(fault(.alignment, request)) }
    }
    let left = 4096 &- (va & 0xfff)
    // On Device memory an alignment fault comes before a permission fault. Arm ARM: AArch64.S1Translate.
    let needsNormal = misaligned || rules.needsNormal
    let entry = try translated(request, alignmentFirst: needsNormal)
    let pa = entry.output | va & 0xfff
    if needsNormal && !entry.isNormal { throw .fault(fault(.alignment, request)) }
    if count <= left {
      // A cache operation is watched as a block, not as the byte that names the block.
      if !rules.kind.isCacheMaintenance && !rules.needsNormal { try checkWatchpoints(count, request) }
      try requireAnswer(pa, count, request)
      return AccessSpan(first: pa, firstCount: count)
    }
    let next = AccessRequest(va &+ left, rules.kind, privilege)
    let second = try translated(next)
    if !second.isNormal { throw .fault(fault(.alignment, request)) }
    try checkWatchpoints(count, request)
    try requireAnswer(pa, left, request)
    try requireAnswer(second.output, count &- left, next)
    return AccessSpan(first: pa, firstCount: left, second: second.output, secondCount: count &- left)
  }

  private func translated(_ request: AccessRequest, alignmentFirst: Bool = false) throws(GeneralExit) -> TLBEntry {
    do { return try translate(request) } catch {
      if alignmentFirst, error.status.kind == .permission, isDevice(request) { throw .fault(fault(.alignment, request)) }
      throw .fault(error)
    }
  }

  /// Whether the memory of an access that was refused is Device memory. The walk that refused it may not have cached it.
  private func isDevice(_ request: AccessRequest) -> Bool {
    let s = state
    let address = s.pointee.regime.strippingTag(request.va)
    if let entry = s.pointee.tlb.find(page: address & ~0xfff, asid: s.pointee.regime.asid) { return !entry.pointee.isNormal }
    var walker = TranslationTableWalker(self)
    walker.updatesDescriptors = false
    guard case .entry(let entry) = walker.walk(address, request) else { return false }
    return !entry.isNormal
  }

  /// Takes a synchronous external abort if the physical range is neither RAM nor a device.
  @inline(__always)
  func requireAnswer(_ pa: UInt64, _ count: UInt64, _ request: AccessRequest) throws(GeneralExit) {
    if _slowPath(host(pa, count: count) == nil) { try requireDevice(pa, count, request) }
  }
  @inline(never)
  private func requireDevice(_ pa: UInt64, _ count: UInt64, _ request: AccessRequest) throws(GeneralExit) {
    if !owner.machine.bus.contains(pa, count: count) { throw .fault(fault(.externalAbort, request)) }
  }

  /// Reads one piece of a span.
  private func readPiece(_ pa: UInt64, _ count: UInt64, to destination: Raw) {
    guard let host = host(pa, count: count) else { return owner.machine.bus.read(pa, count: count, to: destination) }
    destination.copyMemory(from: host, byteCount: Int(count))
  }

  /// Writes one piece of a span.
  func writePiece(_ pa: UInt64, _ count: UInt64, from source: UnsafeRawPointer) {
    if host(pa, count: count) == nil { return owner.machine.bus.write(pa, count: count, from: source) }
    state.pointee.ram.store(pa, from: source, count: count)
  }

  /// Reads `count` bytes to `destination`.
  func readBytes(_ va: UInt64, _ count: UInt64, to destination: Raw, _ rules: AccessRules) throws(GeneralExit) {
    let span = try span(va, count, rules)
    readPiece(span.first, span.firstCount, to: destination)
    if span.secondCount != 0 { readPiece(span.second, span.secondCount, to: destination + Int(span.firstCount)) }
  }

  /// Writes `count` bytes from `source`.
  func writeBytes(_ va: UInt64, _ count: UInt64, from source: UnsafeRawPointer, _ rules: AccessRules) throws(GeneralExit) {
    let span = try span(va, count, rules)
    writePiece(span.first, span.firstCount, from: source)
    if span.secondCount != 0 { writePiece(span.second, span.secondCount, from: source + Int(span.firstCount)) }
  }

  /// Reads a little-endian value of `count` (1, 2, 4, 8) bytes.
  func readValue(_ va: UInt64, _ count: UInt64, _ rules: AccessRules) throws(GeneralExit) -> UInt64 {
    var value: UInt64 = 0
    try readBytes(va, count, to: &value, rules)
    return value
  }
  func writeValue(_ va: UInt64, _ count: UInt64, _ value: UInt64, _ rules: AccessRules) throws(GeneralExit) {
    var value = value
    try writeBytes(va, count, from: &value, rules)
  }

  /// The address of an access and the base register's new value, if it has one. Checks SP alignment. Arm ARM: CheckSPAlignment.
  func address(_ addressing: Addressing, pc: UInt64) throws(GeneralExit) -> (va: UInt64, writeback: (Register, UInt64)?) {
    switch addressing {
    case .offset(let n, let offset):
      return (try base(n) &+ UInt64(bitPattern: offset), nil)
    case .preIndex(let n, let offset):
      let va = try base(n) &+ UInt64(bitPattern: offset)
      return (va, (n, va))
    case .postIndex(let n, let offset):
      let va = try base(n)
      return (va, (n, va &+ UInt64(bitPattern: offset)))
    case .register(let n, let m, let type, let shift):
      return (try base(n) &+ extend(read(m), type, shift: UInt64(shift)), nil)
    case .literal(let offset):
      return (pc &+ UInt64(bitPattern: offset), nil)
    }
  }

  /// The value of a base register.
  func base(_ n: Register) throws(GeneralExit) -> UInt64 {
    let value = read(n)
    if n == .sp && value & 15 != 0 {
      let sctlr = state.pointee.regime.sctlr
      let checked = state.pointee.processorState.exceptionLevel == 0 ? sctlr.stackAlignmentCheckEL0 : sctlr.stackAlignmentCheckEL1
      if checked { throw .exception(ExceptionSyndrome(.spAlignment), far: nil) }
    }
    return value
  }
}
