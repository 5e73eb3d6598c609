// Owns the way in which directories of the host become part of the tree: each is read once, when it is first looked at. It does not know
// how the host is asked: `HostFiles` does. No file on the host is ever changed.
import Architecture
import LinuxMM

/// The files of the host that a program may see. They are outside the kernel's state, because the outside world cannot be restored.
public protocol HostFiles: AnyObject, PageSource {
  /// The entries of a directory, sorted by name; nil if it cannot be read. The directory is given by the names from the root on, none of
  /// which may be a symbolic link. Only directories, regular files and symbolic links are listed.
  func list(_ directory: [[UInt8]]) -> [HostEntry]?
}

/// An entry of a directory of the host.
public struct HostEntry: Sendable {
  public enum Kind: Sendable {
    case directory, link([UInt8])
    /// A regular file: the handle by which the page cache asks for its bytes, and its size in bytes.
    case regular(handle: Int32, size: UInt64)
  }
  public var name: [UInt8]
  public var kind: Kind
  /// Permission bits, 07777.
  public var permissions: UInt32
  /// The time of the last change, in nanoseconds since 1970.
  public var modified: UInt64
  public init(name: [UInt8], kind: Kind, permissions: UInt32, modified: UInt64) {
    self.name = name
    self.kind = kind
    self.permissions = permissions
    self.modified = modified
  }
}

extension Files {
  /// Copies the entries of the host's directory into the tree when a program first looks into it. From then on it is a directory in memory,
  /// in which names can be added and removed as in any other.
  func loadHostDirectory(_ id: InodeID) {
    guard case .directory(let directory) = state.inodes[id].kind, let path = directory.hostPath else { return }
    guard case .directory(var loaded) = state.inodes[id].kind else { return }
    loaded.hostPath = nil
    state.inodes[id].kind = .directory(loaded)
    let times = (state.inodes[id].modified, state.inodes[id].changed)
    let entries = hostFiles?.list(path) ?? []
    precondition(zip(entries, entries.dropFirst()).allSatisfy { $0.name.lexicographicallyPrecedes($1.name) }, "a directory by name")
    let device = state.inodes[id].device
    for entry in entries where loaded[entry.name] == nil {
      let kind: Inode.Kind
      switch entry.kind {
      case .directory:
        var below = Directory()
        below.hostPath = path + [entry.name]
        kind = .directory(below)
      case .link(let text): kind = .link(text)
      case .regular(let handle, let size):
        kind = .regular(mm.createFile(.host(handle), name: [], size: size))
      }
      let inode: InodeID
      if case .regular(let contents) = kind {
        inode = makeRegularInode(contents, permissions: entry.permissions, device: device)
      } else {
        inode = makeInode(kind, permissions: entry.permissions, device: device)
      }
      state.inodes[inode].modified = entry.modified
      state.inodes[inode].changed = entry.modified
      insert(inode, into: id, as: entry.name)
      noteName(inode, mount: .root)
    }
    (state.inodes[id].modified, state.inodes[id].changed) = times
  }

  /// Puts a file of the host at an absolute path of the tree, and makes the directories above it. Returns the file's contents and true. If
  /// the path exists already, it stays as it is, and the result is its contents and false. Nil if the path is not a regular file, or if a
  /// name above it is not a directory.
  func addHostFile(_ path: String, handle: Int32, size: UInt64) -> (contents: FileID, isNew: Bool)? {
    var place = topDirectory
    var names = path.utf8.split(separator: slash).map { Array($0) }
    guard let last = names.popLast() else { return nil }
    for name in names {
      guard let (directory, entries) = entriesForNew(place) else { return nil }
      if let below = entries[name] {
        place = crossMounts(Path(mount: place.mount, node: .inode(below)))
      } else {
        let below = makeInode(.directory(Directory()), permissions: 0o755, device: state.superblock(of: state.mounts[place.mount]).device)
        insert(below, into: directory, as: name)
        place = Path(mount: place.mount, node: .inode(below))
      }
    }
    guard let (directory, entries) = entriesForNew(place) else { return nil }
    if let known = entries[last] {
      guard let contents = state.inodes[known].contents else { return nil }
      return (contents, false)
    }
    let contents = mm.createFile(.host(handle), name: Array(path.utf8), size: size)
    let inode = makeRegularInode(contents, permissions: 0o755, device: state.superblock(of: state.mounts[place.mount]).device)
    insert(inode, into: directory, as: last)
    return (contents, true)
  }

  private func entriesForNew(_ place: Path) -> (InodeID, Directory)? {
    guard case .inode(let id) = place.node else { return nil }
    loadHostDirectory(id)
    guard case .directory(let entries) = state.inodes[id].kind else { return nil }
    return (id, entries)
  }
}
