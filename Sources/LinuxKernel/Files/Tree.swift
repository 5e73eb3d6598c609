// Owns changes of the tree in memory: new files, and names that are added, removed and moved. It does not know paths or system calls.
// Linux: mm/shmem.c, fs/ramfs/inode.c, fs/libfs.c simple_link(), simple_unlink(), simple_rename().
import Architecture
import LinuxMM

extension Files {
  /// Throws ENOSPC if there are already as many files as a tmpfs may have, or as the options of a file system allow. Linux:
  /// shmem_default_max_inodes(), shmem_reserve_inode(), hugetlbfs_dec_free_inodes().
  func checkInodes(_ place: Path) throws(Errno) {
    if state.inodes.count >= Int(mm.state.frames.managed) / 2 { throw .ENOSPC }
    if let superblock = state.superblock(of: place), let limit = superblock.inodeLimit, inodeCount(superblock.device) >= limit {
      throw .ENOSPC
    }
  }

  /// Makes an inode without a name.
  func makeInode(_ kind: Inode.Kind, permissions: UInt32, device: DeviceNumber) -> InodeID {
    let number = state.nextNumber(device)
    let inode = Inode(kind, permissions: permissions, number: number, device: device, now: now)
    if inode.takesPage { chargeLink(device, 1) }
    return state.inodes.insert(inode)
  }

  /// Counts the page of a symbolic link that is too long for its inode against the size of its file system.
  func chargeLink(_ device: DeviceNumber, _ pages: Int) {
    guard let id = state.superblocks.firstID(where: { $0.device == device }) else { return }
    mm.chargeQuota(state.superblocks[id].quota, pages)
  }

  /// Makes an inode for contents, and tells the contents the inode's number.
  func makeRegularInode(_ contents: FileID, permissions: UInt32, device: DeviceNumber) -> InodeID {
    let inode = makeInode(.regular(contents), permissions: permissions, device: device)
    mm.numberFile(contents, device: (device.major, device.minor), inode: state.inodes[inode].number)
    return inode
  }

  /// Makes an empty regular file without a name.
  func makeRegularFile(_ el1: EL1Interface, name: [UInt8], permissions: UInt32, mount: MountID) -> InodeID {
    let superblock = state.superblock(of: state.mounts[mount])
    let contents: FileID
    switch superblock.kind {
    case .hugetlbfs: contents = mm.createHugetlbFile(name: name, pageSize: superblock.pageSize, quota: superblock.quota)
    // The pages of a ramfs count as pages of files, not of shared memory. The host has no file behind them.
    case .ramfs: contents = mm.createFile(.host(-1), name: name, size: 0)
    default: contents = mm.createFile(.shmem, name: name, size: 0, quota: superblock.quota)
    }
    return makeRegularInode(contents, permissions: permissions, device: superblock.device)
  }

  /// Puts a new inode into a directory under a free name.
  func insert(_ inode: InodeID, into directory: InodeID, as name: [UInt8]) {
    setPlace(inode, directory, name)
    changeEntries(directory) { $0.insert(name, inode) }
    if state.inodes[inode].isDirectory { state.inodes[directory].links += 1 }
  }

  /// Adds a name for an existing file. Linux: simple_link().
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

  /// Removes a name, and frees the inode if it has neither names nor users left. Linux: simple_unlink(), simple_rmdir().
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

  /// Moves a name. An existing name at the new place is replaced. Linux: simple_rename().
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

  /// Exchanges the inodes of two names. Linux: simple_rename_exchange().
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

  /// Sets the place from which a file's path is printed. The file holds a reference to its directory there.
  func setPlace(_ inode: InodeID, _ directory: InodeID, _ name: [UInt8]) {
    state.inodes[directory].references += 1
    let old = state.inodes[inode].parent
    state.inodes[inode].parent = directory
    state.inodes[inode].name = name
    // The directory of an earlier name may have been removed since.
    if let old { releaseDirectory(old) }
  }

  /// Tells the contents their inode, because /proc/PID/maps prints the name that a mapped file has at that moment.
  func noteName(_ inode: InodeID, mount: MountID) {
    guard let contents = state.inodes[inode].contents else { return }
    mm.placeFile(contents, FilePlace(mount: mount.rawValue, inode: inode.rawValue))
  }

  /// Keeps the name of a file that is only mapped and loses its inode. If the name is longer than a path may be, only its end is kept.
  func keepName(_ contents: FileID) {
    guard let place = mm.state.files[contents].place else { return }
    let path = Path(mount: MountID(rawValue: place.mount), node: .inode(InodeID(rawValue: place.inode)))
    mm.nameFile(contents, mm.state.files[contents].mappings > 0 ? Array(name(of: path).suffix(4096)) : [])
  }

  private func changeEntries(_ directory: InodeID, _ change: (inout Directory) -> Void) {
    guard case .directory(var entries) = state.inodes[directory].kind else { preconditionFailure("no directory") }
    // The table must not hold a second copy, so that the change is made in place.
    state.inodes[directory].kind = .directory(Directory())
    change(&entries)
    state.inodes[directory].kind = .directory(entries)
    state.inodes[directory].modified = now
    state.inodes[directory].changed = now
  }

  /// Frees the whole tree of a file system that is no longer mounted.
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
      // A directory is freed only when no file that lay in it holds a reference to it.
      dropUnused(el1, inode)
    }
  }
}
