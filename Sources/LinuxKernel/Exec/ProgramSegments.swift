// Owns the mapping of a program's file: its segments as private mappings, and the zeroes behind them. It does not know the checks of ELF,
// or where the file is. Linux: fs/binfmt_elf.c elf_load().
import Architecture
import ELFFormat
import LinuxMM

extension Programs {
  /// The first program's file, with a reference added. It is the file at `link` if that has these bytes, and otherwise a file without a
  /// name in the tree.
  func programContents(_ el1: EL1Interface, _ bytes: [UInt8], _ link: String, _ handle: Int32) -> FileID {
    let size = UInt64(bytes.count)
    if let file = files.addHostFile(link, handle: handle, size: size), file.isNew || contains(el1, file.contents, bytes) {
      mm.retainFile(file.contents)
      return file.contents
    }
    return mm.createFile(.host(handle), name: Array(link.utf8), size: size)
  }

  /// Whether a file consists of exactly these bytes.
  private func contains(_ el1: EL1Interface, _ id: FileID, _ bytes: [UInt8]) -> Bool {
    if mm.state.files[id].size != UInt64(bytes.count) { return false }
    for start in stride(from: 0, to: bytes.count, by: 1 << 16) {
      let end = min(start + 1 << 16, bytes.count)
      guard let piece = try? mm.readFile(el1, id, offset: UInt64(start), count: end - start) else { return false }
      if piece != Array(bytes[start..<end]) { return false }
    }
    return true
  }

  /// Maps one PT_LOAD segment: a private mapping of the file's pages, which are in RAM as if the program had just been read. The zeroes
  /// behind the segment's last byte are in its last page and in anonymous memory.
  func map(
    _ el1: EL1Interface, _ space: MMID, _ task: TaskID, _ file: FileID, _ segment: ELFFile.ProgramHeader, _ bias: UInt64,
    hasLandingPads: Bool
  ) throws(Errno) {
    var flags: VMFlags = []
    if segment.isReadable { flags.insert(.READ) }
    if segment.isWritable { flags.insert(.WRITE) }
    if segment.isExecutable { flags.insert(.EXEC) }
    // Linux: arch_elf_adjust_prot().
    if segment.isExecutable && hasLandingPads { flags.insert(.BTI) }
    let start = (segment.address &+ bias) & ~0xfff
    let fileEnd = segment.address &+ bias &+ segment.fileSize
    let end = (segment.end &+ bias &+ 0xfff) & ~0xfff
    if end > Layout48.taskSize { throw .ENOMEM }
    var zeroes = start
    if segment.fileSize > 0 {
      zeroes = (fileEnd &+ 0xfff) & ~0xfff
      try mm.cacheFile(el1, file, offset: segment.offset, length: segment.fileSize)
      try mm.mapFixed(
        el1, space, start: start, end: zeroes, flags: flags, purpose: .program, file: (file, segment.offset >> 12))
      if segment.memorySize > segment.fileSize && segment.isWritable {
        // The program must not see the bytes that the file has behind the segment. Linux: padzero().
        try mm.pokeUser(el1, space, task: task, address: fileEnd, [UInt8](repeating: 0, count: Int(zeroes - fileEnd)))
      }
    }
    if zeroes < end {
      let flags: VMFlags = segment.isExecutable ? [.READ, .WRITE, .EXEC] : [.READ, .WRITE]
      try mm.mapFixed(el1, space, start: zeroes, end: end, flags: flags, purpose: .anonymous)
    }
  }
}
