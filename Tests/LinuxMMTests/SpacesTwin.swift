// Owns a naive model of several address spaces that share files and are forked: a flat map from page to its visible contents.
// It does not know VMAs, tables, reference counts or huge pages: copying a space copies the map.
import TestSupport

@testable import LinuxMM

/// The expected result of every call of the memory manager, computed page by page.
struct SpacesTwin {
  static let size: UInt64 = 0x1000

  /// The contents of a page before it is written: zeroes, or a page of a file.
  enum Backing: Equatable {
    case zeroes
    case file(Int, UInt64)
  }
  struct Page: Equatable {
    var protection: UInt64
    var backing: Backing
    var isShared = false
    /// The contents of a private page since it was written; nil before.
    var copy: UInt64?
    var staysBehind = false
    var isWiped = false

    var isAnonymous: Bool { backing == .zeroes }
  }
  struct File {
    /// In pages.
    var size: UInt64
    /// The first word of each page that is not a hole.
    var words: [UInt64: UInt64] = [:]
  }
  /// The result of an access.
  enum Access: Equatable {
    case value(UInt64)
    case noMapping, denied, beyondEnd
  }

  var spaces: [[UInt64: Page]?] = [[:]]
  var files: [File] = []

  private func range(_ start: UInt64, _ pages: UInt64) -> StrideTo<UInt64> {
    stride(from: start, to: start + pages * Self.size, by: Int(Self.size))
  }

  // MARK: Mappings

  mutating func map(_ space: Int, _ start: UInt64, _ pages: UInt64, _ page: Page, from offset: UInt64 = 0) {
    for (n, at) in range(start, pages).enumerated() {
      var page = page
      if case .file(let file, _) = page.backing { page.backing = .file(file, offset + UInt64(n)) }
      spaces[space]![at] = page
    }
  }

  mutating func unmap(_ space: Int, _ start: UInt64, _ pages: UInt64) {
    for at in range(start, pages) { spaces[space]![at] = nil }
  }

  mutating func protect(_ space: Int, _ start: UInt64, _ pages: UInt64, _ protection: UInt64) throws(Errno) {
    for at in range(start, pages) {
      if spaces[space]![at] == nil { throw .ENOMEM }
      spaces[space]![at]!.protection = protection
    }
  }

  /// A pure move with MREMAP_FIXED: all mapped pages move, and gaps stay.
  mutating func move(_ space: Int, _ start: UInt64, _ pages: UInt64, to target: UInt64, keeps: Bool) throws(Errno) {
    if start + pages * Self.size > target && target + pages * Self.size > start { throw .EINVAL }
    if spaces[space]![start] == nil { throw .EFAULT }
    for at in range(start, pages) {
      guard let page = spaces[space]![at] else { continue }
      spaces[space]![target + (at - start)] = page
      if keeps { spaces[space]![at]!.copy = nil } else { spaces[space]![at] = nil }
    }
  }

  mutating func fork(_ space: Int) {
    var child: [UInt64: Page] = [:]
    for (at, page) in spaces[space]! where !page.staysBehind {
      var page = page
      if page.isWiped { page.copy = nil }
      child[at] = page
    }
    spaces.append(child)
  }

  // MARK: Advice

  /// Advises page by page. Holes are reported at the end; the first refusal ends the call.
  mutating func advise(_ space: Int, _ start: UInt64, _ pages: UInt64, _ advice: UInt64) throws(Errno) {
    var hasHole = false
    for at in range(start, pages) {
      guard var page = spaces[space]![at] else {
        hasHole = true
        continue
      }
      switch advice {
      case 4: page.copy = nil
      case 8: if !page.isAnonymous { throw .EINVAL }
      case 9:
        guard case .file(let file, let index) = page.backing else { throw .EINVAL }
        if !page.isShared { throw .EACCES }
        files[file].words[index] = nil
      case 10: page.staysBehind = true
      case 11: page.staysBehind = false
      case 18:
        if !page.isAnonymous || page.isShared { throw .EINVAL }
        page.isWiped = true
      case 19: page.isWiped = false
      default: break
      }
      spaces[space]![at] = page
    }
    if hasHole { throw .ENOMEM }
  }

  /// MADV_POPULATE_*: ends at the first page that cannot be made present. For writing, a private page becomes a copy, whatever it
  /// shows.
  mutating func populate(_ space: Int, _ start: UInt64, _ pages: UInt64, write: Bool) throws(Errno) {
    for at in range(start, pages) {
      guard let page = spaces[space]![at] else { throw .ENOMEM }
      if page.protection & (write ? 2 : 1) == 0 { throw .EINVAL }
      guard let word = look(page) else { throw .EFAULT }
      if write && !page.isShared { spaces[space]![at]!.copy = word }
    }
  }

  // MARK: Contents

  /// The first word of a page; nil beyond the end of its file.
  private func look(_ page: Page) -> UInt64? {
    guard case .file(let file, let index) = page.backing else { return page.copy ?? 0 }
    if index >= files[file].size { return nil }
    return page.copy ?? files[file].words[index] ?? 0
  }

  func read(_ space: Int, _ at: UInt64) -> Access {
    guard let page = spaces[space]![at] else { return .noMapping }
    if page.protection == 0 { return .denied }
    return look(page).map(Access.value) ?? .beyondEnd
  }

  mutating func write(_ space: Int, _ at: UInt64, _ value: UInt64) -> Access {
    guard let page = spaces[space]![at] else { return .noMapping }
    if page.protection & 2 == 0 { return .denied }
    if look(page) == nil { return .beyondEnd }
    if page.isShared, case .file(let file, let index) = page.backing {
      files[file].words[index] = value
    } else {
      spaces[space]![at]!.copy = value
    }
    return .value(value)
  }

  /// What a walk without faults may show: the value, or nothing if no page is present yet.
  func expected(_ space: Int, _ at: UInt64) -> UInt64? { spaces[space]![at].flatMap(look) }

  mutating func writeFile(_ file: Int, _ index: UInt64, _ value: UInt64) {
    files[file].size = max(files[file].size, index + 1)
    files[file].words[index] = value
  }

  /// Removes everything beyond the new end, including private copies.
  mutating func truncate(_ file: Int, _ pages: UInt64) {
    let isShorter = pages < files[file].size
    files[file].size = pages
    files[file].words = files[file].words.filter { $0.key < pages }
    if !isShorter { return }
    for space in spaces.indices where spaces[space] != nil {
      for (at, page) in spaces[space]! {
        if case .file(file, let index) = page.backing, index >= pages { spaces[space]![at]!.copy = nil }
      }
    }
  }
}
