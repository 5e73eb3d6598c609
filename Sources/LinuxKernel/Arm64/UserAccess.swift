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

  /// Calls `body` for each piece of user memory that lies in one page, in order, with the bytes before it; returns the bytes that
  /// were not reached, because the range leaves user space or a page cannot be had.
  @inline(__always)
  private func forEachPiece(
    _ el1: EL1Interface, _ address: UInt64, _ count: Int, write: Bool, _ body: (_ pa: PhysicalAddress, _ done: Int, _ count: Int) -> Void
  ) -> Int {
    if !isUserRange(address, UInt64(count)) { return count }
    var done = 0
    while done < count {
      let va = address &+ UInt64(done)
      let piece = min(count - done, 4096 - Int(va & 0xfff))
      guard let pa = userPage(el1, va, write: write) else { return count - done }
      body(pa, done, piece)
      done += piece
    }
    return 0
  }

  /// Copies user memory to the host; returns the bytes not copied.
  func copyFromUser(_ el1: EL1Interface, _ address: UInt64, _ destination: UnsafeMutableRawBufferPointer) -> Int {
    forEachPiece(el1, address, destination.count, write: false) { pa, done, count in
      (destination.baseAddress! + done).copyMemory(from: el1.hostAddress(pa, size: UInt64(count)), byteCount: count)
    }
  }

  /// Copies host bytes to user memory; returns the bytes not copied.
  func copyToUser(_ el1: EL1Interface, _ address: UInt64, _ source: UnsafeRawBufferPointer) -> Int {
    forEachPiece(el1, address, source.count, write: true) { pa, done, count in
      el1.store(from: source.baseAddress! + done, count: count, to: pa)
    }
  }

  /// Copies a value of plain data to user memory. Throws EFAULT.
  func putUser<T: BitwiseCopyable>(_ el1: EL1Interface, _ address: UInt64, _ value: T) throws(Errno) {
    let left = withUnsafeBytes(of: value) { copyToUser(el1, address, $0) }
    if left != 0 { throw .EFAULT }
  }
  func putUser(_ el1: EL1Interface, _ address: UInt64, _ bytes: [UInt8]) throws(Errno) {
    let left = bytes.withUnsafeBytes { copyToUser(el1, address, $0) }
    if left != 0 { throw .EFAULT }
  }

  /// Reads `count` bytes of user memory. Throws EFAULT.
  func getUser(_ el1: EL1Interface, _ address: UInt64, count: Int) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let left = bytes.withUnsafeMutableBytes { copyFromUser(el1, address, $0) }
    if left != 0 { throw .EFAULT }
    return bytes
  }
  func getUser<T: BitwiseCopyable>(_ el1: EL1Interface, _ address: UInt64, as type: T.Type, _ zero: T) throws(Errno) -> T {
    var value = zero
    let left = withUnsafeMutableBytes(of: &value) { copyFromUser(el1, address, $0) }
    if left != 0 { throw .EFAULT }
    return value
  }

  /// Reads a string up to its zero byte, which is left out: names are bytes. Throws EFAULT, or `tooLong` beyond `limit` bytes.
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
