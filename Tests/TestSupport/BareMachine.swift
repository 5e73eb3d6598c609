// Owns a bare machine for tests: RAM, PEs at EL0 under a hosted EL1, and one standard address space of literal descriptors.
// It does not know our encoder of descriptors, nor any kernel: every word and every descriptor is a literal.
import Architecture
import Machine

/// What an exception left in the registers of EL1.
public struct TakenException: Equatable, Sendable {
  public var vector: ExceptionVector
  public var esr: UInt64
  public var far: UInt64
  public var elr: UInt64
  public var spsr: UInt64

  /// An exception from EL0, whose PSTATE is zero unless it is given.
  public init(esr: UInt64, far: UInt64, elr: UInt64, spsr: UInt64 = 0) {
    vector = .lowerA64Synchronous
    self.esr = esr
    self.far = far
    self.elr = elr
    self.spsr = spsr
  }

  public init(_ processor: Processor, _ vector: ExceptionVector) {
    self.vector = vector
    let el1 = processor.el1
    esr = el1[.ESR_EL1]
    far = el1[.FAR_EL1]
    elr = el1[.ELR_EL1]
    spsr = el1[.SPSR_EL1]
  }
}

/// A machine of some PEs. The standard address space (TTBR0, 39 bits, 4 KiB granule, ASID 0):
///
///     0x1000 code  r-x -> 0x4010_0000        0x7000 not mapped
///     0x2000 code  r-x -> 0x4030_0000        0x8000 Device   rw- -> 0x4020_3000
///     0x3000 data  rw- -> 0x4020_0000        0x9000 code     r-x -> 0x4010_0000 again
///     0x4000 data  rw- -> 0x4020_1000        0xa000 beyond RAM   -> 0x5000_0000
///     0x5000 data  r-- -> 0x4020_2000        0xb000 access flag clear
///     0x6000 code  rwx -> 0x4010_1000        0xc000 EL1 only     -> 0x4020_4000
public final class BareMachine {
  public let emulator: Emulator
  public static let code: UInt64 = 0x1000
  public static let codePA: UInt64 = 0x4010_0000
  public static let data: UInt64 = 0x3000
  public static let dataPA: UInt64 = 0x4020_0000
  /// The physical address of the standard address space's only level 3 table, which maps VA 0 to 2 MiB.
  public static let table: UInt64 = 0x4001_2000

  public init(
    processors: Int = 1, features: ProcessorFeatures = ProcessorFeatures(), fastTable: Bool = true, fusion: Bool = true,
    strict: Bool = false, seed: UInt64 = 0
  ) throws {
    var configuration = MachineConfiguration(features: features, memorySize: 8 << 20, processorCount: processors)
    configuration.usesFastTable = fastTable
    configuration.usesFusion = fusion
    configuration.reportsBreakBeforeMake = strict
    configuration.seed = seed
    emulator = try Emulator(configuration)
    putStandardTables()
    for processor in emulator.processors { start(processor) }
  }

  private func putStandardTables() {
    put(0x4001_0000, 0x0000_0000_4001_1003)  // level 1 -> level 2
    put(0x4001_1000, 0x0000_0000_4001_2003)  // level 2 -> level 3
    put(0x4001_2008, 0x0020_0000_4010_0fc3)
    put(0x4001_2010, 0x0020_0000_4030_0fc3)
    put(0x4001_2018, 0x0060_0000_4020_0f43)
    put(0x4001_2020, 0x0060_0000_4020_1f43)
    put(0x4001_2028, 0x0060_0000_4020_2fc3)
    put(0x4001_2030, 0x0020_0000_4010_1f43)
    put(0x4001_2040, 0x0060_0000_4020_3f47)  // AttrIndx 1
    put(0x4001_2048, 0x0020_0000_4010_0fc3)
    put(0x4001_2050, 0x0060_0000_5000_0f43)
    put(0x4001_2058, 0x0060_0000_4020_0b43)
    put(0x4001_2060, 0x0060_0000_4020_4f03)
  }

  private func start(_ processor: Processor) {
    processor.write(.MAIR_EL1, 0x00ff)  // 0: Normal write-back, 1: Device-nGnRnE
    processor.write(.TTBR0_EL1, 0x4001_0000)
    processor.write(.TCR_EL1, 0x0000_0015_8080_0019)  // 48-bit PA, 16-bit ASIDs, EPD1, T0SZ 25
    processor.write(.SCTLR_EL1, 0x30d0_0819)  // M, SA, SA0, SPAN
    processor.write(.VBAR_EL1, HostedVectors.base)
    processor.pstate = .EL0t
    processor.pc = Self.code
    processor.sp = 0x3f00
  }

  // MARK: Physical memory

  /// Stores 64 bits in RAM: a descriptor or data.
  public func put(_ pa: UInt64, _ value: UInt64) {
    let done = emulator.memory.write(pa, (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
    precondition(done, "a test pokes outside RAM")
  }
  /// Reads 64 bits of RAM.
  public func get(_ pa: UInt64) -> UInt64 {
    emulator.memory.read(pa, count: 8)!.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
  /// Stores instruction words in RAM.
  public func put(_ pa: UInt64, words: [UInt32]) {
    let done = emulator.memory.write(pa, words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } })
    precondition(done, "a test pokes outside RAM")
  }
  /// Stores a program at the start of the standard code page.
  public func load(_ words: [UInt32]) { put(Self.codePA, words: words) }

  // MARK: Running

  public subscript(number: Int) -> Processor { emulator.processors[number] }

  /// Runs one PE for at most `count` more instructions.
  @discardableResult
  public func run(_ number: Int = 0, count: UInt64 = 100_000) -> ProcessorStop {
    let processor = self[number]
    return processor.run(until: processor.instructionsRetired + count)
  }

  /// Runs one PE until an exception and returns the exception; nil if something else stopped the PE first.
  public func runToException(_ number: Int = 0, count: UInt64 = 100_000) -> TakenException? {
    guard case .exceptionTakenToEL1(let vector) = run(number, count: count) else { return nil }
    return TakenException(self[number], vector)
  }

  /// Moves a PE to EL0 at the start of the code page. After an exception it does so by ERET, so that cached entries stay.
  private func goToEL0(_ processor: Processor) {
    if processor.pstate.exceptionLevel == 0 {
      processor.pstate = .EL0t
      processor.pc = Self.code
    } else {
      processor.el1[.SPSR_EL1] = ProcessorState.EL0t.rawValue
      processor.el1[.ELR_EL1] = Self.code
      processor.el1.exceptionReturn()
    }
  }

  /// Runs one instruction at the start of the code page, at EL0 with X0 as given, and returns its exception. If it causes none, the
  /// result is the exception of the SVC after it.
  public func exception(of word: UInt32, x0: UInt64, _ prepare: (Processor) -> Void = { _ in }) -> TakenException? {
    load([word, 0xd400_0001])  // svc #0
    let processor = self[0]
    goToEL0(processor)
    processor[x: 0] = x0
    prepare(processor)
    return runToException(count: 8)
  }
}
