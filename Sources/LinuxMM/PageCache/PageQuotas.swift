// Owns the limits on the pages that files of a file system may have together, and their use.
// It does not know file systems or their options. Linux: shmem_sb_info of mm/shmem.c, struct hugepage_subpool of mm/hugetlb.c.
import Architecture

/// A limit, in pages of 4 KiB for a tmpfs and in huge pages for a hugetlbfs.
public struct PageQuota: Hashable, Sendable {
  /// nil for no limit.
  public internal(set) var limit: Int?
  /// The pages of a tmpfs in use. For a hugetlbfs it is computed, because reservations count too.
  public internal(set) var used = 0
  var isExhausted: Bool { limit.map { used >= $0 } ?? false }
}

extension MemoryManager {
  /// The most pages that the files of a tmpfs may have if it has no size of its own: half of RAM. Linux: shmem_default_max_blocks().
  public var tmpfsLimit: Int { Int(state.frames.managed) / 2 }

  /// Makes a limit that no file uses yet.
  public func makeQuota(limit: Int?) -> PageQuotaID { state.quotas.insert(PageQuota(limit: limit)) }

  /// Removes a limit whose files are gone, or will only lose pages.
  public func removeQuota(_ id: PageQuotaID) { state.quotas.remove(id) }

  /// Changes a limit. EINVAL if more pages are in use. Linux: shmem_reconfigure().
  public func setQuota(_ id: PageQuotaID, limit: Int?) throws(Errno) {
    if let limit, state.quotas[id].used > limit { throw .EINVAL }
    state.quotas[id].limit = limit
  }

  /// Counts pages that were added, or with a negative number removed. Files may outlive their limit.
  public func chargeQuota(_ id: PageQuotaID, _ pages: Int) {
    if id != .none && state.quotas.contains(id) { state.quotas[id].used += pages }
  }

  /// Whether the limit lets that many pages be added.
  func hasRoom(_ id: PageQuotaID, _ pages: Int) -> Bool {
    guard id != .none, state.quotas.contains(id), let limit = state.quotas[id].limit else { return true }
    return state.quotas[id].used + pages <= limit
  }

  public func isExhausted(_ id: PageQuotaID) -> Bool { id != .none && state.quotas.contains(id) && state.quotas[id].isExhausted }

  /// The huge pages that the files of a hugetlbfs have or have reserved. Private mappings of its files do not count here. Linux:
  /// used_hpages of the subpool.
  public func hugePagesUsed(_ id: PageQuotaID) -> Int {
    state.files.all.reduce(0) { $0 + ($1.element.quota == id ? $1.element.reservedHugePages.count(0, .max) : 0) }
  }

  /// Whether a hugetlbfs has room for more huge pages. Linux: hugepage_subpool_get_pages().
  func hasHugeRoom(_ file: FileID, _ pages: Int) -> Bool {
    let id = state.files[file].quota
    guard id != .none, state.quotas.contains(id), let limit = state.quotas[id].limit else { return true }
    return hugePagesUsed(id) + pages <= limit
  }
}
