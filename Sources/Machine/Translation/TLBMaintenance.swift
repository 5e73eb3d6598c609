// Owns which entries each TLBI drops from which PE's TLB.
// It does not know who executes it, nor the instruction's encoding.
import Architecture

extension Processor {
  /// Executes a TLBI. Forms with a shareability suffix reach every PE. Arm ARM C5.5.
  func invalidateTLB(_ operation: TLBIOperation, _ operand: UInt64) {
    if _slowPath(context.state.pointee.trace.intersects(.invalidations)) {
      record(.tlbMaintenance, detail: operation.rawValue, operand)
      if let strict = machine.strictTranslation {
        return strict.invalidate(operation, operand, by: number) { reach(operation, operand) }
      }
    }
    reach(operation, operand)
  }

  private func reach(_ operation: TLBIOperation, _ operand: UInt64) {
    if operation.isBroadcast {
      for processor in machine.processors { processor.context.invalidateTLB(operation, operand) }
    } else {
      context.invalidateTLB(operation, operand)
    }
  }
}

extension Context {
  /// One PE's part of a TLBI. A level hint (TTL) and a granule (TG) are obeyed: an entry of another level or granule stays. The
  /// architecture permits that, and it makes a wrong hint visible. A range with the reserved TG drops nothing.
  func invalidateTLB(_ operation: TLBIOperation, _ rawOperand: UInt64) {
    let s = state
    s.pointee.statistics.invalidations &+= 1
    s.pointee.walkCache.clear()
    if operation.scope == .everything { flushFastTables() }
    if operation.scope == .asid {
      s.pointee.fastTables.retire(asid: s.pointee.regime.meaningfulASID(TLBIOperand(rawValue: rawOperand).asid))
      s.pointee.tlb.invalidate(operation, rawOperand, s.pointee.regime) { s.pointee.fastTables.dropFromCurrent($0) }
    } else {
      s.pointee.tlb.invalidate(operation, rawOperand, s.pointee.regime) { s.pointee.fastTables.drop($0) }
    }
  }
}

extension TLB {
  /// Drops what an operation removes from one TLB under `regime`. It calls `drop` for each dropped entry of the sets, but not
  /// if all entries are dropped.
  mutating func invalidate(_ operation: TLBIOperation, _ rawOperand: UInt64, _ regime: TranslationRegime, _ drop: (TLBEntry) -> Void) {
    let operand = TLBIOperand(rawValue: rawOperand)
    let asid = regime.meaningfulASID(operand.asid)
    switch operation.scope {
    case .everything: invalidateAll()
    case .asid: invalidate(asid: asid, drop)
    case .address(let anyASID, isRange: false):
      var shifts = ~0 as UInt64
      if regime.features.ttl, let hint = operand.levelHint(regime.features) {
        shifts = 1 &<< hint.granule.shift(level: hint.level)
      }
      invalidate(page: operand.page, asid: anyASID ? nil : asid, shifts: shifts, drop)
    case .address(let anyASID, isRange: true):
      guard let granule = operand.granule else { return }
      var shifts: UInt64 = 0
      for level in -1...3 where operand.rangeLevel == nil || operand.rangeLevel == level { shifts |= 1 &<< granule.shift(level: level) }
      // DS has an effect only for the granules that have it.
      let isWide = regime.tcr.has52BitSmallGranule
      invalidate(
        start: operand.rangeStart(has52BitSmallGranule: isWide), size: operand.rangeSize, asid: anyASID ? nil : asid, shifts: shifts, drop)
    }
  }
}
