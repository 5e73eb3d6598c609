// Owns what /proc/PID/maps prints of a file: its name, device and inode, which the file layer says.
// It does not know paths.

extension MemoryManager {
  /// The path as it is printed; where the name was taken away, with " (deleted)" behind it.
  public func nameFile(_ id: FileID, _ name: String) { state.files[id].name = name }

  /// The device that the file lies on and its number there.
  public func numberFile(_ id: FileID, device: (major: UInt32, minor: UInt32), inode: UInt64) {
    state.files[id].device = device
    state.files[id].inode = inode
  }
}
