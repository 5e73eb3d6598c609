// Owns the path from an access to an address: first the TLB, then the walk, the permission check and the fault record.
// It does not move data and takes no exception.
import Architecture

extension Context {
  /// Translates one access inside one 4 KiB page. Handlers, the general executor, fetches and a supervisor's user accesses all
  /// use it. Arm ARM: AArch64.TranslateAddress.
  @inline(__always)
  func translate(_ request: AccessRequest) throws(FaultRecord) -> TLBEntry {
    let s = state
    if _slowPath(!s.pointee.regime.isPlain), let entry = try translateUnusually(request) { return entry }
    if _slowPath(isKeptOutByE0PD(request)) { throw fault(.translation(level: 0), request) }
    let address =
      request.kind == .instructionFetch ? s.pointee.regime.strippingInstructionTag(request.va) : s.pointee.regime.strippingTag(request.va)
    if let hit = s.pointee.tlb.find(page: address & ~0xfff, asid: s.pointee.regime.asid) {
      let entry = hit.pointee
      if permits(entry, request.kind, request.privilege) { return entry }
      // A write to a clean page walks again, to make the page dirty.
      if !(request.kind.writes && entry.flags.contains(.cleanWritable)) { throw permissionFault(entry, request) }
    }
    switch walkAndCache(address, request) {
    case .fault(let status): throw fault(status, request)
    case .entry(let entry):
      if permits(entry, request.kind, request.privilege) { return entry }
      throw permissionFault(entry, request)
    }
  }

  /// Translates `address` (tag stripped), which the sets of the TLB do not have, by the tables or by blocks that are cached
  /// whole.
  @inline(never)
  func walkAndCache(_ address: UInt64, _ request: AccessRequest) -> WalkResult {
    let s = state
    // Under TBIDn the top byte of a fetch address is significant: it must be a sign extension.
    if request.kind == .instructionFetch && s.pointee.regime.strippingTag(address) != address { return .fault(.translation(level: 0)) }
    if let entry = shortWalk(address) {
      s.pointee.statistics.walks &+= 1
      insertPage(entry)
      return .entry(entry)
    }
    if s.pointee.tlb.blockCapacity != 0, let piece = s.pointee.tlb.findBlock(page: address & ~0xfff, asid: s.pointee.regime.asid),
      !(request.kind.writes && piece.flags.contains(.cleanWritable))
    {
      insert(piece)
      recordFill(piece)
      return .entry(piece)
    }
    s.pointee.statistics.walks &+= 1
    let result = walk(address, request)
    if case .entry(let entry) = result { insert(entry) }
    return result
  }

  /// Does the whole walk.
  @inline(__always)
  private func walk(_ address: UInt64, _ request: AccessRequest) -> WalkResult {
    if _slowPath(state.pointee.trace.intersects(.walks)) { return watchedWalk(address, request) }
    return TranslationTableWalker(self).walk(address, request)
  }

  /// Stores the entry of a 4 KiB page in the sets.
  @inline(__always)
  private func insertPage(_ entry: TLBEntry) {
    state.pointee.statistics.refills &+= 1
    let displaced = state.pointee.tlb.insert(entry)
    state.pointee.fastTables.noteInsertion(of: entry, displaced: displaced)
  }

  /// Stores any entry in the TLB.
  func insert(_ entry: TLBEntry) {
    let s = state
    if entry.flags.contains(.notCached) { return }
    insertPage(entry)
    if s.pointee.tlb.blockCapacity != 0 { s.pointee.tlb.insertBlock(entry) }
  }

  /// Handles the two rare cases: the MMU is off, or overlapping entries conflict. Nil means that neither is so, and the access
  /// goes on.
  @inline(never)
  private func translateUnusually(_ request: AccessRequest) throws(FaultRecord) -> TLBEntry? {
    let s = state
    if !s.pointee.regime.sctlr.mmuEnabled { return try translateFlat(request) }
    if s.pointee.tlb.hasConflict(page: s.pointee.regime.strippingTag(request.va) & ~0xfff, asid: s.pointee.regime.asid) {
      throw fault(.tlbConflict, request)
    }
    return nil
  }

  /// With the MMU off the output is the address itself: Device memory for data, Normal memory for fetches. Arm ARM D8.2.10.
  func translateFlat(_ request: AccessRequest) throws(FaultRecord) -> TLBEntry {
    let address = state.pointee.regime.strippingTag(request.va)
    if address &>> state.pointee.features.physicalAddressBits != 0 { throw fault(.addressSize(level: 0), request) }
    var entry = TLBEntry()
    entry.page = address & ~0xfff
    entry.output = entry.page
    entry.permissions = PagePermissions(rawValue: 0x3f)
    entry.flags = .global
    entry.attributes = request.kind == .instructionFetch ? 0xff : 0x00
    entry.shareability = 2
    return entry
  }

  /// Whether `entry` allows the access. Arm ARM D8.4.
  @inline(__always)
  func permits(_ entry: TLBEntry, _ kind: AccessKind, _ privilege: Privilege) -> Bool {
    if privilege == .el0 {
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

  /// PSTATE.PAN: whether EL1's data access is denied because EL0 may read or write the page or, under SCTLR_EL1.EPAN, may
  /// execute it. It does not apply to cache maintenance by address, except DC ZVA, which writes.
  @inline(__always)
  func isKeptOutByPAN(_ entry: TLBEntry) -> Bool {
    if !state.pointee.processorState.pan { return false }
    return entry.flags.contains(.user) || (entry.flags.contains(.userExecuteOnly) && state.pointee.regime.sctlr.enhancedPAN)
  }

  /// FEAT_E0PD: whether EL0 is denied access to a half of the address space, whatever is cached of it.
  @inline(__always)
  func isKeptOutByE0PD(_ request: AccessRequest) -> Bool {
    request.privilege == .el0 && state.pointee.regime.half(of: request.va).control.userAccessPrevented
  }

  private func permissionFault(_ entry: TLBEntry, _ request: AccessRequest) -> FaultRecord {
    fault(.permission(level: Int(entry.level)), request, readable: permits(entry, .read, request.privilege))
  }

  /// The record of a fault. `readable` says whether a plain read would have been allowed, because an atomic sets WnR only in
  /// that case. Arm ARM ESR_EL1, ISS for Data Aborts, WnR.
  func fault(_ status: FaultStatus, _ request: AccessRequest, readable: Bool = false) -> FaultRecord {
    let isWrite =
      switch request.kind {
      case .read, .instructionFetch: false
      case .write, .cacheMaintenance, .cacheInvalidation, .addressTranslation: true
      case .atomic: readable
      }
    return FaultRecord(status: status, kind: request.kind, isWrite: isWrite, address: VirtualAddress(request.va))
  }
}
