// Owns what each TLBI takes out of which PE's TLB.
// It does not know who executes it, nor the instruction's encoding.
import Architecture

extension Processor {
  /// TLBI. Forms with a shareability suffix reach every PE. Arm ARM C5.5.
  func invalidateTLB(_ operation: TLBIOperation, _ operand: UInt64) {
    if operation.isBroadcast {
      for processor in machine.processors { processor.context.invalidateTLB(operation, operand) }
    } else {
      context.invalidateTLB(operation, operand)
    }
  }
}

extension Context {
  /// One PE's part of a TLBI. A level hint (TTL) and a granule (TG) are taken at their word: an entry of another level or granule
  /// stays, which the architecture permits and makes a wrong hint visible. A range with the reserved TG takes nothing away.
  func invalidateTLB(_ operation: TLBIOperation, _ rawOperand: UInt64) {
    let s = state
    s.pointee.statistics.invalidations &+= 1
    s.pointee.walkCache.clear()
    let operand = TLBIOperand(rawValue: rawOperand)
    // With 8-bit ASIDs the upper byte means nothing.
    let asid = s.pointee.regime.tcr.asid16 ? operand.asid : operand.asid & 0xff
    let drop = { (page: UInt64) in dropFastEntries(page: page) }
    switch operation.scope {
    case .everything:
      s.pointee.tlb.invalidateAll()
      flushFastTable()
    case .asid: s.pointee.tlb.invalidate(asid: asid, drop)
    case .address(let anyASID, isRange: false):
      var shifts = ~0 as UInt64
      if s.pointee.features.ttl, let hint = operand.levelHint(s.pointee.features) {
        shifts = 1 &<< hint.granule.shift(level: hint.level)
      }
      s.pointee.tlb.invalidate(page: operand.page, asid: anyASID ? nil : asid, shifts: shifts, drop)
    case .address(let anyASID, isRange: true):
      guard let granule = operand.granule else { return }
      var shifts: UInt64 = 0
      for level in -1...3 where operand.rangeLevel == nil || operand.rangeLevel == level { shifts |= 1 &<< granule.shift(level: level) }
      // DS counts for the granules that have it.
      let isWide = s.pointee.regime.tcr.has52BitSmallGranule
      s.pointee.tlb.invalidate(
        start: operand.rangeStart(has52BitSmallGranule: isWide), size: operand.rangeSize, asid: anyASID ? nil : asid, shifts: shifts, drop)
    }
  }
}
