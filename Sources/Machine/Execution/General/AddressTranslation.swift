// Owns the AT instructions of stage 1, and PAR_EL1 in both its formats.
// It does not walk tables itself: it asks the TLB and the walker, as an access does.
import Architecture
import Decoding

/// What one AT instruction asks for. Arm ARM C5.4.
private struct AddressTranslationRequest {
  var writes: Bool
  var privilege: Privilege
  /// FEAT_PAN2: whether PSTATE.PAN applies.
  var obeysPAN = false

  /// By encoding: op0 1, op1 0, CRn 7.
  static let encodings: [(register: SystemRegister, request: AddressTranslationRequest)] = [
    (SystemRegister(1, 0, 7, 8, 0), .init(writes: false, privilege: .el1)),  // S1E1R
    (SystemRegister(1, 0, 7, 8, 1), .init(writes: true, privilege: .el1)),  // S1E1W
    (SystemRegister(1, 0, 7, 8, 2), .init(writes: false, privilege: .el0)),  // S1E0R
    (SystemRegister(1, 0, 7, 8, 3), .init(writes: true, privilege: .el0)),  // S1E0W
    (SystemRegister(1, 0, 7, 9, 0), .init(writes: false, privilege: .el1, obeysPAN: true)),  // S1E1RP
    (SystemRegister(1, 0, 7, 9, 1), .init(writes: true, privilege: .el1, obeysPAN: true)),  // S1E1WP
  ]
}

extension Context {
  /// Executes AT: SYS with CRn 7, CRm 8 or 9. The answer goes to PAR_EL1 even if it is a fault; only an external abort on the walk
  /// is taken as a Data Abort. Arm ARM C5.4, D8.11; AArch64.AT.
  func addressTranslation(_ register: SystemRegister, _ va: UInt64) throws(GeneralExit) {
    let s = state
    guard s.pointee.processorState.exceptionLevel != 0,
      let request = AddressTranslationRequest.encodings.first(where: { $0.register == register })?.request,
      !request.obeysPAN || (s.pointee.features.pan && s.pointee.features.pan2)
    else { throw .undefined }
    switch lookUp(va, request) {
    case .entry(let entry): s.pointee.systemRegisters.par = Self.success(entry)
    case .fault(let status):
      if status.kind == .externalAbortOnWalk {
        throw .fault(fault(status, AccessRequest(va, .addressTranslation, request.privilege)))
      }
      // F, FST; bit 11 is RES1. S and PTW are 0: there is no stage 2.
      s.pointee.systemRegisters.par = 1 | UInt64(status.rawValue) &<< 1 | 1 &<< 11
    }
  }

  /// The fields of PAR_EL1 with F = 0: ATTR (63:56), PA (51:12), bit 11 RES1, NS (9), SH (8:7). NS is UNKNOWN from the Non-secure
  /// state, in which this machine always is; it reads as 1, as in QEMU. ATTR and SH are those of the descriptor even while
  /// SCTLR_EL1.C is 0, which is permitted. Device and Non-cacheable memory is outer shareable. Arm ARM D23 PAR_EL1,
  /// PAREncodeShareability.
  private static func success(_ entry: TLBEntry) -> UInt64 {
    let isAlwaysOuter = !entry.isNormal || entry.attributes == 0x44 || entry.attributes == 0x40
    let shareability: UInt64 = isAlwaysOuter ? 2 : entry.shareability == 1 ? 0 : UInt64(entry.shareability)
    return UInt64(entry.attributes) &<< 56 | entry.output & 0x000f_ffff_ffff_f000 | 1 &<< 11 | 1 &<< 9 | shareability &<< 7
  }

  /// Looks an address up in the TLB, and walks if it is not there. The walk may set the access flag (under TCR_EL1.HA) but never
  /// the dirty state.
  private func lookUp(_ va: UInt64, _ request: AddressTranslationRequest) -> WalkResult {
    let s = state
    let access = AccessRequest(va, .addressTranslation, request.privilege)
    if !s.pointee.regime.sctlr.mmuEnabled {
      do throws(FaultRecord) { return .entry(try translateFlat(access)) } catch { return .fault(error.status) }
    }
    let address = s.pointee.regime.strippingTag(va)
    let (page, asid) = (address & ~0xfff, s.pointee.regime.asid)
    if isKeptOutByE0PD(access) { return .fault(.translation(level: 0)) }
    if s.pointee.regime.detectsConflicts && s.pointee.tlb.hasConflict(page: page, asid: asid) { return .fault(.tlbConflict) }
    let result = s.pointee.tlb.find(page: page, asid: asid).map { .entry($0.pointee) } ?? walkAndCache(address, access)
    guard case .entry(let entry) = result else { return result }
    return check(entry, request)
  }

  /// Checks an entry's permissions. A page that a write would make dirty counts as writable.
  private func check(_ entry: TLBEntry, _ request: AddressTranslationRequest) -> WalkResult {
    let isClean = entry.flags.contains(.cleanWritable)
    let isPermitted =
      if request.privilege == .el1 {
        (!request.obeysPAN || !isKeptOutByPAN(entry))
          && (request.writes ? isClean || entry.permissions.contains(.privilegedWrite) : true)
      } else if request.writes {
        entry.permissions.contains(.userWrite) || (isClean && entry.flags.contains(.user))
      } else {
        entry.permissions.contains(.userRead)
      }
    return isPermitted ? .entry(entry) : .fault(.permission(level: Int(entry.level)))
  }
}
