// Owns the rules that the huge page pool keeps between two calls: its counts agree with its pages and reservations.
// It does not know tables or how a state came about.
import Architecture

extension MemoryManager {
  /// Checks that every page of the pool is free or in use, that the free pages suffice for all reservations, and that the
  /// reservations are those of files and private mappings.
  func checkPool(_ el1: EL1Interface, _ census: inout FrameCensus) {
    let pool = state.pool
    for head in pool.freePages { census.frames[frameNumber(head)].references += 1 }
    let pages = (state.frames.firstManaged..<state.frames.count).count { hasFlag(el1, state.frames.address($0), PageDescriptor.pooled) }
    census.expect(pages == pool.total, "the pool has \(pages) pages, \(pool.total) counted")
    census.expect(pool.reserved >= 0 && pool.available >= 0, "the pool promised \(pool.reserved) of \(pool.free) free pages")
    census.expect(pool.surplus >= 0 && pool.surplus <= pool.total, "the pool has \(pool.surplus) surplus pages of \(pool.total)")
    let owners = state.mms.all.flatMap(\.element.vmas).filter { $0.hugeReservation.map != .none }
    var promised = owners.reduce(0) {
      let (first, end) = hugePageNumbers($1, $1.start, $1.end)
      return $0 + pool.reserveMaps.promised($1.hugeReservation.map, first, end)
    }
    for id in state.files.ids where isHugetlb(id) {
      let file = state.files[id]
      let missing = file.pages.pages().count { !file.reservedHugePages.contains($0.index) }
      census.expect(missing == 0, "file \(id.rawValue): \(missing) huge pages that were never reserved")
      promised += file.reservedHugePages.count(0, .max) - file.pages.count
    }
    census.expect(promised == pool.reserved, "the pool promised \(promised) pages, \(pool.reserved) counted")
    for map in pool.reserveMaps.ids {
      let users = owners.count { $0.hugeReservation.map == map }
      census.expect(
        users == pool.reserveMaps.users(map), "reserve map \(map.rawValue): \(users) VMAs, \(pool.reserveMaps.users(map)) counted")
    }
  }
}
