// Owns a second translation table walker, written from the Arm ARM's pseudocode and sharing no code with Sources: it extracts bits
// by position, permissions are a table of cases, and memory is an array. It does not know the TLB nor how the machine walks.

/// AArch64.S1Translate for the EL1&0 regime over a copy of RAM.
struct NaiveWalker {
  struct Access {
    /// "read", "write", "atomic", "fetch", or "at-read", "at-write".
    var kind: String
    var privileged: Bool
    var pan: Bool
    var writes: Bool { kind.hasSuffix("write") || kind == "atomic" }
    var isAT: Bool { kind.hasPrefix("at-") }
  }
  enum Answer: Equatable {
    case pa(UInt64, attribute: UInt64, sh: UInt64)
    case fault(UInt8)
  }

  // Registers.
  var tcr: UInt64 = 0, ttbr0: UInt64 = 0, ttbr1: UInt64 = 0, mair: UInt64 = 0
  var wxn = false, epan = false, haft = false
  // The processor.
  var lpa = true, lva = true, lpa2 = true, ttst = true, hasnT = true
  // Memory.
  var ramBase: UInt64
  var ram: [UInt64]

  private func bits(_ value: UInt64, _ high: Int, _ low: Int) -> UInt64 {
    let width = high - low + 1
    return width == 64 ? value : value >> UInt64(low) % (1 << UInt64(width))
  }
  private func isSet(_ value: UInt64, _ bit: Int) -> Bool { bits(value, bit, bit) == 1 }

  private func index(_ pa: UInt64) -> Int? {
    guard pa >= ramBase, pa - ramBase < UInt64(ram.count) * 8 else { return nil }
    return Int((pa - ramBase) / 8)
  }

  private static func addressSize(_ level: Int) -> Answer { .fault(level == -1 ? 0b101001 : UInt8(level)) }
  private static func translation(_ level: Int) -> Answer { .fault(level == -1 ? 0b101011 : 0b000100 + UInt8(level)) }
  private static func externalAbort(_ level: Int) -> Answer { .fault(level == -1 ? 0b010011 : 0b010100 + UInt8(level)) }

  /// `va` as the instruction forms it. Updates of descriptors go to `ram`.
  mutating func translate(_ va: UInt64, _ access: Access) -> Answer {
    // AArch64.GetS1TTWParams.
    let upper = isSet(va, 55)
    let txsz = Int(upper ? bits(tcr, 21, 16) : bits(tcr, 5, 0))
    let page: Int =
      if upper {
        bits(tcr, 31, 30) == 1 ? 14 : bits(tcr, 31, 30) == 3 ? 16 : 12
      } else {
        bits(tcr, 15, 14) == 1 ? 16 : bits(tcr, 15, 14) == 2 ? 14 : 12
      }
    let epd = isSet(tcr, upper ? 23 : 7), tbi = isSet(tcr, upper ? 38 : 37), hpd = isSet(tcr, upper ? 42 : 41)
    let e0pd = isSet(tcr, upper ? 56 : 55)
    let ds = page != 16 && lpa2 && isSet(tcr, 59)
    let ha = isSet(tcr, 39), hd = isSet(tcr, 40)
    let ttbr = upper ? ttbr1 : ttbr0
    // AArch64.PhysicalAddressSize.
    let pamax = lpa || lpa2 ? 52 : 48
    let ps = [32, 36, 40, 42, 44, 48, 52, 52][Int(bits(tcr, 34, 32))]
    let wide = ds || (page == 16 && lpa)
    let oasize = min(ps, wide ? pamax : 48)
    func isOutOfRange(_ address: UInt64) -> Bool { oasize < 52 && bits(address, 51, oasize) != 0 }

    // AArch64.S1TxSZFaults, AArch64.VAIsOutOfRange.
    let mintxsz = ds || (lva && page == 16) ? 12 : 16
    let maxtxsz = ttst ? (page == 16 ? 47 : 48) : 39
    if txsz < mintxsz || txsz > maxtxsz { return Self.translation(0) }
    if !access.privileged && e0pd { return Self.translation(0) }
    let iasize = 64 - txsz
    let top = tbi ? 55 : 63
    let sign = bits(va, top, iasize)
    if sign != (upper ? (1 << UInt64(top - iasize + 1)) - 1 : 0) { return Self.translation(0) }
    if epd { return Self.translation(0) }

    // AArch64.S1TTBaseAddress.
    let stride = page - 3
    var level = 3 - (iasize - 1 - page) / stride
    var tsize = iasize - ((3 - level) * stride + page) + 3
    var table: UInt64
    if ds || (page == 16 && lpa && bits(tcr, 34, 32) >= 6) {
      tsize = max(tsize, 6)
      table = bits(ttbr, 5, 2) << 48 + bits(ttbr, 47, 6) << 6
    } else {
      table = bits(ttbr, 47, 1) << 1
    }
    table = (table >> UInt64(tsize)) << UInt64(tsize)
    if isOutOfRange(table) { return Self.addressSize(0) }

    // AArch64.S1Walk.
    var noUser = false, noWrite = false, uxnTable = false, pxnTable = false
    var indexTop = iasize - 1
    while true {
      let indexLow = (3 - level) * stride + page
      let address = table + bits(va, indexTop, indexLow) * 8
      guard let at = index(address) else { return Self.externalAbort(level) }
      let descriptor = ram[at]
      let isBlock =
        switch (page, level) {
        case (12, 1), (12, 2), (14, 2), (16, 2): true
        case (12, 0), (14, 1): ds
        case (16, 1): lpa
        default: false
        }
      let type = bits(descriptor, 1, 0)
      if type % 2 == 0 || (type == 1 && !isBlock) { return Self.translation(level) }
      let isLeaf = type == 1 || level == 3
      // AArch64.NextTableBase, AArch64.LeafBase.
      let low = isLeaf ? indexLow : page
      var output = bits(descriptor, 47, low) << UInt64(low)
      if page == 16 && lpa { output += bits(descriptor, 15, 12) << 48 }
      if ds { output += bits(descriptor, 9, 8) << 50 + bits(descriptor, 49, 48) << 48 }
      if isOutOfRange(output) { return Self.addressSize(level) }
      if !isLeaf {
        if !hpd {
          noUser = noUser || isSet(descriptor, 61)
          noWrite = noWrite || isSet(descriptor, 62)
          uxnTable = uxnTable || isSet(descriptor, 60)
          pxnTable = pxnTable || isSet(descriptor, 59)
        }
        if haft && ha { ram[at] |= 1 << 10 }
        table = output
        indexTop = indexLow - 1
        level += 1
        continue
      }
      if !isSet(descriptor, 10) && !ha { return .fault(0b001000 + UInt8(level)) }

      // AArch64.S1DirectBasePermissions.
      let managed = ha && hd && isSet(descriptor, 51)
      let ap2 = isSet(descriptor, 7) && !managed, ap1 = isSet(descriptor, 6)
      var (pr, pw, ur, uw) =
        switch (ap2, ap1) {
        case (false, false): (true, true, false, false)
        case (false, true): (true, true, true, true)
        case (true, false): (true, false, false, false)
        case (true, true): (true, false, true, false)
        }
      if noUser { (ur, uw) = (false, false) }
      if noWrite { (pw, uw) = (false, false) }
      var ux = !(isSet(descriptor, 54) || uxnTable)
      var px = !(isSet(descriptor, 53) || pxnTable || uw)
      let isPANned = ur || uw || (epan && ux)
      if wxn { (ux, px) = (ux && !uw, px && !pw) }
      if access.pan && isPANned { (pr, pw) = (false, false) }
      let allowed =
        switch access.kind {
        case "fetch": access.privileged ? px : ux
        case "atomic": access.privileged ? pr && pw : ur && uw
        case "read", "at-read": access.privileged ? pr : ur
        default: access.privileged ? pw : uw
        }
      // AArch64.SettingAccessFlagPermitted: on a permission fault the architecture allows either, and only AT and atomics that may read set it.
      let reads = access.kind == "atomic" && (access.privileged ? pr : ur)
      if ha && (allowed || access.isAT || reads) { ram[at] |= 1 << 10 }
      if !allowed { return .fault(0b001100 + UInt8(level)) }
      if managed && access.writes && !access.isAT { ram[at] &= ~(1 << 7) }
      let attribute = bits(mair, Int(bits(descriptor, 4, 2)) * 8 + 7, Int(bits(descriptor, 4, 2)) * 8)
      let sh = ds ? (upper ? bits(tcr, 29, 28) : bits(tcr, 13, 12)) : bits(descriptor, 9, 8)
      return .pa(output + bits(va, indexLow - 1, 0), attribute: attribute, sh: sh)
    }
  }
}
