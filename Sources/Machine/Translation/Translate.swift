// Owns the path from an access to an address: TLB, then walk, then permission check, then the fault record.
// It does not move data and takes no exception.
import Architecture

extension Context {
  /// Translates one access inside one 4 KiB page. `va` may be tagged. Arm ARM: AArch64.TranslateAddress.
  @inline(__always)
  func translate(_ va: UInt64, _ kind: AccessKind, privileged: Bool) throws(FaultRecord) -> TLBEntry {
    let s = state
    if _slowPath(!s.pointee.regime.isPlain), let entry = try translateUnusually(va, kind) { return entry }
    let address = kind == .instructionFetch ? s.pointee.regime.strippingInstructionTag(va) : s.pointee.regime.strippingTag(va)
    let page = address & ~0xfff
    if let hit = s.pointee.tlb.find(page: page, asid: s.pointee.regime.asid) {
      let entry = hit.pointee
      // E0PD makes EL0 fault whatever is cached.
      if !privileged && s.pointee.regime.half(of: va).control.userAccessPrevented {
        throw fault(.translation(level: 0), va, kind, readable: false)
      }
      if permits(entry, kind, privileged: privileged) { return entry }
      if !(kind.writes && entry.flags.contains(.cleanWritable)) {
        throw permissionFault(entry, va, kind, privileged: privileged)
      }
    }
    return try walkAndCache(va, address: address, kind, privileged: privileged)
  }

  @inline(never)
  private func walkAndCache(_ va: UInt64, address: UInt64, _ kind: AccessKind, privileged: Bool) throws(FaultRecord) -> TLBEntry {
    let s = state
    // Under TBIDn the top byte of a fetch counts: it must be a sign extension.
    if kind == .instructionFetch && s.pointee.regime.strippingTag(address) != address {
      throw fault(.translation(level: 0), va, kind, readable: false)
    }
    if let entry = shortWalk(address) {
      s.pointee.statistics.walks &+= 1
      return try cache(entry, va, kind, privileged: privileged)
    }
    if s.pointee.tlb.blockCapacity != 0, let piece = s.pointee.tlb.findBlock(page: address & ~0xfff, asid: s.pointee.regime.asid),
      !(kind.writes && piece.flags.contains(.cleanWritable))
    {
      if !privileged && s.pointee.regime.half(of: va).control.userAccessPrevented {
        throw fault(.translation(level: 0), va, kind, readable: false)
      }
      insert(piece)
      return try check(piece, va, kind, privileged: privileged)
    }
    s.pointee.statistics.walks &+= 1
    switch walk(address, writes: kind.writes, user: !privileged) {
    case .fault(let status):
      throw fault(status, va, kind, readable: false)
    case .entry(let entry):
      insert(entry)
      return try check(entry, va, kind, privileged: privileged)
    }
  }

  /// The whole walk; a strict run remembers its descriptors.
  @inline(__always)
  func walk(_ address: UInt64, writes: Bool, user: Bool) -> WalkResult {
    if _slowPath(state.pointee.isStrict), let strict = owner.machine.strictTranslation {
      return strict.walk(self, address, writes: writes, user: user)
    }
    return TranslationTableWalker(self).walk(address, writes: writes, user: user)
  }

  /// Puts the entry of a 4 KiB page into the sets, then checks the access against it.
  @inline(__always)
  private func cache(_ entry: TLBEntry, _ va: UInt64, _ kind: AccessKind, privileged: Bool) throws(FaultRecord) -> TLBEntry {
    state.pointee.statistics.refills &+= 1
    let displaced = state.pointee.tlb.insert(entry)
    state.pointee.fastTables.noteInsertion(of: entry.page, displaced: displaced)
    return try check(entry, va, kind, privileged: privileged)
  }

  @inline(__always)
  private func check(_ entry: TLBEntry, _ va: UInt64, _ kind: AccessKind, privileged: Bool) throws(FaultRecord) -> TLBEntry {
    if permits(entry, kind, privileged: privileged) { return entry }
    throw permissionFault(entry, va, kind, privileged: privileged)
  }

  /// Puts any entry into the TLB.
  func insert(_ entry: TLBEntry) {
    let s = state
    if entry.flags.contains(.notCached) { return }
    s.pointee.statistics.refills &+= 1
    let displaced = s.pointee.tlb.insert(entry)
    state.pointee.fastTables.noteInsertion(of: entry.page, displaced: displaced)
    if s.pointee.tlb.blockCapacity != 0 { s.pointee.tlb.insertBlock(entry) }
  }

  /// The MMU is off, or overlapping entries are a conflict. Nil: there is none, and the access goes on.
  @inline(never)
  private func translateUnusually(_ va: UInt64, _ kind: AccessKind) throws(FaultRecord) -> TLBEntry? {
    let s = state
    if !s.pointee.regime.sctlr.mmuEnabled { return try translateFlat(va, kind) }
    if s.pointee.tlb.hasConflict(page: s.pointee.regime.strippingTag(va) & ~0xfff, asid: s.pointee.regime.asid) {
      throw fault(.tlbConflict, va, kind, readable: false)
    }
    return nil
  }

  /// With the MMU off an address is its own output: Device memory for data, Normal for fetches. Arm ARM D8.2.10.
  func translateFlat(_ va: UInt64, _ kind: AccessKind) throws(FaultRecord) -> TLBEntry {
    let address = state.pointee.regime.strippingTag(va)
    if address &>> state.pointee.features.physicalAddressBits != 0 { throw fault(.addressSize(level: 0), va, kind, readable: false) }
    var entry = TLBEntry()
    entry.page = address & ~0xfff
    entry.output = entry.page
    entry.permissions = PagePermissions(rawValue: 0x3f)
    entry.flags = .global
    entry.attributes = kind == .instructionFetch ? 0xff : 0x00
    entry.shareability = 2
    return entry
  }

  /// Whether `entry` allows the access. Arm ARM D8.4.
  @inline(__always)
  func permits(_ entry: TLBEntry, _ kind: AccessKind, privileged: Bool) -> Bool {
    if !privileged {
      let needed: PagePermissions =
        switch kind {
        case .read, .cacheMaintenance, .addressTranslation: .userRead
        case .write, .cacheInvalidation: .userWrite
        case .atomic: [.userRead, .userWrite]
        case .instructionFetch: .userExecute
        }
      return entry.permissions.isSuperset(of: needed)
    }
    if kind == .instructionFetch { return entry.permissions.contains(.privilegedExecute) }
    // DC IVAC neither obeys PAN nor makes a page dirty. Arm ARM: AArch64.S1CheckPermissions, CreateAccDescDC.
    if kind == .cacheInvalidation { return entry.permissions.contains(.privilegedWrite) || entry.flags.contains(.cleanWritable) }
    if kind != .cacheMaintenance && isKeptOutByPAN(entry) { return false }
    return entry.permissions.contains(kind.writes ? .privilegedWrite : .privilegedRead)
  }

  /// PSTATE.PAN: EL1's data accesses keep away from what EL0 may read or write; under SCTLR_EL1.EPAN from what it may execute.
  /// It does not apply to cache maintenance by address, other than DC ZVA, which writes.
  @inline(__always)
  func isKeptOutByPAN(_ entry: TLBEntry) -> Bool {
    if !state.pointee.processorState.pan { return false }
    return entry.flags.contains(.user) || (entry.flags.contains(.userExecuteOnly) && state.pointee.regime.sctlr.enhancedPAN)
  }

  private func permissionFault(_ entry: TLBEntry, _ va: UInt64, _ kind: AccessKind, privileged: Bool) -> FaultRecord {
    let readable = permits(entry, .read, privileged: privileged)
    return fault(.permission(level: Int(entry.level)), va, kind, readable: readable)
  }

  /// WnR: an atomic reports a write only where a read would have been allowed. Arm ARM ESR_EL1, ISS for Data Aborts, WnR.
  func fault(_ status: FaultStatus, _ va: UInt64, _ kind: AccessKind, readable: Bool) -> FaultRecord {
    let isWrite =
      switch kind {
      case .read, .instructionFetch: false
      case .write, .cacheMaintenance, .cacheInvalidation, .addressTranslation: true
      case .atomic: readable
      }
    return FaultRecord(status: status, kind: kind, isWrite: isWrite, address: VirtualAddress(va))
  }

  // MARK: RAM

  /// Host address of [pa, pa+count), or nil where it is not RAM.
  @inline(__always)
  func host(_ pa: UInt64, count: UInt64) -> Raw? { state.pointee.ram.host(pa, count: count) }

  /// The object that owns this context. Only slow paths ask.
  var owner: Processor { Unmanaged<Processor>.fromOpaque(state.pointee.owner).takeUnretainedValue() }
}
