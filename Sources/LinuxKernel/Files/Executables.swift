// Owns how an execve finds its program among the files.
// It does not know what becomes of the bytes. Linux: fs/exec.c do_open_execat().
import Architecture
import LinuxMM

extension Kernel {
  /// A program's bytes, the file that has them, and what /proc/self/exe will lead to. Throws as the walk does, EACCES for what is no
  /// regular file or may not be executed.
  func readExecutable(_ el1: EL1Interface, path: [UInt8]) throws(Errno) -> (bytes: [UInt8], file: FileID, link: [UInt8]) {
    let place = try find(el1, Self.currentDirectory, path, followsLast: true)
    guard case .inode(let id) = place.node, let contents = state.files.inodes[id].contents,
      state.files.inodes[id].permissions & 0o111 != 0
    else { throw .EACCES }
    let size = mm.state.files[contents].size
    if size > Self.largestExecutable { throw .ENOMEM }
    var bytes = [UInt8](repeating: 0, count: Int(size))
    let count = try readContents(el1, contents, 0, &bytes)
    return (Array(bytes[..<count]), contents, name(of: place))
  }

  /// 1 GiB, as for the first program.
  private static var largestExecutable: UInt64 { 1 << 30 }
}
