// Owns the locks of a hosted kernel: their kinds in the order in which they nest, their names, and the actors that take them.
// It does not know who holds a lock: `LockTable` does.

/// Which lock of Linux's a lock step is about, and how it is taken. This table is the written lock order: the outermost lock stands
/// first, and an actor that holds a lock takes only locks that stand below it. `EL1Interface.lock()` checks that in debug builds and
/// in stepped runs. A try takes no part in the order, because it never waits. Linux: the head of mm/rmap.c.
///
/// The raw value is twice the place in the order, plus one where the lock is exclusive. Two kinds that differ in bit 0 are the shared
/// and the exclusive side of one lock, which Linux has as a struct rw_semaphore.
@frozen public enum LockKind: UInt8, Sendable, CaseIterable {
  /// mmap_lock, by address space. A child's is taken inside its parent's while fork copies.
  case mmapLockRead = 0
  case mmapLockWrite = 1
  /// The lock of one VMA, by the VMA's number. Readers only try it. Linux: vm_refcnt.
  case vmaLockRead = 2
  case vmaLockWrite = 3
  /// hugetlb_fault_mutex_table, by file.
  case hugetlbFault = 5
  /// i_mmap_rwsem of a file of pool memory, by file: its mappings are walked before one of its pages is locked. Linux:
  /// hugetlbfs_i_mmap_rwsem_key.
  case hugetlbMappingRead = 6
  case hugetlbMappingWrite = 7
  /// The lock of a folio, by its first page's physical address. Linux: PG_locked.
  case folio = 9
  /// i_mmap_rwsem of any other file, by file.
  case fileMappingRead = 10
  case fileMappingWrite = 11
  /// The rwsem of an anon_vma's root, which guards all that descend from it, by the root's number.
  case anonVMARead = 12
  case anonVMAWrite = 13
  /// The lock of a translation table, by the table's physical address; that of the level 0 table is page_table_lock. Two tables'
  /// are held where entries move or are copied, and a last-level table's inside that of the table above it.
  case pageTable = 15
  /// hugetlb_lock, the one of the huge page pool.
  case hugetlbPool = 17
  /// zone->lock.
  case zone = 19

  /// The place in the lock order.
  @inlinable public var rank: UInt8 { rawValue &>> 1 }
  /// No other actor may have the lock at the same time.
  @inlinable public var isExclusive: Bool { rawValue & 1 != 0 }
  /// An actor may hold two locks of this kind.
  @inlinable public var nestsInItself: Bool { self == .pageTable || self == .mmapLockWrite }
}

/// A lock by kind and owner: the number of the address space, VMA or file, or a table's physical address.
@frozen public struct LockName: Hashable, Sendable {
  /// Kind and owner in one word, as a step says them: kind in bits 63:56.
  public let operand: UInt64
  @inlinable @inline(__always)
  public init(_ kind: LockKind, _ owner: UInt64) { operand = UInt64(kind.rawValue) &<< 56 | (owner & Self.ownerMask) }

  /// The lock that a step is about, by the step's operand.
  @inlinable public init(operand: UInt64) { self.operand = operand }

  @inlinable public static var ownerMask: UInt64 { 0x00ff_ffff_ffff_ffff }
  /// Set in the operand of a lock that is taken exclusively.
  @inlinable public static var exclusiveBit: UInt64 { 1 << 56 }

  public var kind: LockKind {
    guard let kind = LockKind(rawValue: UInt8(operand >> 56)) else { preconditionFailure("a lock of no kind") }
    return kind
  }
  public var owner: UInt64 { operand & Self.ownerMask }
  /// Whether both are sides of one lock.
  @inlinable @inline(__always)
  public func isSide(ofSameLockAs other: LockName) -> Bool { (operand ^ other.operand) & ~Self.exclusiveBit == 0 }
  /// Whether two different actors may not have these two sides of one lock at the same time.
  @inlinable @inline(__always)
  public func excludes(_ other: LockName) -> Bool {
    isSide(ofSameLockAs: other) && (operand | other.operand) & Self.exclusiveBit != 0
  }
}

extension LockName: CustomStringConvertible {
  public var description: String { "\(kind) of \(hexadecimal(owner))" }
}

/// Who takes locks and makes steps: one strand of the kernel's work. In a normal run there is one for each PE, with the PE's number;
/// whoever steps several strands on one PE numbers them as it likes.
@frozen public struct ActorID: RawRepresentable, Hashable, Comparable, Sendable {
  public var rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
  @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
