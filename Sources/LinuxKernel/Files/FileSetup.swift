// Owns the files that exist when a program starts: the three streams, the root, /dev, /proc, /sys and /tmp. It does not know the program.
// Linux: init/do_mounts.c, drivers/base/devtmpfs.c.
import Architecture
import LinuxMM

extension FileState {
  var rootDirectory: InodeID {
    guard case .inode(let id) = mounts[.root].root else { preconditionFailure("the root is a directory in memory") }
    return id
  }
}

extension Files {
  /// Makes the tree, and the descriptors and the working directory of the first task.
  func setUpFiles(_ el1: EL1Interface) -> (files: FilesID, context: FSID) {
    var rootDirectory = Directory()
    if hostFiles != nil { rootDirectory.hostPath = [] }
    let root = makeInode(.directory(rootDirectory), permissions: 0o755, device: .root)
    let superblock = state.superblocks.insert(Superblock(kind: .ramfs, device: .root, flags: []))
    let mounted = addMount(Mount(point: nil, root: .inode(root), superblock: superblock, source: Array("none".utf8), flags: []))
    precondition(mounted == .root, "the root is mounted first")
    state.inodes[root].references += 1
    for (name, kind) in [("dev", FileSystemKind.devtmpfs), ("proc", .proc), ("sys", .sysfs), ("tmp", .tmpfs)] {
      mount(kind, source: Array(kind.rawValue.utf8), on: mountPoint(root, Array(name.utf8)))
    }
    var table = DescriptorTable()
    for descriptor in 0..<3 as Range<Int32> {
      let inode = makeInode(.device(.stream(descriptor)), permissions: 0o620, device: .pipes)
      state.inodes[inode].links = 0
      let file = openDescription(
        Path(mount: .none, node: .inode(inode)), flags: (descriptor == 0 ? 0 : OpenFlags.WRONLY) | OpenFlags.LARGEFILE)
      table[descriptor] = DescriptorTable.Slot(file: file)
    }
    state.descriptorSlots = table.slots.count
    let top = topDirectory
    retain(top)
    retain(top)
    return (
      state.tables.insert(table), state.contexts.insert(FileSystemContext(root: top, workingDirectory: top))
    )
  }

  /// Makes an empty descriptor table, and a working directory, for a task without a program.
  func setUpNoFiles() -> (files: FilesID, context: FSID) {
    let top = topDirectory
    retain(top)
    retain(top)
    return (state.tables.insert(DescriptorTable()), state.contexts.insert(FileSystemContext(root: top, workingDirectory: top)))
  }

  /// A directory of the root on which a file system can be mounted. It is the host's directory if the host has one of this name.
  private func mountPoint(_ root: InodeID, _ name: [UInt8]) -> Path {
    loadHostDirectory(root)
    guard case .directory(let entries) = state.inodes[root].kind else { preconditionFailure("the root is a directory") }
    if let known = entries[name], state.inodes[known].isDirectory { return Path(mount: .root, node: .inode(known)) }
    let directory = makeInode(.directory(Directory()), permissions: 0o755, device: .root)
    if entries[name] == nil { insert(directory, into: root, as: name) }
    return Path(mount: .root, node: .inode(directory))
  }

  /// Fills a new devtmpfs.
  func addDevices(_ directory: InodeID) {
    let device = state.inodes[directory].device
    for special in CharacterDevice.inDev {
      let inode = makeInode(.device(special), permissions: 0o666, device: device)
      insert(inode, into: directory, as: Array(special.text.utf8.dropFirst(5)))
    }
    for (name, text) in [
      ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2"),
    ] {
      insert(makeInode(.link(Array(text.utf8)), permissions: 0o777, device: device), into: directory, as: Array(name.utf8))
    }
    insert(makeInode(.directory(Directory()), permissions: 0o1777, device: device), into: directory, as: Array("shm".utf8))
  }
}
