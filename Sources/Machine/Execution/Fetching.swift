// Owns the way from the PC to a page of code: through the fetch table or translation, with the exceptions that a fetch can take.
// It does not run instructions.
import Architecture

extension Processor {
  /// Makes the page of the PC the current page. False means that an exception was taken instead; the PC is then its vector.
  @inline(__always)
  func selectPage() -> Bool {
    let entry = context.fetchEntry(pc)
    if _fastPath(entry.load(as: UInt64.self) == pc & ~0xffc) {
      select(ops: entry.load(fromByteOffset: 8, as: UInt64.self), isGuarded: false)
      return true
    }
    return selectTranslated(entry)
  }

  @inline(never)
  private func selectTranslated(_ entry: Raw) -> Bool {
    // A guarded page of the table needs no translation either, unless an indirect branch came here.
    if entry.load(as: UInt64.self) == pc & ~0xffc | FastTables.guarded && context.branchType(at: instructionsRetired) == 0 {
      select(ops: entry.load(fromByteOffset: 8, as: UInt64.self), isGuarded: true)
      return true
    }
    guard let exception = fetch(entry) else { return true }
    takeSynchronous(exception.syndrome, far: exception.far)
    return false
  }

  @inline(__always)
  private func select(ops: UInt64, isGuarded: Bool) {
    context[Slot.pageVA] = pc & ~0xfff
    context[Slot.pageOps] = ops
    context[Slot.targetOps] = isGuarded ? UInt64(UInt(bitPattern: context.state.pointee.landingOps)) : ops
  }

  /// Translates the PC and selects its page, or returns the exception that comes before the instruction. Arm ARM D1.3.5.
  private func fetch(_ entry: Raw) -> (syndrome: ExceptionSyndrome, far: UInt64?)? {
    let s = context.state
    let isEL0 = s.pointee.processorState.exceptionLevel == 0
    if pc & 3 != 0 { return (ExceptionSyndrome(.pcAlignment), pc) }
    let translation: TLBEntry
    do throws(FaultRecord) {
      let request = AccessRequest(pc, .instructionFetch, context.privilege)
      translation = try context.translate(request)
      if !machine.memory.contains(translation.output, count: 4096) { throw context.fault(.externalAbort, request) }
    } catch {
      return (ExceptionSyndrome(fault: error, fromLowerEL: isEL0), pc)
    }
    if s.pointee.debug.hasBreakpoints && context.breakpointMatches(pc) { return (.breakpoint(fromLowerEL: isEL0), nil) }
    // PSTATE.IL is checked after the faults of the fetch itself. A page that is entered with IL set is never put into the table, so
    // a hit cannot be illegal.
    if s.pointee.processorState.isIllegal { return (ExceptionSyndrome(.illegalState), nil) }
    let page = machine.code.page(ofFrame: translation.output)
    let isGuarded = s.pointee.features.bti && translation.flags.contains(.guarded)
    if isGuarded, let syndrome = context.branchTargetException(page.word(Int(pc & 0xfff) >> 2)) { return (syndrome, nil) }
    let ops = UInt64(UInt(bitPattern: page.ops))
    // A page that must be checked at each entry is never put into the table.
    if breakpoints.isEmpty && s.pointee.usesFastTable && !s.pointee.debug.hasBreakpoints && !translation.flags.contains(.notCached) {
      entry.storeBytes(of: pc & ~0xfff | (isGuarded ? FastTables.guarded : 0), as: UInt64.self)
      entry.storeBytes(of: ops, toByteOffset: 8, as: UInt64.self)
    }
    select(ops: ops, isGuarded: isGuarded)
    return nil
  }
}
