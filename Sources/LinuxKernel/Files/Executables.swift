// Owns the two steps in which an execve finds its program among the files and reads the headers that say how to load it. It does not know
// how the program is loaded. Linux: fs/exec.c do_open_execat(), fs/binfmt_elf.c load_elf_phdrs().
import Architecture
import ELFFormat
import LinuxMM

/// The file that execve or execveat names.
struct ExecutedFile {
  var directory = Files.currentDirectory
  /// Empty for the file that `directory` itself names.
  var path: [UInt8]
  var followsLast = true

  /// The name that the program is given. Linux: alloc_bprm().
  var name: [UInt8] {
    if directory == Files.currentDirectory || path.first == slash { return path }
    return Array("/dev/fd/\(directory)".utf8) + (path.isEmpty ? [] : [slash] + path)
  }
}

extension Files {
  /// Finds the file of a program, and the path that /proc/self/exe will lead to. Throws the errors of the path walk, ELOOP for a symbolic
  /// link that is not followed, and EACCES if the file is not a regular file or may not be executed. Linux: do_open_execat().
  func openExecutable(_ el1: EL1Interface, _ executed: ExecutedFile) throws(Errno) -> (file: FileID, link: [UInt8]) {
    let place = try place(of: executed, el1)
    if case .inode(let id) = place.node, case .link = state.inodes[id].kind { throw .ELOOP }
    guard case .inode(let id) = place.node, let contents = state.inodes[id].contents,
      state.inodes[id].permissions & 0o111 != 0, allowsExecution(place)
    else { throw .EACCES }
    return (contents, name(of: place))
  }

  private func place(of executed: ExecutedFile, _ el1: EL1Interface) throws(Errno) -> Path {
    if !executed.path.isEmpty { return try find(el1, executed.directory, executed.path, followsLast: executed.followsLast) }
    if executed.directory == Self.currentDirectory { throw .EACCES }
    return state.open[try openFile(executed.directory, allowsPath: true)].path
  }
}

extension Programs {
  /// Reads a program's headers. It reads no other part of the file, which may be large. Throws ENOEXEC if the file is not a static program.
  func readProgramHeaders(_ el1: EL1Interface, _ file: FileID) throws(Errno) -> ELFFile {
    let size = Int(clamping: mm.state.files[file].size)
    let first = try readPiece(el1, file, 0..<min(ELFHeader.size, size))
    let header: ELFHeader
    do { header = try ELFHeader(first, fileSize: size) } catch { throw .ENOEXEC }
    let table = try readPiece(el1, file, header.table)
    do { return try ELFFile(header, table: table, fileSize: size) } catch { throw .ENOEXEC }
  }

  /// Reads a range of a file that must lie within the file. Throws EIO if the file has become shorter meanwhile.
  func readPiece(_ el1: EL1Interface, _ file: FileID, _ range: Range<Int>) throws(Errno) -> [UInt8] {
    let bytes = try mm.readFile(el1, file, offset: UInt64(range.lowerBound), count: range.count)
    if bytes.count < range.count { throw .EIO }
    return bytes
  }
}
