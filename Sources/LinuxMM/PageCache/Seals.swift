// Owns the seals of memory files and what they forbid.
// It does not know fcntl or who may add a seal. Linux: mm/memfd.c.
import Architecture

/// F_SEAL_*.
public struct FileSeals: OptionSet, Hashable, Sendable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// Forbids more seals.
  public static let SEAL = FileSeals(rawValue: 0x1)
  public static let SHRINK = FileSeals(rawValue: 0x2)
  public static let GROW = FileSeals(rawValue: 0x4)
  public static let WRITE = FileSeals(rawValue: 0x8)
  /// Forbids writes like WRITE, except through mappings that are writable already.
  public static let FUTURE_WRITE = FileSeals(rawValue: 0x10)
  /// Forbids changes of the permission to execute.
  public static let EXEC = FileSeals(rawValue: 0x20)
  static let all = FileSeals(rawValue: 0x3f)

  var forbidWrites: Bool { !isDisjoint(with: [.WRITE, .FUTURE_WRITE]) }
}

extension MemoryManager {
  /// F_GET_SEALS. EINVAL if the file is no memory file. Linux: memfd_get_seals().
  public func seals(_ id: FileID) throws(Errno) -> FileSeals {
    if !hasSeals(id) { throw .EINVAL }
    return state.files[id].seals
  }

  /// Sets the seals that memfd_create gives. If sealing is allowed these are none or EXEC alone; otherwise SEAL.
  public func setSeals(_ id: FileID, _ seals: FileSeals) { state.files[id].seals = seals }

  /// F_ADD_SEALS. EPERM if the descriptor cannot write or SEAL is set; EBUSY for WRITE while a shared mapping is writable. Linux:
  /// memfd_add_seals().
  public func addSeals(_ id: FileID, _ seals: UInt32, isWritable: Bool, isExecutable: Bool) throws(Errno) {
    if !isWritable { throw .EPERM }
    var added = FileSeals(rawValue: seals)
    if !added.isSubset(of: .all) || !hasSeals(id) { throw .EINVAL }
    if state.files[id].seals.contains(.SEAL) { throw .EPERM }
    // A file that is executable and sealed with EXEC must not change.
    if added.contains(.EXEC) && isExecutable { added.formUnion([.SHRINK, .GROW, .WRITE, .FUTURE_WRITE]) }
    if added.contains(.WRITE) && !state.files[id].seals.contains(.WRITE) && state.files[id].writableMappings > 0 { throw .EBUSY }
    state.files[id].seals.formUnion(added)
  }

  private func hasSeals(_ id: FileID) -> Bool {
    switch state.files[id].kind {
    case .shmem, .hugetlb: true
    case .host, .special: false
    }
  }

  /// Linux: shmem_write_begin().
  func checkWriteSeals(_ id: FileID, end: UInt64) throws(Errno) {
    let seals = activeSeals(id)
    if seals.forbidWrites || seals.contains(.GROW) && end > state.files[id].size { throw .EPERM }
  }
  /// Linux: shmem_setattr().
  func checkSizeSeals(_ id: FileID, newSize: UInt64) throws(Errno) {
    let (seals, size) = (activeSeals(id), state.files[id].size)
    if newSize < size && seals.contains(.SHRINK) || newSize > size && seals.contains(.GROW) { throw .EPERM }
  }
  /// Removes from a new mapping the permissions that seals forbid. EPERM for a shared mapping that is writable. Linux:
  /// memfd_check_seals_mmap().
  func applySeals(_ id: FileID, to flags: inout VMFlags) throws(Errno) {
    if !activeSeals(id).forbidWrites || !flags.contains(.SHARED) { return }
    if flags.contains(.WRITE) { throw .EPERM }
    flags.remove(.MAYWRITE)
  }

  func activeSeals(_ id: FileID) -> FileSeals { hasSeals(id) ? state.files[id].seals : [] }
}
