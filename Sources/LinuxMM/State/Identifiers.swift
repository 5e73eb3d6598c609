// Owns the typed ids by which entries of kernel tables refer to each other.
// It does not know the entries.

/// A task, by its pid.
public struct TaskID: RawRepresentable, Hashable, Comparable, Sendable {
  public var rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// An anon_vma, by its number in `MemoryState.anonVMAs`; 0 means none.
public struct AnonVMAID: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  public static var none: AnonVMAID { AnonVMAID(0) }
}

/// A reserve map, by its number in the huge page pool; 0 means none, and so no reservation.
struct ReserveMapID: RawRepresentable, Hashable, Sendable {
  var rawValue: UInt32
  static var none: ReserveMapID { ReserveMapID(rawValue: 0) }
}

/// A limit on the pages of files, by its number in `MemoryState.quotas`; 0 means none.
public struct PageQuotaID: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let none = PageQuotaID(rawValue: 0)
}

/// An address space, by its number in `MemoryState.mms`.
public struct MMID: RawRepresentable, Hashable, Sendable {
  public var rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public init(_ rawValue: Int) { self.rawValue = rawValue }
}

/// A file that can be mapped, by its number in `MemoryState.files`; 0 means none.
public struct FileID: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  /// No file, as for anonymous memory.
  public static let none = FileID(0)
}
