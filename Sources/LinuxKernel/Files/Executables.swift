// Owns how an execve finds its program among the files, and reads of it what says how to load it.
// It does not know what becomes of that. Linux: fs/exec.c do_open_execat(), fs/binfmt_elf.c load_elf_phdrs().
import Architecture
import ELFFormat
import LinuxMM

extension Files {
  /// The file that is a program, and what /proc/self/exe will lead to. Throws as the walk does, EACCES for what is no regular file
  /// or may not be executed.
  func openExecutable(_ el1: EL1Interface, path: [UInt8]) throws(Errno) -> (file: FileID, link: [UInt8]) {
    let place = try find(el1, Self.currentDirectory, path, followsLast: true)
    guard case .inode(let id) = place.node, let contents = state.inodes[id].contents,
      state.inodes[id].permissions & 0o111 != 0
    else { throw .EACCES }
    return (contents, name(of: place))
  }
}

extension Programs {
  /// A program's headers: of the file nothing else is read, however large it is. Throws ENOEXEC for what is no static program's.
  func readProgramHeaders(_ el1: EL1Interface, _ file: FileID) throws(Errno) -> ELFFile {
    let size = Int(clamping: mm.state.files[file].size)
    let first = try readPiece(el1, file, 0..<min(ELFHeader.size, size))
    let header: ELFHeader
    do { header = try ELFHeader(first, fileSize: size) } catch { throw .ENOEXEC }
    let table = try readPiece(el1, file, header.table)
    do { return try ELFFile(header, table: table, fileSize: size) } catch { throw .ENOEXEC }
  }

  /// Bytes of a file that lie in it. Throws EIO where the file has become shorter than it was said to be.
  func readPiece(_ el1: EL1Interface, _ file: FileID, _ range: Range<Int>) throws(Errno) -> [UInt8] {
    let bytes = try mm.readFile(el1, file, offset: UInt64(range.lowerBound), count: range.count)
    if bytes.count < range.count { throw .EIO }
    return bytes
  }
}
