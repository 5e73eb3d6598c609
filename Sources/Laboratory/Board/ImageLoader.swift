// Owns copying an image into RAM: an ELF file by its physical addresses, any other file unchanged, and the device tree beside it.
// It does not know what the image does.
import Architecture
import ELFFormat
import Machine

/// An image in RAM, and the state in which it starts.
struct LoadedImage {
  let entry: UInt64
  /// X0 at the start: the device tree's address for a raw image, 0 for an ELF file.
  let x0: UInt64

  /// Copies an image. It throws one clear sentence if the image does not fit into RAM.
  init(_ bytes: [UInt8], deviceTree: [UInt8], into memory: PhysicalMemory) throws(ImageError) {
    if bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) {
      let elf: ELFFile
      do { elf = try ELFFile(bytes, as: .image) } catch { throw .file("\(error)") }
      for segment in elf.segments { try Self.copy(bytes, segment, into: memory) }
      guard let first = elf.segments.first(where: { elf.entry >= $0.address && elf.entry &- $0.address < $0.memorySize }) else {
        throw .file("its entry point lies in no segment")
      }
      entry = first.physicalAddress &+ (elf.entry &- first.address)
      x0 = 0
      // The device tree is at the start of RAM, if the image leaves room for one.
      let room = elf.segments.map(\.physicalAddress).min() ?? memory.base
      if room - memory.base >= UInt64(deviceTree.count) { _ = memory.write(memory.base, deviceTree) }
    } else {
      if bytes.isEmpty { throw .file("it is empty") }
      guard memory.write(VirtBoard.rawImage, bytes) else { throw .room("the image", bytes.count, VirtBoard.rawImage) }
      guard memory.write(memory.base, deviceTree) else { throw .room("the device tree", deviceTree.count, memory.base) }
      entry = VirtBoard.rawImage
      x0 = memory.base
    }
  }

  private static func copy(_ bytes: [UInt8], _ segment: ELFFile.ProgramHeader, into memory: PhysicalMemory) throws(ImageError) {
    let address = segment.physicalAddress
    let inRAM = address >= memory.base && address - memory.base < memory.size
    // Zeroes behind the file's bytes need no store, because RAM is zero already.
    guard inRAM, segment.memorySize <= memory.size - (address - memory.base),
      memory.write(address, Array(bytes[Int(segment.offset)..<Int(segment.offset + segment.fileSize)]))
    else { throw .room("a segment", Int(clamping: segment.memorySize), address) }
  }
}

/// Why an image cannot be loaded.
enum ImageError: Error, CustomStringConvertible {
  case file(String)
  case room(String, Int, UInt64)

  var description: String {
    switch self {
    case .file(let reason): reason
    case .room(let what, let size, let address):
      "\(what) of \(size) bytes at \(hexadecimal(address)) does not fit into RAM, which begins at "
        + "\(hexadecimal(VirtBoard.ram.base)); give more with --memory, or link it elsewhere"
    }
  }
}
