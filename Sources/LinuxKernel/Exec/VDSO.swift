// Owns the vDSO as the kernel makes it: its image for one kernel, the pages of data in front of it, and its place in an address space.
// It does not know the code: firmware/vdso has the source, VDSOImage its bytes. Linux: arch/arm64/kernel/vdso.c, lib/vdso/datastore.c.
import ELFFormat
import LinuxMM

/// The pages that each program maps, and what the kernel must know of them.
struct VDSO: Sendable {
  let image: FileID
  let data: FileID
  /// The offset of the code to which a signal handler returns if the program named none. Linux: vdso_offset_sigtramp.
  let signalReturn: UInt64

  /// [vdso] has two pages in all modelled kernels.
  static let imagePages = 2

  /// The image for a kernel, in whole pages. Its notes hold the kernel's version, and the number of pages of data.
  static func image(_ profile: KernelProfile) -> (bytes: [UInt8], signalReturn: UInt64) {
    var bytes = VDSOImage.words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    precondition(bytes.count <= imagePages << 12, "the image fits into its mapping")
    guard let elf = try? ELFFile(bytes) else { preconditionFailure("the image is an ELF file") }
    bytes += [UInt8](repeating: 0, count: imagePages << 12 - bytes.count)
    var signalReturn: UInt64?
    for header in elf.programHeaders where header.type == 4 {
      var at = Int(header.offset)
      while at < Int(header.offset + header.fileSize) {
        let (nameSize, size) = (Int(bytes.word32(at)), Int(bytes.word32(at + 4)))
        let name = bytes[at + 12..<at + 12 + nameSize - 1]
        let content = at + 12 + (nameSize + 3) & ~3
        if name.elementsEqual("Linux".utf8) {
          bytes.store(versionCode(profile.release), at: content)
        } else if name.elementsEqual("Faultline".utf8) {
          bytes.store(UInt32(dataPages(profile)), at: content)
          signalReturn = UInt64(content + 4) &+ UInt64(bitPattern: Int64(Int32(bitPattern: bytes.word32(content + 4))))
        }
        at = content + (size + 3) & ~3
      }
    }
    guard let signalReturn else { preconditionFailure("the image has a note with the place of its signal return") }
    return (bytes, signalReturn)
  }

  /// LINUX_VERSION_CODE of a release such as 6.12.117.
  static func versionCode(_ release: String) -> UInt32 {
    let parts = release.prefix { $0.isNumber || $0 == "." }.split(separator: ".").map { UInt32($0) ?? 0 }
    return parts[0] << 16 | parts[1] << 8 | min(parts[2], 255)
  }

  static func dataPages(_ profile: KernelProfile) -> Int { profile.hasVDSODataStore ? 4 : 2 }

  /// The pages of data; one that is nil is not there. The last page but one is also the first if there are two. The layout of a page is
  /// that of firmware/vdso/vdso.h.
  static func data(_ profile: KernelProfile) -> [[UInt8]?] {
    var time = [UInt8](repeating: 0, count: 4096)
    // The nanoseconds of a count of CNTVCT_EL0; CLOCK_REALTIME minus CLOCK_MONOTONIC; the time between two ticks.
    time.store(1 as UInt64, at: 0)
    time.store(0 as UInt64, at: 8)
    time.store(ClockNumber.tick, at: 16)
    var random = profile.hasVDSODataStore ? [UInt8](repeating: 0, count: 4096) : time
    // The generation of the kernel's randomness.
    random.store(1 as UInt64, at: 256)
    if !profile.hasVDSODataStore { return [random, nil] }
    let unused: [UInt8]? = profile.backsUnusedVDSOData ? [] : nil
    return [time, unused, random, unused]
  }

  /// VM_* of the data's mapping, without DONTEXPAND.
  static func dataFlags(_ profile: KernelProfile) -> VMFlags {
    if !profile.hasVDSODataStore { return [.READ, .MAYREAD, .PFNMAP] }
    return profile.marksVDSODataAsIO ? [.READ, .MAYREAD, .DONTDUMP, .MIXEDMAP, .IO] : [.READ, .MAYREAD, .DONTDUMP, .MIXEDMAP]
  }
}
