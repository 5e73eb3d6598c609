// Owns the locks of a hosted kernel: their kinds in the order in which they nest, their names, and the actors that take them.
// It does not know who holds a lock: `LockTable` does.

/// Names a lock of Linux and how it is taken. This table is the lock order: the outermost lock stands first, and an actor that
/// holds a lock takes only locks that stand below it. `EL1Interface.lock()` checks the order in debug builds and in stepped runs.
/// An attempt that never waits need not keep the order. Linux: the comment at the head of mm/rmap.c.
///
/// The raw value is twice the place in the order, plus one where the lock is exclusive. Two kinds that differ only in bit 0 are the
/// shared and the exclusive side of one lock, which in Linux is a struct rw_semaphore.
@frozen public enum LockKind: UInt8, Sendable, CaseIterable {
  /// mmap_lock, one for each address space. While fork copies, the child's lock is taken inside the parent's.
  case mmapLockRead = 0
  case mmapLockWrite = 1
  /// The lock of one VMA, named by the VMA's number. Readers never wait for it. Linux: vm_refcnt.
  case vmaLockRead = 2
  case vmaLockWrite = 3
  /// An entry of hugetlb_fault_mutex_table; here one for each file.
  case hugetlbFault = 5
  /// The lock of a folio, by its first page's physical address. Linux: PG_locked.
  case folio = 7
  /// i_mmap_rwsem, one for each file.
  case fileMappingRead = 8
  case fileMappingWrite = 9
  /// The rwsem of an anon_vma's root, named by the anon_vma.
  case anonVMARead = 10
  case anonVMAWrite = 11
  /// The lock of a translation table, named by the table's physical address; for the level 0 table it is page_table_lock. The locks
  /// of two tables are held together where entries are moved or copied, and the lock of a last-level table is taken inside that of
  /// the table above it.
  case pageTable = 13
  /// hugetlb_lock, of which there is one for the huge page pool.
  case hugetlbPool = 15
  /// zone->lock.
  case zone = 17

  /// The place in the lock order.
  @inlinable public var rank: UInt8 { rawValue &>> 1 }
  /// Whether the lock excludes all other actors.
  @inlinable public var isExclusive: Bool { rawValue & 1 != 0 }
  /// Whether an actor may hold two locks of this kind at once.
  @inlinable public var nestsInItself: Bool { self == .pageTable || self == .mmapLockWrite }
}

/// A lock by kind and owner: the number of the address space, VMA or file, or a table's physical address.
@frozen public struct LockName: Hashable, Sendable {
  /// Kind and owner in one word, the operand of a lock step: the kind stands in bits 63:56.
  public let operand: UInt64
  @inlinable @inline(__always)
  public init(_ kind: LockKind, _ owner: UInt64) { operand = UInt64(kind.rawValue) &<< 56 | (owner & Self.ownerMask) }

  @inlinable public static var ownerMask: UInt64 { 0x00ff_ffff_ffff_ffff }
  /// The bit of the operand that is set for an exclusive lock.
  @inlinable public static var exclusiveBit: UInt64 { 1 << 56 }

  public var kind: LockKind {
    guard let kind = LockKind(rawValue: UInt8(operand >> 56)) else { preconditionFailure("a lock of no kind") }
    return kind
  }
  public var owner: UInt64 { operand & Self.ownerMask }
  /// Whether both names are sides of the same lock.
  @inlinable @inline(__always)
  public func isSide(ofSameLockAs other: LockName) -> Bool { (operand ^ other.operand) & ~Self.exclusiveBit == 0 }
  /// Whether the two sides of one lock exclude each other when two different actors ask for them.
  @inlinable @inline(__always)
  public func excludes(_ other: LockName) -> Bool {
    isSide(ofSameLockAs: other) && (operand | other.operand) & Self.exclusiveBit != 0
  }
}

extension LockName: CustomStringConvertible {
  public var description: String { "\(kind) of 0x\(String(owner, radix: 16))" }
}

/// An actor: one strand of the kernel's work, which makes steps and takes locks. A normal run has one actor for each PE, with the
/// PE's number. A stepper that runs several actors on one PE chooses their numbers.
@frozen public struct ActorID: RawRepresentable, Hashable, Comparable, Sendable {
  public var rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
  @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
