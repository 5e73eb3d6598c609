// Owns the record of one memory access that failed.
// It does not know the walk that found the fault, nor the syndrome that the record becomes.

/// What an access wants to do. Arm ARM: AccessDescriptor.
@frozen public enum AccessKind: UInt8, Sendable, CaseIterable {
  case read, write
  /// A read-modify-write (LSE atomics, CAS, SWP), which needs read and write permission.
  case atomic
  case instructionFetch
  /// DC or IC by VA: reported with CM=1 and WnR=1.
  case cacheMaintenance
  /// AT S1*: reported with CM=1 and WnR=1 where its walk is aborted.
  case addressTranslation
  /// DC IVAC. It is reported like `cacheMaintenance`, but needs write permission, because it may discard stored data.
  case cacheInvalidation

  /// Whether the access needs write permission.
  @inlinable @inline(__always) public var writes: Bool { self == .write || self == .atomic }
  /// Whether the access needs read permission.
  @inlinable @inline(__always) public var reads: Bool { self == .read || self == .atomic || self == .cacheMaintenance }
  /// Cache maintenance by address. Arm ARM: AccessType_DC, AccessType_IC.
  @inlinable @inline(__always) public var isCacheMaintenance: Bool { self == .cacheMaintenance || self == .cacheInvalidation }
}

/// A fault found while translating or performing one access. Arm ARM: FaultRecord.
@frozen public struct FaultRecord: Hashable, Sendable {
  public var status: FaultStatus
  public var kind: AccessKind
  /// The WnR bit to report. For an atomic it is 0 where a plain read would have taken the same fault.
  public var isWrite: Bool
  /// The faulting address as the instruction formed it (what FAR_EL1 gets).
  public var address: VirtualAddress

  @inlinable public init(
    status: FaultStatus = FaultStatus(rawValue: 0), kind: AccessKind = .read, isWrite: Bool = false,
    address: VirtualAddress = VirtualAddress(0)
  ) {
    self.status = status
    self.kind = kind
    self.isWrite = isWrite
    self.address = address
  }
}

extension FaultRecord: Error {}
