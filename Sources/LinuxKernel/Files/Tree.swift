// Owns changes of the tree in memory: new files, names given, taken away and moved.
// It does not know paths or system calls. Linux: mm/shmem.c, fs/ramfs/inode.c, fs/libfs.c simple_link(), simple_unlink(), simple_rename().
import Architecture
import LinuxMM

extension Files {
  /// Throws ENOSPC where there are as many files as a tmpfs may have. Linux: shmem_default_max_inodes().
  func checkInodes() throws(Errno) {
    if state.inodes.count >= Int(mm.state.frames.managed) / 2 { throw .ENOSPC }
  }

  /// A new inode without a name.
  func makeInode(_ kind: Inode.Kind, permissions: UInt32, device: DeviceNumber) -> InodeID {
    let number = state.nextNumber(device)
    let inode = Inode(kind, permissions: permissions, number: number, device: device, now: now)
    if inode.takesPage { state.linkPages += 1 }
    return state.inodes.insert(inode)
  }

  /// An inode for contents, which learn its number.
  func makeRegularInode(_ contents: FileID, permissions: UInt32, device: DeviceNumber) -> InodeID {
    let inode = makeInode(.regular(contents), permissions: permissions, device: device)
    mm.numberFile(contents, device: (device.major, device.minor), inode: state.inodes[inode].number)
    return inode
  }

  /// A new regular file without a name, empty.
  func makeRegularFile(_ el1: EL1Interface, name: [UInt8], permissions: UInt32, mount: MountID) -> InodeID {
    let mounted = state.mounts[mount]
    // A ramfs has pages of files, not of shared memory; nothing of the host is behind these.
    let contents = mm.createFile(
      mounted.kind == .ramfs ? .host(-1) : .shmem, name: name, size: 0, isInTmpfs: mounted.kind != .ramfs)
    return makeRegularInode(contents, permissions: permissions, device: mounted.device)
  }

  /// Puts a new inode into a directory under a name that is free.
  func insert(_ inode: InodeID, into directory: InodeID, as name: [UInt8]) {
    setPlace(inode, directory, name)
    changeEntries(directory) { $0.insert(name, inode) }
    if state.inodes[inode].isDirectory { state.inodes[directory].links += 1 }
  }

  /// Another name for a file. Linux: simple_link().
  func link(_ inode: InodeID, into directory: InodeID, as name: [UInt8]) {
    setPlace(inode, directory, name)
    changeEntries(directory) { $0.insert(name, inode) }
    if state.inodes[inode].isUnnamed {
      state.inodes[inode].isUnnamed = false
      state.inodes[inode].links = 1
    } else {
      state.inodes[inode].links += 1
    }
    state.inodes[inode].changed = now
  }

  /// Takes a name away; what has neither names nor users left goes with it. Linux: simple_unlink(), simple_rmdir().
  func unlink(_ el1: EL1Interface, _ name: [UInt8], from directory: InodeID, _ inode: InodeID) {
    changeEntries(directory) { $0.remove(name) }
    loseName(el1, inode, in: directory)
  }

  private func loseName(_ el1: EL1Interface, _ inode: InodeID, in directory: InodeID) {
    if state.inodes[inode].isDirectory {
      state.inodes[inode].links = 0
      state.inodes[directory].links -= 1
    } else {
      state.inodes[inode].links -= 1
    }
    state.inodes[inode].changed = now
    dropUnused(el1, inode)
  }

  /// Moves a name, over another one where there is one. Linux: simple_rename().
  func rename(
    _ el1: EL1Interface, _ inode: InodeID, from old: (directory: InodeID, name: [UInt8]), to new: (directory: InodeID, name: [UInt8]),
    over target: InodeID?
  ) {
    changeEntries(old.directory) { $0.remove(old.name) }
    if let target {
      changeEntries(new.directory) { $0.replace(new.name, with: inode) }
      loseName(el1, target, in: new.directory)
    } else {
      changeEntries(new.directory) { $0.insert(new.name, inode) }
    }
    if state.inodes[inode].isDirectory {
      state.inodes[old.directory].links -= 1
      state.inodes[new.directory].links += 1
    }
    setPlace(inode, new.directory, new.name)
    state.inodes[inode].changed = now
  }

  /// Two names change what they mean. Linux: simple_rename_exchange().
  func exchange(_ a: (directory: InodeID, name: [UInt8], inode: InodeID), _ b: (directory: InodeID, name: [UInt8], inode: InodeID)) {
    changeEntries(a.directory) { $0.replace(a.name, with: b.inode) }
    changeEntries(b.directory) { $0.replace(b.name, with: a.inode) }
    for (inode, from, to) in [(a.inode, a.directory, b.directory), (b.inode, b.directory, a.directory)]
    where state.inodes[inode].isDirectory {
      state.inodes[from].links -= 1
      state.inodes[to].links += 1
    }
    setPlace(a.inode, b.directory, b.name)
    setPlace(b.inode, a.directory, a.name)
    state.inodes[a.inode].changed = now
    state.inodes[b.inode].changed = now
  }

  /// Where paths that are printed find the file. It holds its directory.
  func setPlace(_ inode: InodeID, _ directory: InodeID, _ name: [UInt8]) {
    state.inodes[directory].references += 1
    let old = state.inodes[inode].parent
    state.inodes[inode].parent = directory
    state.inodes[inode].name = name
    // The directory of an earlier name may have been removed since.
    if let old { releaseDirectory(old) }
  }

  /// /proc/PID/maps prints a mapped file's name as it is then.
  func noteName(_ inode: InodeID, mount: MountID) {
    guard let contents = state.inodes[inode].contents else { return }
    mm.placeFile(contents, FilePlace(mount: mount.rawValue, inode: inode.rawValue))
  }

  /// A file that is only mapped loses its inode: what it is called is remembered, of a name longer than a path can be the end.
  func keepName(_ contents: FileID) {
    guard let place = mm.state.files[contents].place else { return }
    let path = Path(mount: MountID(rawValue: place.mount), node: .inode(InodeID(rawValue: place.inode)))
    mm.nameFile(contents, mm.state.files[contents].mappings > 0 ? Array(name(of: path).suffix(4096)) : [])
  }

  private func changeEntries(_ directory: InodeID, _ change: (inout Directory) -> Void) {
    guard case .directory(var entries) = state.inodes[directory].kind else { preconditionFailure("no directory") }
    // The table's own copy goes, so that the change is made in place.
    state.inodes[directory].kind = .directory(Directory())
    change(&entries)
    state.inodes[directory].kind = .directory(entries)
    state.inodes[directory].modified = now
    state.inodes[directory].changed = now
  }

  /// Takes a whole tree apart, for a file system that is no longer mounted.
  func dropTree(_ el1: EL1Interface, _ root: InodeID) {
    var rest = [root]
    while let inode = rest.popLast() {
      if case .directory(let directory) = state.inodes[inode].kind {
        rest += directory.inodes
        state.inodes[inode].kind = .directory(Directory())
        state.inodes[inode].links = 0
      } else {
        state.inodes[inode].links -= 1
      }
      // A directory stays for as long as what lay in it holds it as its place.
      dropUnused(el1, inode)
    }
  }
}
