// Owns the words of /proc/PID/pagemap, 64 bits for each page.
// It does not know how the file is read. Linux: fs/proc/task_mmu.c pte_to_pagemap_entry(), pagemap_pmd_range().
import Architecture

/// PM_* bits.
private enum PageMapBit {
  static let exclusive: UInt64 = 1 << 56
  static let `guard`: UInt64 = 1 << 58
  static let file: UInt64 = 1 << 61
  static let swap: UInt64 = 1 << 62
  static let present: UInt64 = 1 << 63
}

extension MemoryManager {
  /// A word for each page of the virtual range [start, start + pages * 4096): the frame number in bits 54:0 if a page is present,
  /// and flags.
  public func pageMapWords(_ el1: EL1Interface, _ mm: MMID, _ start: UInt64, pages: Int) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: pages)
    var walk = firstEntry(el1, mm, start, start + UInt64(pages) << 12)
    while walk.isOngoing {
      let found = inspect(el1, walk)
      let offset = Int((found.address - start) >> 12)
      for n in 0..<Int(found.pages) {
        var one = found
        one.page += UInt64(n) << 12
        let first = configuration.profile.countsHugePagesByTheFirst && found.isHuge ? found.entry.output : one.page
        words[offset + n] = pageMapWord(el1, one, mappedAs: first)
      }
      walk = nextEntry(el1, walk)
    }
    return words
  }

  private func pageMapWord(_ el1: EL1Interface, _ found: MappedEntry, mappedAs counted: UInt64) -> UInt64 {
    if let swap = SwapEntry(found.entry) {
      let isGuard = configuration.profile.reportsGuardPages && swap.markers.contains(.guard)
      return PageMapBit.swap | swap.type | swap.offset << 5 & (1 << 55 - 1) | (isGuard ? PageMapBit.guard : 0)
    }
    var word = PageMapBit.present | found.page >> 12
    guard let page = normalPage(found) else {
      return found.isHuge && configuration.profile.showsHugeZeroPageAsFile ? word | PageMapBit.file : word
    }
    if !isAnonymous(el1, page) { word |= PageMapBit.file }
    if preciseMapCount(el1, counted) == 1 { word |= PageMapBit.exclusive }
    return word
  }
}
