// Owns the kernel's accesses to user memory: page by page with EL0's permissions, faults served as EL1 data aborts.
// It does not know what is copied. Linux: arch/arm64/include/asm/uaccess.h, lib/usercopy.c.
import Architecture
import LinuxMM

extension Kernel {
  /// Linux: access_ok(): the whole range lies in user space. A tagged pointer does not, since no task can ask for the tagged
  /// address ABI (PR_SET_TAGGED_ADDR_CTRL) yet.
  private func isUserRange(_ address: UInt64, _ count: UInt64) -> Bool {
    address <= Layout48.taskSize && count <= Layout48.taskSize - address
  }
  /// The same, as an error: a range that leaves user space is refused before a byte of it is touched.
  func checkUserRange(_ address: UInt64, _ count: UInt64) throws(Errno) {
    if !isUserRange(address, count) { throw .EFAULT }
  }

  /// Physical address behind a user address for this access, after serving the faults that can be served.
  func userPage(_ el1: EL1Interface, _ va: UInt64, write: Bool) -> PhysicalAddress? {
    while true {
      if let pa = el1.unprivilegedTranslate(VirtualAddress(va), write: write) { return pa }
      let esr = ExceptionSyndrome(fault: el1.lastFault, fromLowerEL: false)
      let task = state.current
      switch faults.doMemAbort(
        el1, mm: state.tasks[task].mm, task: state.tasks[task].id, far: va, esr: esr, userMode: false)
      {
      case .resume: continue
      case .outOfMemory:
        runOutOfMemory()
        return nil
      case .fixup, .signal: return nil
      }
    }
  }

  /// Reads `count` bytes of user memory, page by page: each page is asked for first, and then its bytes are copied without a step in
  /// between. Fewer where the range leaves user space or a page cannot be had: what lies before it.
  func copyFromUser(_ el1: EL1Interface, _ address: UInt64, count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    if !isUserRange(address, UInt64(count)) { return bytes }
    bytes.reserveCapacity(count)
    while bytes.count < count {
      let va = address &+ UInt64(bytes.count)
      let piece = Self.piece(va, count - bytes.count)
      guard let pa = userPage(el1, va, write: false) else { break }
      bytes += UnsafeRawBufferPointer(start: el1.hostAddress(pa, size: UInt64(piece)), count: piece)
    }
    return bytes
  }

  /// Writes bytes to user memory in the same way; how many were written.
  func copyToUser(_ el1: EL1Interface, _ address: UInt64, _ bytes: [UInt8]) -> Int {
    var done = 0
    if !isUserRange(address, UInt64(bytes.count)) { return done }
    while done < bytes.count {
      let va = address &+ UInt64(done)
      let piece = Self.piece(va, bytes.count - done)
      guard let pa = userPage(el1, va, write: true) else { break }
      store(el1, bytes[done..<done + piece], to: pa)
      done += piece
    }
    return done
  }

  /// What of `count` bytes lies in the page of an address.
  private static func piece(_ va: UInt64, _ count: Int) -> Int { min(count, 4096 - Int(va & 0xfff)) }

  /// Bytes of one page become guest memory. No step.
  private func store(_ el1: EL1Interface, _ bytes: ArraySlice<UInt8>, to pa: PhysicalAddress) {
    bytes.withUnsafeBytes { el1.store(from: $0.baseAddress!, count: $0.count, to: pa) }
  }

  /// Copies a value of plain data to user memory. Throws EFAULT.
  func putUser<T: BitwiseCopyable>(_ el1: EL1Interface, _ address: UInt64, _ value: T) throws(Errno) {
    let size = MemoryLayout<T>.size
    try checkUserRange(address, UInt64(size))
    if Self.piece(address, size) == size {
      guard let pa = userPage(el1, address, write: true) else { throw .EFAULT }
      return el1.store(pa, value)
    }
    try putUser(el1, address, withUnsafeBytes(of: value) { Array($0) })
  }
  func putUser(_ el1: EL1Interface, _ address: UInt64, _ bytes: [UInt8]) throws(Errno) {
    if copyToUser(el1, address, bytes) != bytes.count { throw .EFAULT }
  }

  /// Reads `count` bytes of user memory. Throws EFAULT.
  func getUser(_ el1: EL1Interface, _ address: UInt64, count: Int) throws(Errno) -> [UInt8] {
    let bytes = copyFromUser(el1, address, count: count)
    if bytes.count != count { throw .EFAULT }
    return bytes
  }
  /// Reads a value of plain data. Throws EFAULT.
  func getUser<T: BitwiseCopyable>(_ el1: EL1Interface, _ address: UInt64, as type: T.Type) throws(Errno) -> T {
    let size = MemoryLayout<T>.size
    try checkUserRange(address, UInt64(size))
    if Self.piece(address, size) == size {
      guard let pa = userPage(el1, address, write: false) else { throw .EFAULT }
      return el1.load(pa, as: type)
    }
    let bytes = try getUser(el1, address, count: size)
    return bytes.withUnsafeBytes { $0.loadUnaligned(as: type) }
  }

  /// Reads a string up to its zero byte. Throws EFAULT, or `tooLong` beyond `limit` bytes.
  func getUserString(_ el1: EL1Interface, _ address: UInt64, limit: Int, tooLong: Errno) throws(Errno) -> String {
    String(decoding: try getUserBytes(el1, address, limit: limit, tooLong: tooLong), as: UTF8.self)
  }
  /// The same, as the bytes they are, without the zero.
  func getUserBytes(_ el1: EL1Interface, _ address: UInt64, limit: Int, tooLong: Errno) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < limit {
      let va = address &+ UInt64(bytes.count)
      let piece = try getUser(el1, va, count: min(limit - bytes.count, 4096 - Int(va & 0xfff)))
      if let end = piece.firstIndex(of: 0) { return bytes + piece[..<end] }
      bytes += piece
    }
    throw tooLong
  }
}
