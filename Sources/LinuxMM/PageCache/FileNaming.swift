// Owns what /proc/PID/maps prints of a file: its name, device and inode, which the file layer says.
// It does not know paths.

extension MemoryManager {
  /// The file has a place in the tree: its name is asked for there whenever it is printed, for a name may be long and change.
  public func placeFile(_ id: FileID, _ place: FilePlace) { state.files[id].place = place }

  /// The file has no place any more: this is printed from now on.
  public func nameFile(_ id: FileID, _ name: [UInt8]) { (state.files[id].place, state.files[id].name) = (nil, name) }

  /// The device that the file lies on and its number there.
  public func numberFile(_ id: FileID, device: (major: UInt32, minor: UInt32), inode: UInt64) {
    state.files[id].device = device
    state.files[id].inode = inode
  }
}
