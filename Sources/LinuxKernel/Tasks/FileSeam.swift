// Owns what tasks ask of files: descriptor tables and working directories that they share or copy, and programs to execute.
// It does not know tasks. For now every process has the same three descriptors, and no program can be read.
import Architecture
import LinuxMM

/// A descriptor table. Linux: struct files_struct.
struct FilesID: RawRepresentable, Hashable, Sendable {
  var rawValue: Int
  init(rawValue: Int) { self.rawValue = rawValue }
  init(_ rawValue: Int) { self.rawValue = rawValue }
}

/// A working directory and umask. Linux: struct fs_struct.
struct FSID: RawRepresentable, Hashable, Sendable {
  var rawValue: Int
  init(rawValue: Int) { self.rawValue = rawValue }
  init(_ rawValue: Int) { self.rawValue = rawValue }
}

extension Kernel {
  /// A copy of a table, for a child without CLONE_FILES. Linux: dup_fd().
  func copyFiles(_ files: FilesID) throws(Errno) -> FilesID { files }
  /// One more user of a table.
  func shareFiles(_ files: FilesID) -> FilesID { files }
  /// A user less; the last one's end closes everything. Linux: exit_files().
  func releaseFiles(_ el1: EL1Interface, _ files: FilesID) {}
  /// The running task's table becomes its own, and descriptors marked so are closed. Linux: unshare_files(), do_close_on_exec().
  func closeOnExec(_ el1: EL1Interface) throws(Errno) {}

  func copyFS(_ fs: FSID) -> FSID { fs }
  func shareFS(_ fs: FSID) -> FSID { fs }
  func releaseFS(_ fs: FSID) {}

  /// A program's bytes, and what /proc/self/exe will lead to. ENOENT, EACCES where it is not executable, ENOTDIR...
  func readExecutable(_ el1: EL1Interface, path: String) throws(Errno) -> (bytes: [UInt8], link: String) { throw .ENOENT }
}
