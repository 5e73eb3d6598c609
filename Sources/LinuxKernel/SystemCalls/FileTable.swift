// Owns which descriptors are open: the three standard ones are all there is yet.
// It does not know the host. Linux: struct files_struct.

struct FileTable: Sendable {
  private var isOpenAt = [true, true, true]

  func isOpen(_ descriptor: Int32) -> Bool { isOpenAt.indices.contains(Int(descriptor)) && isOpenAt[Int(descriptor)] }
  /// Whether `read` may be asked of it.
  func isReadable(_ descriptor: Int32) -> Bool { descriptor == 0 && isOpen(0) }
  /// Whether `write` may be asked of it.
  func isWritable(_ descriptor: Int32) -> Bool { descriptor != 0 && isOpen(descriptor) }

  /// False: it is not open.
  mutating func close(_ descriptor: Int32) -> Bool {
    if !isOpen(descriptor) { return false }
    isOpenAt[Int(descriptor)] = false
    return true
  }
}
