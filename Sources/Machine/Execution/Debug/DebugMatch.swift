// Owns whether a breakpoint or a watchpoint matches. It takes no exception.
// It does not know translation: addresses are virtual, with an ignored tag stripped. Arm ARM D2.8, D2.9.
import Architecture

extension Context {
  /// Whether a breakpoint matches the instruction at `pc`, and debug exceptions are enabled. Arm ARM: AArch64.CheckBreakpoint.
  func breakpointMatches(_ pc: UInt64) -> Bool {
    let s = state
    if !s.pointee.debug.generates(from: s.pointee.processorState) { return false }
    return (0..<DebugUnits.breakpointCount).contains { breakpoint($0, matches: pc) }
  }

  /// Whether a breakpoint may match an address in the page of `pc`, at any Exception level.
  func mayBreak(inPageOf pc: UInt64) -> Bool {
    let debug = state.pointee.debug
    return (0..<DebugUnits.breakpointCount).contains { n in
      guard debug.control(n).isEnabled else { return false }
      return debug.control(n).type == 2 || (debug.control(n).type < 2 && (debug.value(n) ^ pc) & 0x0001_ffff_ffff_f000 == 0)
    }
  }

  /// BT 0 and 1 compare the address (1 with a linked context), 2 compares the context ID, and 3 can only be linked to. The other
  /// types are reserved without EL2, and disabled here. Arm ARM: AArch64.BreakpointMatch.
  private func breakpoint(_ n: Int, matches pc: UInt64) -> Bool {
    let s = state
    let control = s.pointee.debug.control(n)
    guard control.isEnabled, control.matches(level: s.pointee.processorState.exceptionLevel) else { return false }
    switch control.type {
    case 0, 1:
      if (s.pointee.debug.value(n) ^ pc) & 0x0001_ffff_ffff_fffc != 0 { return false }
      return control.type == 0 || linkedContextMatches(control.linkedTo)
    case 2: return isContextAware(n) && contextMatches(n)
    default: return false
    }
  }

  private func isContextAware(_ n: Int) -> Bool {
    (DebugUnits.breakpointCount - DebugUnits.contextAwareCount..<DebugUnits.breakpointCount).contains(n)
  }
  private func contextMatches(_ n: Int) -> Bool {
    UInt32(truncatingIfNeeded: state.pointee.debug.value(n)) == UInt32(truncatingIfNeeded: state.pointee.systemRegisters.contextID)
  }
  private func linkedContextMatches(_ n: Int) -> Bool {
    guard isContextAware(n) else { return false }
    let control = state.pointee.debug.control(n)
    return control.isEnabled && control.type == 3 && contextMatches(n)
  }

  // MARK: Watchpoints

  /// The offset of the lowest byte of [va, va+count) that a watchpoint watches for reads, or for writes; nil if no watchpoint
  /// watches any. Arm ARM: AArch64.WatchpointMatch.
  private func watchedByte(_ va: UInt64, _ count: UInt64, writes: Bool, _ privilege: Privilege) -> UInt64? {
    let s = state
    if !s.pointee.debug.generates(from: s.pointee.processorState) { return nil }
    let address = s.pointee.regime.strippingTag(va)
    let wanted: UInt64 = writes ? 2 : 1
    for offset in 0..<count {
      for n in 0..<DebugUnits.watchpointCount {
        let control = s.pointee.debug.watchControl(n)
        guard control.isEnabled, control.accesses & wanted != 0, control.matches(level: privilege == .el1 ? 1 : 0) else { continue }
        guard !control.isLinked || linkedContextMatches(control.linkedTo) else { continue }
        if watchpoint(n, control, matches: address &+ offset) { return offset }
      }
    }
    return nil
  }

  /// Arm ARM: AArch64.WatchpointByteMatch. CONSTRAINED UNPREDICTABLE choices: a MASK of 1 or 2 disables the watchpoint; a MASK with
  /// a BAS that is not all ones ignores BAS; a BAS with gaps watches exactly its bytes.
  private func watchpoint(_ n: Int, _ control: DebugControl, matches va: UInt64) -> Bool {
    let value = state.pointee.debug.watchValue(n)
    if control.mask != 0 { return control.mask > 2 && ((value ^ va) & 0x0001_ffff_ffff_ffff) &>> control.mask == 0 }
    // With bit 2 set the value is that of a word, and only BAS[3:0] counts.
    let bottom: UInt64 = value & 4 != 0 ? 2 : 3
    if ((value ^ va) & 0x0001_ffff_ffff_ffff) &>> bottom != 0 { return false }
    return control.bytes &>> (va & ((1 &<< bottom) &- 1)) & 1 != 0
  }

  /// Whether a watchpoint watches part of a page, so that the fast table must not hold the page.
  func isWatched(page: UInt64) -> Bool {
    let debug = state.pointee.debug
    if _fastPath(!debug.watchesMemory) { return false }
    if debug.hasWatches && owner.watches.contains(where: { $0.touches(page: page) }) { return true }
    return debug.hasWatchpoints
      && (0..<DebugUnits.watchpointCount).contains { n in
        debug.watchControl(n).isEnabled
          && ((debug.watchValue(n) ^ page) & 0x0001_ffff_ffff_ffff) &>> max(12, debug.watchControl(n).mask) == 0
      }
  }

  /// Takes the watchpoint exception of an access to `count` bytes, if a watchpoint matches. FAR becomes `far`, which a cache
  /// operation gives as the address that it named; with nil FAR becomes the lowest watched byte. Arm ARM D2.9.8, ESR_EL1 ISS
  /// encoding for Watchpoint exceptions.
  @inline(__always)
  func checkWatchpoints(_ count: UInt64, _ request: AccessRequest, far: UInt64? = nil) throws(GeneralExit) {
    if _slowPath(state.pointee.debug.watchesMemory) { try takeWatchpoint(count, request, far) }
  }
  @inline(never)
  private func takeWatchpoint(_ count: UInt64, _ request: AccessRequest, _ far: UInt64?) throws(GeneralExit) {
    // A debugger of the host sees the access first, because for the guest it has not happened yet.
    if let hit = watchHit(count, request) {
      owner.lastWatchHit = hit
      throw .watched
    }
    if !state.pointee.debug.hasWatchpoints { return }
    // DC IVAC counts as a store. For an atomic, WnR is 0 if a read would have been watched too.
    let (va, kind) = (request.va, request.kind)
    let writes = kind.writes || kind == .cacheInvalidation
    let byRead = kind == .read || kind == .atomic ? watchedByte(va, count, writes: false, request.privilege) : nil
    guard let offset = byRead ?? (writes ? watchedByte(va, count, writes: true, request.privilege) : nil) else { return }
    let syndrome = ExceptionSyndrome.watchpoint(
      isWrite: byRead == nil, isCacheMaintenance: kind.isCacheMaintenance,
      fromLowerEL: state.pointee.processorState.exceptionLevel == 0)
    throw .exception(syndrome, far: far ?? va &+ offset)
  }
}
