// Owns the two steps in which an execve finds its program among the files and reads the headers that say how to load it. It does not know
// how the program is loaded. Linux: fs/exec.c do_open_execat(), fs/binfmt_elf.c load_elf_phdrs().
import Architecture
import ELFFormat
import LinuxMM

extension Files {
  /// Finds the file of a program, and the path that /proc/self/exe will lead to. Throws the errors of the path walk, and EACCES if the file
  /// is not a regular file or may not be executed.
  func openExecutable(_ el1: EL1Interface, path: [UInt8]) throws(Errno) -> (file: FileID, link: [UInt8]) {
    let place = try find(el1, Self.currentDirectory, path, followsLast: true)
    guard case .inode(let id) = place.node, let contents = state.inodes[id].contents,
      state.inodes[id].permissions & 0o111 != 0, allowsExecution(place)
    else { throw .EACCES }
    return (contents, name(of: place))
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
