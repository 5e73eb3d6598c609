// Owns the stage 1 translation table walk: from a virtual address and the descriptors in RAM to an entry or a fault status.
// It does not know the TLB, syndromes, or who asks. It changes only AF and the dirty state, as hardware does.
import Architecture

/// What a walk found: an entry for the TLB, or the status of the fault.
enum WalkResult {
  case entry(TLBEntry)
  case fault(FaultStatus)
}

/// Arm ARM: AArch64.S1Walk and AArch64.S1Translate, EL1&0 regime.
struct TranslationTableWalker {
  let context: Context
  /// Whether HAFDBS may update descriptors. A spying walk may not.
  var updatesDescriptors = true
  /// Whether AF = 0 is a fault. For a debugger a page that was never accessed can be read like any other.
  var faultsOnAccessFlag = true
  /// Called with level, address and value of each descriptor read. Only a spying walk sets it.
  var visit: ((Int, UInt64, UInt64) -> Void)?

  init(_ context: Context) { self.context = context }

  /// Walks for `va`, without its tag, on behalf of `request`.
  func walk(_ va: UInt64, _ request: AccessRequest) -> WalkResult {
    let state = context.state
    let half = state.pointee.regime.half(of: va)
    let signBits = va & (1 &<< 55) != 0 ? half.checkMask : 0
    if va & half.checkMask != signBits || half.sizeIsInvalid || half.control.walksDisabled { return .fault(.translation(level: 0)) }
    if half.tableIsOutOfRange { return .fault(.addressSize(level: 0)) }
    let granule = half.control.granule
    let outputLimit = half.outputLimit
    var table = half.table
    var level = half.startLevel
    var indexMask = half.startMask
    var inherited = InheritedPermissions()
    var passed = (WalkCache.PassedDescriptor(), WalkCache.PassedDescriptor(), WalkCache.PassedDescriptor())
    while true {
      let shift = granule.shift(level: level)
      let address = table &+ ((va &>> shift) & indexMask) &* 8
      guard var value = read(address) else { return .fault(.externalAbortOnWalk(level: level)) }
      visit?(level, address, value)
      let descriptor = Descriptor(value)
      if !descriptor.isValid { return .fault(.translation(level: level)) }
      let output = half.output(value)
      if descriptor.isTableOrPage && level < 3 {
        if output &>> outputLimit != 0 { return .fault(.addressSize(level: level)) }
        if !half.control.hierarchicalDisabled { inherited.add(descriptor) }
        if _slowPath(state.pointee.regime.setsTableAccessFlags) && !descriptor.accessFlag && updatesDescriptors {
          // FEAT_HAFT. No other access can come between the read above and this store, so they are one read-modify-write.
          value |= Descriptor.Bits.accessFlag
          state.pointee.ram.store(address, value)
        }
        table = output
        level &+= 1
        indexMask = (1 &<< granule.bitsPerLevel) &- 1
        let latest = WalkCache.PassedDescriptor(offset: Int(truncatingIfNeeded: address &- state.pointee.ram.base), value: value)
        passed = level == half.startLevel &+ 1 ? (latest, latest, latest) : (passed.1, passed.2, latest)
        if level == 3 && granule == .size4K && updatesDescriptors && !half.control.userAccessPrevented
          && !half.has52BitSmallGranule
        {
          remember(va, table, inherited, passed)
        }
        continue
      }
      // A block at a level without blocks, or the reserved encoding at level 3, is a translation fault.
      if !descriptor.isTableOrPage && !half.hasBlocks(level) { return .fault(.translation(level: level)) }
      let isUncached =
        !descriptor.isTableOrPage && descriptor.isNotTranslated && state.pointee.regime.features.blockChange != .level0
      if isUncached && state.pointee.regime.features.notTranslatedBlocksFault { return .fault(.translation(level: level)) }
      let block = output & ~((1 &<< shift) &- 1)
      if block &>> outputLimit != 0 { return .fault(.addressSize(level: level)) }
      return entry(
        of: Leaf(
          value: value, address: address, level: level, blockShift: shift, page: va & ~0xfff,
          output: block | (va & ((1 &<< shift) &- 1) & ~0xfff), inherited: inherited, isUncached: isUncached,
          shareability: half.has52BitSmallGranule ? half.control.shareability : descriptor.shareability), request)
    }
  }

  private func remember(
    _ va: UInt64, _ table: UInt64, _ inherited: InheritedPermissions,
    _ passed: (WalkCache.PassedDescriptor, WalkCache.PassedDescriptor, WalkCache.PassedDescriptor)
  ) {
    if !context.state.pointee.usesWalkCache { return }
    context.state.pointee.walkCache = WalkCache(
      tag: va &>> 21, table: table, user: inherited.noUser ? 0 : 1, write: inherited.readOnly ? 0 : 1,
      userExecute: inherited.userNever ? 0 : 1, privilegedExecute: inherited.privilegedNever ? 0 : 1,
      passed: passed)
  }

  /// The permissions that tables remove from everything below them.
  private struct InheritedPermissions {
    var noUser = false, readOnly = false, userNever = false, privilegedNever = false
    mutating func add(_ table: Descriptor) {
      if table.rawValue &>> 59 & 15 == 0 { return }
      noUser = noUser || table.noUserAccessBelow
      readOnly = readOnly || table.readOnlyBelow
      userNever = userNever || table.userExecuteNeverBelow
      privilegedNever = privilegedNever || table.privilegedExecuteNeverBelow
    }
  }

  /// The descriptor at which a walk ended, and the walk's findings about it.
  private struct Leaf {
    let value: UInt64
    /// Physical address of the descriptor.
    let address: UInt64
    let level: Int
    /// log2 of the bytes that the descriptor maps.
    let blockShift: UInt64
    /// The virtual and physical address of the 4 KiB page that was asked for.
    let page: UInt64
    let output: UInt64
    let inherited: InheritedPermissions
    let isUncached: Bool
    let shareability: UInt64
  }

  /// Makes the entry of a leaf, and sets the leaf's access flag and dirty state where hardware does.
  @inline(__always)
  private func entry(of leaf: Leaf, _ request: AccessRequest) -> WalkResult {
    let regime = context.state
    let inherited = leaf.inherited
    var value = leaf.value
    while true {
      let descriptor = Descriptor(value)
      var update = value
      if !descriptor.accessFlag {
        if !regime.pointee.regime.tcr.hardwareAccessFlag && faultsOnAccessFlag { return .fault(.accessFlag(level: leaf.level)) }
        update |= Descriptor.Bits.accessFlag
      }
      let cleanWritable =
        descriptor.isReadOnly && descriptor.isDirtyBitModifier && regime.pointee.regime.tcr.hardwareDirtyState
        && regime.pointee.regime.tcr.hardwareAccessFlag && !inherited.readOnly
      // Under hardware management the effective AP[2] is 0, which also counts for the rights to execute. Arm ARM:
      // AArch64.S1ApplyOutputPerms.
      let readOnly = (descriptor.isReadOnly || inherited.readOnly) && !cleanWritable
      var entry = TLBEntry()
      entry.page = leaf.page
      entry.output = leaf.output
      entry.asid = regime.pointee.regime.asid
      entry.blockShift = UInt8(truncatingIfNeeded: leaf.blockShift)
      entry.level = UInt8(truncatingIfNeeded: leaf.level)
      entry.attributes = UInt8(truncatingIfNeeded: regime.pointee.regime.mair &>> (descriptor.attributeIndex &* 8))
      let (permissions, flags) = Self.permissions(
        writable: readOnly ? 0 : 1, user: descriptor.isUserAccessible && !inherited.noUser ? 1 : 0,
        userExecute: descriptor.isUserExecuteNever || inherited.userNever ? 0 : 1,
        privilegedExecute: descriptor.isPrivilegedExecuteNever || inherited.privilegedNever ? 0 : 1,
        writeExecuteNever: regime.pointee.regime.sctlr.writeExecuteNever)
      entry.permissions = permissions
      entry.flags = flags
      if !descriptor.isNonGlobal { entry.flags.insert(.global) }
      if descriptor.isGuarded { entry.flags.insert(.guarded) }
      if leaf.isUncached { entry.flags.insert(.notCached) }
      entry.shareability = UInt8(truncatingIfNeeded: leaf.shareability)
      if cleanWritable {
        // A write that PAN will refuse leaves the page clean. Arm ARM: AArch64.SettingDirtyStatePermitted.
        let isEL0 = request.privilege == .el0
        let permitted =
          request.kind.writes && permissions.contains(isEL0 ? .userWrite : .privilegedWrite) && (isEL0 || !context.isKeptOutByPAN(entry))
        if permitted {
          update &= ~Descriptor.Bits.readOnly
        } else {
          // A later write will walk again and update the descriptor then.
          entry.permissions.subtract([.userWrite, .privilegedWrite])
          entry.flags.insert(.cleanWritable)
        }
      }
      if _slowPath(!descriptor.accessFlag) && leavesAccessFlag(entry, request) { return .entry(Self.uncached(entry)) }
      if update == value || !updatesDescriptors { return .entry(entry) }
      // Arm ARM D8.5.5: the update is an atomic read-modify-write of the descriptor.
      guard let current = read(leaf.address) else { return .fault(.externalAbortOnWalk(level: leaf.level)) }
      if current == value {
        regime.pointee.ram.store(leaf.address, update)
        return .entry(entry)
      }
      if current & 3 != leaf.value & 3 { return .fault(.translation(level: leaf.level)) }
      value = current
    }
  }

  /// The architecture leaves open whether an access that is refused sets the access flag; as on QEMU's processors, it does not, unless it
  /// is an atomic that may read.
  private func leavesAccessFlag(_ entry: TLBEntry, _ request: AccessRequest) -> Bool {
    request.kind != .addressTranslation && !context.permits(entry, request.kind == .atomic ? .read : request.kind, request.privilege)
  }

  /// An entry that could serve another access, which would have to set the access flag.
  private static func uncached(_ entry: TLBEntry) -> TLBEntry {
    var entry = entry
    entry.flags.insert(.notCached)
    return entry
  }

  /// Computes permissions from four facts, each 0 or 1, without branches. Arm ARM D8.4.1.
  @inline(__always)
  static func permissions(
    writable: UInt8, user: UInt8, userExecute: UInt8, privilegedExecute: UInt8, writeExecuteNever: Bool
  ) -> (PagePermissions, TLBEntry.Flags) {
    let userWrite = user & writable
    // Memory that EL0 can write never executes at EL1. Under WXN no writable memory executes.
    var userFetch = userExecute
    var privilegedFetch = privilegedExecute & (userWrite ^ 1)
    if writeExecuteNever {
      userFetch &= userWrite ^ 1
      privilegedFetch &= writable ^ 1
    }
    let permissions = user | userWrite &<< 1 | userFetch &<< 2 | 8 | writable &<< 4 | privilegedFetch &<< 5
    let executeOnly = (user ^ 1) & userExecute
    return (PagePermissions(rawValue: permissions), TLBEntry.Flags(rawValue: user &<< 3 | executeOnly &<< 4))
  }

  @inline(__always)
  private func read(_ pa: UInt64) -> UInt64? {
    guard let offset = context.state.pointee.ram.offset(pa, count: 8) else { return nil }
    return context.state.pointee.ram.bytes.load(fromByteOffset: offset, as: UInt64.self)
  }
}
