// Owns one run of a built-in guest program: its file, its registers, and its processor time between instruction counts.
// It does not know what a program measures.
import Architecture
import Laboratory
import LinuxKernel

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A built-in program that is about to run.
struct GuestRun {
  let session: Session
  private static let codeAddress: UInt64 = 0x40_0000

  init(_ label: String, _ configuration: SessionConfiguration, registers: [Int: UInt64]) throws {
    session = try Session(configuration, host: MemoryIO())
    try session.load(bytes: Self.image(BuiltinPrograms.words(label)), path: label)
    for (number, value) in registers { session.processor[x: number] = value }
  }

  /// Runs until the given number of instructions has retired, and returns the nanoseconds of this process's own processor time.
  func nanoseconds(until instructions: UInt64) -> UInt64 {
    let start = Self.now()
    _ = session.run(until: instructions)
    return Self.now() - start
  }

  /// Data Aborts that EL0 has taken.
  var aborts: UInt64 { session.processor.statistics.exceptions[Int(ExceptionClass.dataAbortLower.rawValue)] }
  /// Minor faults of the program's, those of its system calls included.
  var faults: UInt64 { session.kernel.mm.taskFaults(.init(1)).minor }

  /// This process's processor time in nanoseconds. Another program on the same processor then changes it only through the caches.
  static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// The file of a program that first sets its registers, in `prologue` instructions.
  static func image(_ words: [UInt32], registers: [Int: UInt64]) -> (bytes: [UInt8], prologue: UInt64) {
    var moves: [UInt32] = []
    for (number, value) in registers.sorted(by: { $0.key < $1.key }) {
      for part in 0..<4 as Range<UInt32> {
        // MOVZ, and then MOVK for the other three parts.
        let operation: UInt32 = part == 0 ? 0xd280_0000 : 0xf280_0000
        let immediate = UInt32(truncatingIfNeeded: value >> UInt64(16 * part)) & 0xffff
        moves.append(operation | part << 21 | immediate << 5 | UInt32(number))
      }
    }
    return (image(moves + words), UInt64(moves.count))
  }

  /// A static ELF executable of one segment that holds the words.
  static func image(_ words: [UInt32]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 4096 + words.count * 4)
    bytes.withUnsafeMutableBytes { file in
      func put<T: BitwiseCopyable>(_ offset: Int, _ value: T) { file.storeBytes(of: value, toByteOffset: offset, as: T.self) }
      file.copyBytes(from: [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
      put(16, 2 as UInt16)  // ET_EXEC
      put(18, 183 as UInt16)  // EM_AARCH64
      put(20, 1 as UInt32)
      put(24, codeAddress)
      put(32, 64 as UInt64)  // program headers follow the header
      put(52, 64 as UInt16)
      put(54, 56 as UInt16)
      put(56, 1 as UInt16)
      put(64, 1 as UInt32)  // PT_LOAD
      put(68, 5 as UInt32)  // readable, executable
      put(72, 4096 as UInt64)
      put(80, codeAddress)
      put(88, codeAddress)
      put(96, UInt64(words.count * 4))
      put(104, UInt64(words.count * 4))
      put(112, 4096 as UInt64)
      for (index, word) in words.enumerated() { put(4096 + index * 4, word) }
    }
    return bytes
  }
}
