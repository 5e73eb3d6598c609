// Owns the locks of a hosted kernel: their kinds in the order in which they nest, their names, and the actors that take them.
// It does not know who holds a lock, which is in `LockTable`.

/// Which of Linux's locks a lock step is about, and how the lock is taken. This table is the lock order: the outermost lock is
/// listed first, and an actor that holds a lock takes only locks that are listed below it. `EL1Interface.lock()` checks that in
/// debug builds and in stepped runs. An attempt that does not wait may ignore the order. Linux: the head of mm/rmap.c.
///
/// The raw value is twice the place in the order, plus one where the lock is exclusive. Two kinds that differ in bit 0 are the
/// shared and the exclusive side of one lock, which is a struct rw_semaphore in Linux.
@frozen public enum LockKind: UInt8, Sendable, CaseIterable {
  /// mmap_lock, one for each address space. While fork copies, it takes the child's inside the parent's.
  case mmapLockRead = 0
  case mmapLockWrite = 1
  /// The lock of one VMA, named by the VMA's number. Readers never wait for it. Linux: vm_refcnt.
  case vmaLockRead = 2
  case vmaLockWrite = 3
  /// hugetlb_fault_mutex_table, named by the file.
  case hugetlbFault = 5
  /// i_mmap_rwsem of a file of huge pages, named by the file. A walk over the file's mappings takes it before it locks one of
  /// the file's pages. Linux: hugetlbfs_i_mmap_rwsem_key.
  case hugetlbMappingRead = 6
  case hugetlbMappingWrite = 7
  /// The lock of a folio, named by the physical address of its first page. Linux: PG_locked.
  case folio = 9
  /// i_mmap_rwsem of any other file, named by the file.
  case fileMappingRead = 10
  case fileMappingWrite = 11
  /// The rwsem of an anon_vma's root, named by the root's number. It guards every anon_vma that descends from the root.
  case anonVMARead = 12
  case anonVMAWrite = 13
  /// The lock of a translation table, named by the table's physical address; the lock of the level 0 table is page_table_lock.
  /// Where entries move or are copied, an actor holds the locks of two tables. The lock of a last-level table is taken inside that
  /// of the table above it.
  case pageTable = 15
  /// hugetlb_lock, the only lock of the huge page pool.
  case hugetlbPool = 17
  /// zone->lock.
  case zone = 19

  /// The place in the lock order.
  @inlinable public var rank: UInt8 { rawValue &>> 1 }
  /// Whether no other actor may have the lock at the same time.
  @inlinable public var isExclusive: Bool { rawValue & 1 != 0 }
  /// Whether an actor may hold two locks of this kind.
  @inlinable public var nestsInItself: Bool { self == .pageTable || self == .mmapLockWrite }
}

/// The name of a lock: its kind, and its owner, which is the number of the address space, VMA or file, or a table's physical
/// address.
@frozen public struct LockName: Hashable, Sendable {
  /// Kind and owner in one word, which is the operand of a lock step: the kind is in bits 63:56.
  public let operand: UInt64
  @inlinable @inline(__always)
  public init(_ kind: LockKind, _ owner: UInt64) { operand = UInt64(kind.rawValue) &<< 56 | (owner & Self.ownerMask) }

  /// The lock that a step is about, by the step's operand.
  @inlinable public init(operand: UInt64) { self.operand = operand }

  @inlinable public static var ownerMask: UInt64 { 0x00ff_ffff_ffff_ffff }
  /// The bit that is set in the operand of a lock that is taken exclusively.
  @inlinable public static var exclusiveBit: UInt64 { 1 << 56 }

  public var kind: LockKind {
    guard let kind = LockKind(rawValue: UInt8(operand >> 56)) else { preconditionFailure("a lock of no kind") }
    return kind
  }
  public var owner: UInt64 { operand & Self.ownerMask }
  /// Whether both names are sides of one lock.
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

/// The number of an actor. An actor takes locks and makes steps: it is one strand of the kernel's work. In a normal run each PE
/// has one, which bears the PE's number; code that steps several strands on one PE may choose their numbers.
@frozen public struct ActorID: RawRepresentable, Hashable, Comparable, Sendable {
  public var rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
  @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
