// Owns the bytes at the top of a new program's stack: argc, argv, envp, the auxiliary vector and their strings.
// It does not know how the bytes get into guest memory. Linux: fs/binfmt_elf.c create_elf_tables().
import Architecture
import ELFFormat
import LinuxMM

struct InitialStack {
  /// The stack pointer at the entry point, 16-byte aligned.
  let pointer: UInt64
  /// The bytes from there up to the top of the stack.
  let bytes: [UInt8]
  /// The words of the auxiliary vector, and the user addresses of the environment's strings.
  let auxiliary: [UInt64]
  let environment: StringArea

  private enum Auxiliary {
    static let NULL: UInt64 = 0, SYSINFO_EHDR: UInt64 = 33, PHDR: UInt64 = 3, PHENT: UInt64 = 4, PHNUM: UInt64 = 5, PAGESZ: UInt64 = 6
    static let BASE: UInt64 = 7, FLAGS: UInt64 = 8, ENTRY: UInt64 = 9, UID: UInt64 = 11, EUID: UInt64 = 12
    static let GID: UInt64 = 13, EGID: UInt64 = 14, PLATFORM: UInt64 = 15, HWCAP: UInt64 = 16, CLKTCK: UInt64 = 17
    static let SECURE: UInt64 = 23, RANDOM: UInt64 = 25, HWCAP2: UInt64 = 26, HWCAP3: UInt64 = 29, EXECFN: UInt64 = 31
    static let RSEQ_FEATURE_SIZE: UInt64 = 27, RSEQ_ALIGN: UInt64 = 28, MINSIGSTKSZ: UInt64 = 51
  }

  init(
    elf: ELFFile, bias: UInt64, call: ProgramCall, features: ProcessorFeatures, profile: KernelProfile, random: [UInt8], vdso: UInt64
  ) {
    // Strings from the top down: eight zero bytes, the path, the environment, the arguments.
    let top = Layout48.stackTop
    var strings: [UInt8] = [UInt8](repeating: 0, count: 8)
    func prepend(_ bytes: [UInt8]) -> UInt64 {
      strings = bytes + strings
      return top - UInt64(strings.count)
    }
    let pathAddress = prepend(call.path + [0])
    var environmentAddresses: [UInt64] = []
    let environmentBytes = call.environment.map { $0 + [0] }
    let environmentBase = prepend(environmentBytes.flatMap { $0 })
    environment = StringArea(start: environmentBase, end: environmentBase + UInt64(environmentBytes.reduce(0) { $0 + $1.count }))
    var at = environmentBase
    for bytes in environmentBytes {
      environmentAddresses.append(at)
      at += UInt64(bytes.count)
    }
    let argumentBytes = call.arguments.map { $0 + [0] }
    var argumentAddresses: [UInt64] = []
    at = prepend(argumentBytes.flatMap { $0 })
    for bytes in argumentBytes {
      argumentAddresses.append(at)
      at += UInt64(bytes.count)
    }
    let platformAddress = prepend(Array("aarch64".utf8) + [0])
    let randomAddress = prepend(random)

    let table = UInt64(elf.header.table.lowerBound)
    let headers = elf.segments.first { $0.offset <= table && table < $0.offset + $0.fileSize }
    let headerAddress = headers.map { $0.address &+ (table - $0.offset) &+ bias } ?? 0
    let thirdCapabilities: [(UInt64, UInt64)] = profile.hasThirdCapabilities ? [(Auxiliary.HWCAP3, 0 as UInt64)] : []
    let hardware: [(UInt64, UInt64)] = [
      (Auxiliary.SYSINFO_EHDR, vdso), (Auxiliary.MINSIGSTKSZ, UInt64(SignalFrame.size + 16)),
      (Auxiliary.HWCAP, HardwareCapabilities.hwcap(features)), (Auxiliary.PAGESZ, 4096), (Auxiliary.CLKTCK, 100),
      (Auxiliary.PHDR, headerAddress), (Auxiliary.PHENT, 56), (Auxiliary.PHNUM, UInt64(elf.programHeaders.count)),
      (Auxiliary.BASE, 0), (Auxiliary.FLAGS, 0), (Auxiliary.ENTRY, elf.entry &+ bias), (Auxiliary.UID, 0), (Auxiliary.EUID, 0),
      (Auxiliary.GID, 0), (Auxiliary.EGID, 0), (Auxiliary.SECURE, 0), (Auxiliary.RANDOM, randomAddress),
      (Auxiliary.HWCAP2, HardwareCapabilities.hwcap2(features)),
    ]
    let rseq: (size: UInt64, alignment: UInt64) = profile.extendsRseq ? (33, 64) : (28, 32)
    let names: [(UInt64, UInt64)] = [
      (Auxiliary.EXECFN, pathAddress), (Auxiliary.PLATFORM, platformAddress),
      (Auxiliary.RSEQ_FEATURE_SIZE, rseq.size), (Auxiliary.RSEQ_ALIGN, rseq.alignment), (Auxiliary.NULL, 0),
    ]
    var words: [UInt64] = [UInt64(argumentAddresses.count)] + argumentAddresses + [0] + environmentAddresses + [0]
    auxiliary = (hardware + thirdCapabilities + names).flatMap { [$0.0, $0.1] }
    words += auxiliary
    let stringsStart = top - UInt64(strings.count)
    pointer = (stringsStart - UInt64(words.count * 8)) & ~15
    let gap = Int(stringsStart - pointer) - words.count * 8
    bytes = words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } } + [UInt8](repeating: 0, count: gap) + strings
  }
}
