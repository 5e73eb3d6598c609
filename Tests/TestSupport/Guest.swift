// Owns a program in a session, as tests need it: it is made from words, called into directly, and inspected.
// It does not know what any system call does.
import Architecture
import Debugging
import Laboratory
import LinuxKernel
import LinuxMM
import Machine

/// A small program under a kernel, with its streams in memory.
public final class Guest {
  public let session: Session
  public let io: MemoryIO
  public var kernel: Kernel { session.kernel }
  public var processor: Processor { session.processor }
  public var el1: EL1Interface { session.processor.el1 }
  /// The last verdict of a direct call.
  public private(set) var verdict = SupervisorVerdict.resume

  public init(
    _ elf: TinyELF, configuration: SessionConfiguration = Guest.small, input: [UInt8] = [], path: String = "/test",
    arguments: [String] = []
  ) throws {
    io = MemoryIO(input: input)
    session = try Session(configuration, host: io)
    try session.load(bytes: elf.bytes, path: path, arguments: arguments)
  }

  /// A configuration with 16 MiB, Linux 7.2 and the stock policy.
  public static var small: SessionConfiguration {
    var configuration = SessionConfiguration()
    configuration.memorySize = 16 << 20
    configuration.policy = .stock
    return configuration
  }

  /// A program that never runs. The test makes system calls on its behalf.
  public static func idle(_ configuration: SessionConfiguration = Guest.small, input: [UInt8] = []) throws -> Guest {
    try Guest(TinyELF([0xd503_201f]), configuration: configuration, input: input)
  }

  // MARK: Direct entry

  /// Makes a system call as SVC does, and returns X0 as the program would see it. If `returnAddress` is nil, the PC stays.
  @discardableResult
  public func call(_ number: UInt64, _ arguments: UInt64...) -> Int64 {
    for index in 0..<6 { el1[x: index] = index < arguments.count ? arguments[index] : 0 }
    el1[x: 8] = number
    enter(esr: 0x5600_0000)
    return Int64(bitPattern: el1[x: 0])
  }

  /// Takes an exception to the kernel with this syndrome.
  public func enter(esr: UInt64, far: UInt64 = 0) {
    el1[.ESR_EL1] = esr
    el1[.FAR_EL1] = far
    verdict = kernel.exceptionTaken(el1, vector: .lowerA64Synchronous)
  }

  /// The address at which the program goes on.
  public var pc: UInt64 {
    get { processor.pc }
    set {
      processor.pc = newValue
      el1[.ELR_EL1] = newValue
    }
  }

  // MARK: Memory

  /// Maps new memory of the program's. It is first readable and writable, and gets `protection` afterwards.
  public func memory(pages: UInt64 = 1, protection: UInt64 = 3) -> UInt64 {
    let address = call(222, 0, pages * 4096, 3, 0x8022, ~0, 0)
    precondition(address > 0, "mmap failed")
    if protection != 3 { precondition(call(226, UInt64(address), pages * 4096, protection) == 0) }
    return UInt64(address)
  }
  public func write(_ address: UInt64, _ bytes: [UInt8]) {
    // Bytes that only the program's file holds first become the program's own, as a debugger's write makes them.
    if !processor.poke(address, bytes) {
      let task = kernel.state.currentTask
      do { try kernel.mm.pokeUser(el1, task.mm, task: task.id, address: address, bytes) } catch {
        preconditionFailure("nothing is mapped at \(address)")
      }
    }
  }
  public func write(_ address: UInt64, words: [UInt64]) {
    write(address, words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } })
  }
  public func bytes(_ address: UInt64, _ count: Int) -> [UInt8] {
    guard let bytes = session.peek(address, count: count) else { preconditionFailure("nothing is mapped at \(address)") }
    return bytes
  }
  public func word(_ address: UInt64) -> UInt64 { bytes(address, 8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } }
  public func word32(_ address: UInt64) -> UInt32 { bytes(address, 4).withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) } }
  public func string(_ address: UInt64) -> String {
    var bytes: [UInt8] = []
    while let byte = session.peek(address + UInt64(bytes.count), count: 1)?[0], byte != 0 { bytes.append(byte) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Runs words to their end and returns the result.
public func run(
  _ elf: TinyELF, configuration: SessionConfiguration = Guest.small, until limit: UInt64 = 1_000_000
) throws -> (stop: StopReason, guest: Guest) {
  let guest = try Guest(elf, configuration: configuration)
  return (guest.session.run(until: limit), guest)
}
