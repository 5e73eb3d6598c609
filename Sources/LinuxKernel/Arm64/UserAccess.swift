// Owns the kernel's accesses to user memory. They go page by page with EL0's permissions, and their faults are served as EL1 data aborts.
// It does not know what the copied bytes mean. Linux: arch/arm64/include/asm/uaccess.h, lib/usercopy.c.
import Architecture
import LinuxMM

extension UserMemory {
  /// Linux: access_ok(): the whole range lies in user space. A tagged pointer does where the task has asked for that
  /// (PR_SET_TAGGED_ADDR_CTRL).
  private func isUserRange(_ address: UInt64, _ count: UInt64) -> Bool {
    func lies(_ address: UInt64) -> Bool { address <= Layout48.taskSize && count <= Layout48.taskSize - address }
    return lies(address) || acceptsTags && lies(VirtualAddress(address).untagged.rawValue)
  }
  /// The same, as an error: a range that leaves user space is refused before a byte of it is touched.
  func check(_ address: UInt64, _ count: UInt64) throws(Errno) {
    if !isUserRange(address, count) { throw .EFAULT }
  }

  /// The physical address for this access to a user address, after the faults that can be served were served. Nil if the access is not
  /// possible.
  func page(_ va: UInt64, write: Bool) -> PhysicalAddress? {
    while true {
      if let pa = el1.unprivilegedTranslate(VirtualAddress(va), write: write) { return pa }
      let esr = ExceptionSyndrome(fault: el1.lastFault, fromLowerEL: false)
      switch abort(at: va, esr) {
      case .resume: continue
      case .outOfMemory:
        noteOutOfMemory()
        return nil
      case .fixup, .signal: return nil
      }
    }
  }

  /// Reads `count` bytes of user memory, page by page. It asks for each page first and then copies the page's bytes without a step in
  /// between. If the range leaves user space or a page is not accessible, it returns only the bytes before that point. With `atomically`
  /// no fault is served, so a page counts only if the task could access it right now. Linux: copy_folio_from_iter_atomic().
  func copyIn(_ address: UInt64, count: Int, atomically: Bool = false) -> [UInt8] {
    if count == 0 || !isUserRange(address, UInt64(count)) { return [] }
    var bytes: [UInt8] = []
    while true {
      let va = address &+ UInt64(bytes.count)
      let piece = Self.piece(va, count - bytes.count)
      let found = atomically ? el1.unprivilegedTranslate(VirtualAddress(va), write: false) : page(va, write: false)
      guard let pa = found else { return bytes }
      let source = UnsafeRawBufferPointer(start: el1.hostAddress(pa, size: UInt64(piece)), count: piece)
      // The bytes of one page are an array at once.
      if piece == count { return [UInt8](source) }
      if bytes.isEmpty { bytes.reserveCapacity(count) }
      bytes += source
      if bytes.count == count { return bytes }
    }
  }

  /// Serves the read faults of a range, page by page, up to the first page that is not accessible. Returns the number of bytes before
  /// that page. Linux: fault_in_readable().
  func faultIn(_ address: UInt64, count: UInt64) -> UInt64 {
    if !isUserRange(address, count) { return 0 }
    var done: UInt64 = 0
    while done < count {
      if page(address &+ done, write: false) == nil { break }
      done += min(count - done, 4096 - (address &+ done) & 0xfff)
    }
    return done
  }

  /// Writes bytes to user memory, page by page. Returns the number of bytes written.
  func copyOut(_ address: UInt64, _ bytes: [UInt8]) -> Int {
    var done = 0
    if !isUserRange(address, UInt64(bytes.count)) { return done }
    while done < bytes.count {
      let va = address &+ UInt64(done)
      let piece = Self.piece(va, bytes.count - done)
      guard let pa = page(va, write: true) else { break }
      store(bytes[done..<done + piece], to: pa)
      done += piece
    }
    return done
  }

  /// The number of bytes, at most `count`, from an address to the end of its page.
  private static func piece(_ va: UInt64, _ count: Int) -> Int { min(count, 4096 - Int(va & 0xfff)) }

  /// Stores bytes, which must lie in one page, in guest memory. It makes no step.
  private func store(_ bytes: ArraySlice<UInt8>, to pa: PhysicalAddress) {
    bytes.withUnsafeBytes { el1.store(from: $0.baseAddress!, count: $0.count, to: pa) }
  }

  /// Copies a value of plain data to user memory. Throws EFAULT.
  func put<T: BitwiseCopyable>(_ address: UInt64, _ value: T) throws(Errno) {
    let size = MemoryLayout<T>.size
    try check(address, UInt64(size))
    if Self.piece(address, size) == size {
      guard let pa = page(address, write: true) else { throw .EFAULT }
      return el1.store(pa, value)
    }
    try put(address, withUnsafeBytes(of: value) { Array($0) })
  }
  func put(_ address: UInt64, _ bytes: [UInt8]) throws(Errno) {
    if copyOut(address, bytes) != bytes.count { throw .EFAULT }
  }

  /// Reads `count` bytes of user memory. Throws EFAULT.
  func get(_ address: UInt64, count: Int) throws(Errno) -> [UInt8] {
    let bytes = copyIn(address, count: count)
    if bytes.count != count { throw .EFAULT }
    return bytes
  }
  /// Reads a value of plain data. Throws EFAULT.
  func get<T: BitwiseCopyable>(_ address: UInt64, as type: T.Type) throws(Errno) -> T {
    let size = MemoryLayout<T>.size
    try check(address, UInt64(size))
    if Self.piece(address, size) == size {
      guard let pa = page(address, write: false) else { throw .EFAULT }
      return el1.load(pa, as: type)
    }
    let bytes = try get(address, count: size)
    return bytes.withUnsafeBytes { $0.loadUnaligned(as: type) }
  }

  /// Reads a string up to its zero byte, which the result does not include. The string may have any encoding. Throws EFAULT, or `tooLong`
  /// if it has more than `limit` bytes.
  func getString(_ address: UInt64, limit: Int, tooLong: Errno) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < limit {
      let va = address &+ UInt64(bytes.count)
      let piece = try get(va, count: min(limit - bytes.count, 4096 - Int(va & 0xfff)))
      if let end = piece.firstIndex(of: 0) { return bytes + piece[..<end] }
      bytes += piece
    }
    throw tooLong
  }

  /// A struct timespec. EINVAL where it is none.
  func duration(_ address: UInt64) throws(Errno) -> UInt64 { try get(address, count: 16).duration(at: 0) }
  /// Nanoseconds as a struct timespec.
  func putDuration(_ address: UInt64, _ nanoseconds: UInt64) throws(Errno) {
    try put(address, nanoseconds.timespec)
  }
}

extension [UInt8] {
  /// Seconds and a fraction in these units as nanoseconds: a struct timespec, or a struct timeval with units of 1000. EINVAL where it
  /// is none. Linux: timespec64_valid(), timespec64_to_ktime().
  func duration(at offset: Int, unit: Int64 = 1) throws(Errno) -> UInt64 {
    let (seconds, fraction) = (Int64(bitPattern: word64(offset)), Int64(bitPattern: word64(offset + 8)))
    if seconds < 0 || !(0..<1_000_000_000 / unit).contains(fraction) { throw .EINVAL }
    // KTIME_MAX: what is longer is for ever, nearly.
    let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? UInt64(Int64.max) : Swift.min(product &+ UInt64(fraction * unit), UInt64(Int64.max))
  }
}

extension KernelState {
  /// Records that RAM is used up although the running task needs more. The OOM killer runs before the task returns.
  mutating func noteOutOfMemory() {
    outOfMemory = true
    hasWork = true
  }
}
