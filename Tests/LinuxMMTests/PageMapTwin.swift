// Owns a naive address space: a flat map from page to flags, and the effects of Linux's calls on it, page by page.
// It does not know VMAs as objects: a VMA is a longest run of pages with equal flags.
import Architecture
import TestSupport

@testable import LinuxMM

/// The expected result of every call of the memory manager, computed without its data structures.
struct PageMapTwin {
  static let size: UInt64 = 0x1000
  static let minimum: UInt64 = 0x8000
  static let top: UInt64 = 0x0001_0000_0000_0000
  /// TASK_SIZE minus 128 MiB, where the downward search begins.
  static let mmapBase: UInt64 = 0x0000_ffff_f800_0000

  struct Page: Equatable {
    var flags: UInt64
    /// The value of the page's first word; nil if the page was not written since it was mapped.
    var content: UInt64?
  }
  /// By page address.
  var pages: [UInt64: Page] = [:]
  var brkStart: UInt64 = 0
  var brk: UInt64 = 0
  /// Whether mremap behaves as since 6.17: it checks its arguments first, and moves several mappings.
  var remapsInBatches = true
  /// The end of a VMA. The twin knows it only while nothing was ever written; otherwise it asks the real one.
  var vmaEnd: ((UInt64) -> UInt64)?

  func isFree(_ start: UInt64, _ end: UInt64) -> Bool {
    stride(from: start, to: end, by: Int(Self.size)).allSatisfy { pages[$0] == nil }
  }

  /// The longest runs of neighbours with the same flags.
  var runs: [(start: UInt64, end: UInt64, flags: UInt64)] {
    var runs: [(start: UInt64, end: UInt64, flags: UInt64)] = []
    for (address, page) in pages.sorted(by: { $0.key < $1.key }) {
      if let last = runs.last, last.end == address, last.flags == page.flags {
        runs[runs.count - 1].end = address + Self.size
      } else {
        runs.append((address, address + Self.size, page.flags))
      }
    }
    return runs
  }
  private func endOfVMA(_ address: UInt64) -> UInt64 {
    if let vmaEnd { return vmaEnd(address) }
    return runs.first { $0.start <= address && address < $0.end }!.end
  }

  /// The highest free range below the base. The map is small, so a search page by page is fast enough.
  func room(_ length: UInt64) -> UInt64 {
    var start = Self.mmapBase - length
    while !isFree(start, start + length) { start -= Self.size }
    return start
  }

  // MARK: Calls

  mutating func mmap(_ address: UInt64, _ length: UInt64, _ protection: UInt64, _ flags: UInt64) throws(Errno) -> UInt64 {
    if length == 0 { throw .EINVAL }
    let length = (length + 0xfff) & ~0xfff
    var start = address & ~0xfff
    if flags & 0x10_0010 != 0 {
      if address & 0xfff != 0 { throw .EINVAL }
      if flags & 0x10_0000 != 0 && !isFree(start, start + length) { throw .EEXIST }
    } else if start == 0 {
      start = room(length)
    } else {
      start = max(start, Self.minimum)
      if !isFree(start, start + length) { start = room(length) }
    }
    unmap(start, start + length)
    // MAYREAD, MAYWRITE, MAYEXEC and NORESERVE. Writable memory without NORESERVE is charged.
    var vmFlags = protection & 7 | 0x70
    if flags & 0x4000 != 0 { vmFlags |= 0x20_0000 }
    if protection & 2 != 0 && flags & 0x4000 == 0 { vmFlags |= 0x10_0000 }
    map(start, start + length, vmFlags)
    return start
  }

  mutating func munmap(_ address: UInt64, _ length: UInt64) throws(Errno) {
    if address & 0xfff != 0 || length == 0 { throw .EINVAL }
    unmap(address, address + (length + 0xfff) & ~0xfff)
  }

  mutating func mprotect(_ address: UInt64, _ length: UInt64, _ protection: UInt64) throws(Errno) {
    if address & 0xfff != 0 { throw .EINVAL }
    if length == 0 { return }
    let end = address + (length + 0xfff) & ~0xfff
    for at in stride(from: address, to: end, by: Int(Self.size)) {
      guard var page = pages[at] else { throw .ENOMEM }
      let old = page.flags
      page.flags = old & ~7 | protection
      if page.flags != old {
        if protection & 2 == 0 {
          page.flags &= ~0x10_0000
        } else if old & 0x20_0000 == 0 {
          page.flags |= 0x10_0000
        }
      }
      pages[at] = page
    }
  }

  mutating func madvise(_ address: UInt64, _ length: UInt64, _ advice: UInt64) throws(Errno) {
    let isKnown = [0, 1, 2, 3, 4, 14, 15].contains(advice)
    if !isKnown || address & 0xfff != 0 { throw .EINVAL }
    var hasHole = false
    for at in stride(from: address, to: address + (length + 0xfff) & ~0xfff, by: Int(Self.size)) {
      guard var page = pages[at] else {
        hasHole = true
        continue
      }
      switch advice {
      case 0: page.flags &= ~0x1_8000
      case 1: page.flags = page.flags & ~0x8000 | 0x1_0000
      case 2: page.flags = page.flags & ~0x1_0000 | 0x8000
      case 4: page.content = nil
      case 14: page.flags = page.flags & ~0x4000_0000 | 0x2000_0000
      case 15: page.flags = page.flags & ~0x2000_0000 | 0x4000_0000
      default: break
      }
      pages[at] = page
    }
    if hasHole { throw .ENOMEM }
  }

  mutating func brk(_ value: UInt64) -> UInt64 {
    if value < brkStart { return brk }
    let (old, new) = ((brk + 0xfff) & ~0xfff, (value + 0xfff) & ~0xfff)
    if new < old {
      // If the old heap is not mapped, brk does not move.
      if isFree(new, old) { return brk }
      unmap(new, old)
    } else if new > old {
      if !isFree(old, new + Self.size) { return brk }
      map(old, new, 0x10_0073)
    }
    brk = value
    return brk
  }

  mutating func mremap(
    _ address: UInt64, _ oldLength: UInt64, _ newLength: UInt64, _ flags: UInt64, _ target: UInt64
  ) throws(Errno) -> UInt64 {
    let (mayMove, isFixed, keeps) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0)
    var old = (oldLength + 0xfff) & ~0xfff
    let new = (newLength + 0xfff) & ~0xfff
    let keepsSize = remapsInBatches ? old == new : oldLength == newLength
    if flags & ~7 != 0 || (isFixed || keeps) && !mayMove || keeps && !keepsSize || address & 0xfff != 0 { throw .EINVAL }
    if new == 0 { throw .EINVAL }
    let isWrongPlace = target & 0xfff != 0 || address + old > target && target + new > address
    if remapsInBatches && (isFixed || keeps) && isWrongPlace { throw .EINVAL }
    if remapsInBatches && isFixed && old == new { return try moveAll(address, old, target, keeps: keeps) }
    if pages[address] == nil { throw .EFAULT }
    if !remapsInBatches && (isFixed || keeps) && isWrongPlace { throw .EINVAL }
    // The pages that stay must lie in one mapping. Before 6.17 this also holds for the part that is cut off, which is unmapped
    // before the check.
    if remapsInBatches && (new > old || isFixed || keeps) { try checkReach(address, min(old, new)) }
    if isFixed { unmap(target, target + new) }
    if old > new {
      unmap(address + new, address + old)
      old = new
      if !isFixed && !keeps { return address }
    } else if old == new && !isFixed && !keeps {
      return address
    }
    guard let first = pages[address] else { throw .EFAULT }
    try checkReach(address, old)
    let end = endOfVMA(address)
    if !isFixed && !keeps {
      if address + old == end && isFree(end, address + new) {
        map(end, address + new, first.flags)
        return address
      }
      if !mayMove { throw .ENOMEM }
    }
    let hint = target >= Self.minimum && isFree(target, target + new) ? target : room(new)
    let place = isFixed ? target : keeps ? hint : room(new)
    move(address, old, to: place, new, keeps: keeps)
    return place
  }

  /// All memory is private here: length 0 shares nothing, and a call must stay within one mapping.
  private func checkReach(_ address: UInt64, _ old: UInt64) throws(Errno) {
    if old == 0 { throw .EINVAL }
    if old > endOfVMA(address) - address { throw .EFAULT }
  }

  private mutating func move(_ address: UInt64, _ old: UInt64, to place: UInt64, _ new: UInt64, keeps: Bool) {
    let flags = pages[address]!.flags
    for offset in stride(from: 0, to: new, by: Int(Self.size)) {
      let source = address + offset
      pages[place + offset] = Page(flags: flags, content: offset < old ? pages[source]!.content : nil)
      if offset < old { if keeps { pages[source]!.content = nil } else { pages[source] = nil } }
    }
  }

  /// Moves every mapping of the range, and keeps the gaps between them.
  private mutating func moveAll(_ address: UInt64, _ length: UInt64, _ target: UInt64, keeps: Bool) throws(Errno) -> UInt64 {
    if pages[address] == nil { throw .EFAULT }
    for offset in stride(from: 0, to: length, by: Int(Self.size)) where pages[address + offset] != nil {
      unmap(target + offset, target + offset + Self.size)
      move(address + offset, Self.size, to: target + offset, Self.size, keeps: keeps)
    }
    return target
  }

  private mutating func map(_ start: UInt64, _ end: UInt64, _ flags: UInt64) {
    for at in stride(from: start, to: end, by: Int(Self.size)) { pages[at] = Page(flags: flags) }
  }
  private mutating func unmap(_ start: UInt64, _ end: UInt64) {
    for at in stride(from: start, to: end, by: Int(Self.size)) { pages[at] = nil }
  }
}
