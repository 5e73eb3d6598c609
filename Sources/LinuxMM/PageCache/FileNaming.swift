// Owns what /proc/PID/maps prints for a file: the name, device and inode that the file layer reports.
// It does not know paths.

extension MemoryManager {
  /// Records a file's place in the tree. Its name is looked up there when it is printed, because a name may be long and may change.
  public func placeFile(_ id: FileID, _ place: FilePlace) { state.files[id].place = place }

  /// Records the name of a file that has no place in the tree any more.
  public func nameFile(_ id: FileID, _ name: [UInt8]) { (state.files[id].place, state.files[id].name) = (nil, name) }

  /// Records a file's device and its inode number there.
  public func numberFile(_ id: FileID, device: (major: UInt32, minor: UInt32), inode: UInt64) {
    state.files[id].device = device
    state.files[id].inode = inode
  }
}
