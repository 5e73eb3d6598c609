// Owns where an image's names, lines and stacks are found: at the addresses at which it was linked, and at those at which it was loaded.
// It does not know what is read from them.
import ELFFormat
import Symbols

extension BoardSession {
  /// The image at its virtual addresses. Until it turns its MMU on, it runs at its physical addresses: it is a second module there, one for
  /// each distance. A raw image has no names.
  func loadedModules() -> [LoadedModule] {
    guard let elf = try? ELFFile(imageFile.bytes, as: .image) else { return [] }
    var biases: [UInt64] = [0]
    for segment in elf.segments {
      let bias = segment.physicalAddress &- segment.address
      if !biases.contains(bias) { biases.append(bias) }
    }
    let path = imageFile.path.isEmpty ? nil : HostFile.absolute(imageFile.path)
    return biases.map { LoadedModule(name: imageFile.path, path: path, bytes: imageFile.bytes, bias: $0) }
  }
}
