// Owns what the force-write patch changes for a program: the number of faults per page, and the signal on memory that is not
// writable.
// It does not know the opcode masks.
import Architecture
import Laboratory
import TestSupport
import Testing

@testable import LinuxKernel
@testable import LinuxMM

struct ForceWritePolicyTests {
  private static let data: UInt64 = 0x50_0000
  /// Adds 1 to the first word of each of eight pages.
  private static let pretouch: [UInt32] = [
    0xd2a0_0a00,  // mov x0, #0x500000
    0xd280_0021,  // mov x1, #1
    0xd280_0103,  // mov x3, #8
    0xf821_0002,  // 1: ldadd x1, x2, [x0]
    0x9140_0400,  // add x0, x0, #4096
    0xf100_0463,  // subs x3, x3, #1
    0x54ff_ffa1,  // b.ne 1b
    0xd280_0000,  // mov x0, #0
    0xd280_0ba8,  // mov x8, #93
    0xd400_0001,  // svc #0
  ]
  /// The same loop with `ldr`, or with `ldxr` and `stxr`, in place of the atomic.
  private static func pretouch(with words: UInt32...) -> [UInt32] {
    Array(pretouch[..<3]) + words
      + [0x9140_0400, 0xf100_0463, 0x5400_0001 | (0x7ffff & ~UInt32(words.count + 1)) << 5] + pretouch[7...]
  }

  private func program(_ words: [UInt32], text: UInt32 = TinyELF.read | TinyELF.execute) -> TinyELF {
    var elf = TinyELF(words)
    elf.textFlags = text
    elf.dataSize = 8 * 4096
    return elf
  }
  /// A program whose data pages are untouched anonymous memory with this protection. The page before them has contents, so that the
  /// tables exist.
  private func guest(
    _ words: [UInt32], _ configuration: SessionConfiguration, text: UInt32 = TinyELF.read | TinyELF.execute, protection: UInt64
  ) throws -> Guest {
    var elf = TinyELF(words)
    elf.textFlags = text
    let guest = try Guest(elf, configuration: configuration)
    let start = Self.data - 4096
    let pc = guest.pc
    #expect(guest.call(222, start, 9 * 4096, 3, 0x32, ~0, 0) == Int64(start))
    #expect(guest.call(233, start, 4096, 23) == 0)
    #expect(guest.call(226, start, 9 * 4096, protection) == 0)
    guest.pc = pc
    return guest
  }
  private func configuration(_ policy: AtomicFaultPolicy, epan: Bool = false) -> SessionConfiguration {
    var configuration = Guest.small
    configuration.policy = policy
    configuration.features.epan = epan
    return configuration
  }
  /// The aborts of a run over the eight pages.
  private func faults(_ elf: TinyELF, _ configuration: SessionConfiguration) throws -> [FaultLogEntry] {
    let guest = try Guest(elf, configuration: configuration)
    guest.session.recordsFaults = true
    #expect(guest.session.run(until: 1_000_000) == .exited(0))
    return guest.session.faultHistory.entries.filter { $0.far >= Self.data && $0.far < Self.data + 8 * 4096 }
  }

  @Test func stockFaultsTwiceAPage() throws {
    let faults = try faults(program(Self.pretouch), configuration(.stock))
    #expect(faults.count == 16)
    // Each page first faults as a read that finds nothing, and then as a write that finds the zero page. Text and data share their
    // tables.
    #expect(faults.map(\.esr.rawValue) == (0..<16).map { $0 % 2 == 0 ? 0x9200_0007 : 0x9200_004f })
    for (index, fault) in faults.enumerated() {
      #expect(fault.far == Self.data + UInt64(index / 2) * 4096)
      #expect(fault.esr.isWrite == (index % 2 == 1))
      #expect(fault.pc == 0x40_000c)
    }
  }

  @Test(arguments: [AtomicFaultPolicy.forceWriteV1, .forceWriteV5]) func forcedWritesFaultOnceAPage(policy: AtomicFaultPolicy) throws {
    let faults = try faults(program(Self.pretouch), configuration(policy))
    #expect(faults.count == 8)
    for fault in faults { #expect(!fault.esr.isWrite && fault.esr.faultStatus.kind == .translation) }
  }

  /// The policy cannot read text that EL0 may only execute, so each page takes two faults again.
  @Test(arguments: [AtomicFaultPolicy.forceWriteV1, .forceWriteV5]) func executeOnlyTextIsNotRecognised(policy: AtomicFaultPolicy) throws {
    let elf = program(Self.pretouch, text: TinyELF.execute)
    #expect(try faults(elf, configuration(policy, epan: true)).count == 16)
    // Without EPAN the hardware can read execute-only text.
    #expect(try faults(elf, configuration(policy, epan: false)).count == 8)
    // Readable text is recognised with EPAN too.
    #expect(try faults(program(Self.pretouch), configuration(policy, epan: true)).count == 8)
  }

  @Test(arguments: AtomicFaultPolicy.allCases) func plainLoadsAreNeverForced(policy: AtomicFaultPolicy) throws {
    // ldr x2, [x0]
    #expect(try faults(program(Self.pretouch(with: 0xf940_0002)), configuration(policy)).count == 8)
    let guest = try Guest(program(Self.pretouch(with: 0xf940_0002)), configuration: configuration(policy))
    #expect(guest.session.run(until: 1000) == .exited(0))
    #expect(guest.kernel.mm.state.statistics.zeroPageFaults >= 8)
    // ldxr x2, [x0]; stxr w4, x2, [x0]
    #expect(try faults(program(Self.pretouch(with: 0xc85f_7c02, 0xc804_7c02)), configuration(policy)).count == 16)
    // str x1, [x0]
    #expect(try faults(program(Self.pretouch(with: 0xf900_0001)), configuration(policy)).count == 8)
  }

  @Test func CASIsForcedByVersion5Only() throws {
    // casal x1, x2, [x0]
    let elf = program(Self.pretouch(with: 0xc8e1_fc02))
    #expect(try faults(elf, configuration(.forceWriteV5)).count == 8)
    #expect(try faults(elf, configuration(.forceWriteV1)).count == 16)
    #expect(try faults(elf, configuration(.stock)).count == 16)
  }

  /// An atomic on read-only memory, and what the handler is told. Version 1 breaks the ABI; version 5 falls back.
  @Test(
    arguments: [
      (AtomicFaultPolicy.stock, [0x9200_0000 | 0x07, 0x9200_004f]), (.forceWriteV5, [0x9200_0007, 0x9200_004f]),
      (.forceWriteV1, [0x9200_0007]),
    ] as [(AtomicFaultPolicy, [UInt64])])
  func readOnlyMemory(policy: AtomicFaultPolicy, syndromes: [UInt64]) throws {
    let guest = try guest(Self.pretouch, configuration(policy), protection: 1)
    guest.session.recordsFaults = true
    #expect(guest.session.run(until: 1000) == .killed(11))
    let faults = guest.session.faultHistory.entries.filter { $0.far == Self.data }
    #expect(faults.map(\.esr.rawValue) == syndromes)
    #expect(faults.map(\.signal) == syndromes.dropLast().map { _ in 0 } + [11])
    #expect(guest.kernel.state.lastSignal?.code == 2)
    #expect(guest.kernel.state.currentTask.faultCode == syndromes.last)
  }

  @Test(arguments: AtomicFaultPolicy.allCases) func inaccessibleMemory(policy: AtomicFaultPolicy) throws {
    let guest = try guest(Self.pretouch, configuration(policy), protection: 0)
    guest.session.recordsFaults = true
    #expect(guest.session.run(until: 1000) == .killed(11))
    #expect(guest.session.faultHistory.entries.last?.esr.rawValue == 0x9200_0007)
    #expect(guest.kernel.state.lastSignal?.code == 2)
  }

  /// The memory ends up the same under every policy; only the faults differ.
  @Test(arguments: AtomicFaultPolicy.allCases) func memoryEndsUpTheSame(policy: AtomicFaultPolicy) throws {
    let (stop, guest) = try run(program(Self.pretouch), configuration: configuration(policy))
    #expect(stop == .exited(0))
    for page in 0..<8 as Range<UInt64> { #expect(guest.word(Self.data + page * 4096) == 1) }
    #expect(guest.processor[x: 2] == 0)
  }

  /// A fault that cannot be handled under the VMA lock is not upgraded: it is handled as a read under the mmap lock.
  @Test func withoutTheVMALockNothingIsForced() throws {
    let guest = try Guest(program(Self.pretouch), configuration: configuration(.forceWriteV5))
    guest.session.recordsFaults = true
    #expect(guest.session.run(until: 3) == .instructionLimit)
    let state = guest.kernel.mm.state[MMID(0)]
    let index = state.vmas.firstIndex { $0.contains(Self.data) }!
    guest.kernel.mm.state[MMID(0)].vmas[index].lockSequence = state.lockSequence
    #expect(guest.session.run(until: 1000) == .exited(0))
    let faults = guest.session.faultHistory.entries.filter { $0.far >= Self.data && $0.far < Self.data + 8 * 4096 }
    #expect(faults.count == 16)
  }

  // MARK: The table

  /// A state of the first data page before the atomic, the faults that the atomic then takes under each policy, and whether they
  /// end in SIGSEGV. The faults are the low twelve bits of ESR: 0x007 is a read's translation fault at level 3; 0x00f and 0x04f are
  /// permission faults of a read and of a write.
  struct Row: CustomTestStringConvertible, Sendable {
    let state: String
    /// Whether the page was read before.
    var isPresent = false
    var protection: UInt64 = 3
    var text = TinyELF.read | TinyELF.execute
    var epan = false
    let stock, v1, v5: [UInt64]
    var isKilled = false
    /// The number of aborts that the patch's own read of the opcode takes.
    var opcodeReads: UInt64 = 0
    var testDescription: String { state }
  }

  /// The rows leave out huge pages and userfaultfd. The counts for execute-only text are deduced from the patch, because no
  /// emulated processor that runs real kernels here has FEAT_PAN3.
  static let rows: [Row] = [
    Row(state: "nothing, may be read and written", stock: [0x007, 0x04f], v1: [0x007], v5: [0x007]),
    Row(
      state: "nothing, may be read", protection: 1, stock: [0x007, 0x04f], v1: [0x007], v5: [0x007, 0x04f], isKilled: true),
    Row(state: "nothing, may not be touched", protection: 0, stock: [0x007], v1: [0x007], v5: [0x007], isKilled: true),
    Row(
      state: "read-only page, may be read", isPresent: true, protection: 1, stock: [0x04f], v1: [0x04f], v5: [0x04f], isKilled: true),
    Row(state: "read-only page, may be read and written", isPresent: true, stock: [0x04f], v1: [0x04f], v5: [0x04f]),
    Row(
      state: "nothing, execute-only text", text: TinyELF.execute, epan: true, stock: [0x007, 0x04f], v1: [0x007, 0x04f],
      v5: [0x007, 0x04f], opcodeReads: 1),
    Row(
      state: "nothing, execute-only text without FEAT_PAN3", text: TinyELF.execute, stock: [0x007, 0x04f], v1: [0x007], v5: [0x007]),
  ]

  @Test(arguments: rows, AtomicFaultPolicy.allCases) func table(_ row: Row, _ policy: AtomicFaultPolicy) throws {
    // The program executes ldr x2, [x0] before the atomic, or a nop; then it ends.
    let words = Array(Self.pretouch[..<3]) + [row.isPresent ? 0xf940_0002 : 0xd503_201f, 0xf821_0002] + Self.pretouch[7...]
    let guest = try guest(words, configuration(policy, epan: row.epan), text: row.text, protection: row.protection)
    guest.session.recordsFaults = true
    #expect(guest.session.run(until: 1000) == (row.isKilled ? .killed(11) : .exited(0)))
    let faults = guest.session.faultHistory.entries.filter { $0.far == Self.data && $0.pc == 0x40_0010 }
    let expected = policy == .stock ? row.stock : policy == .forceWriteV1 ? row.v1 : row.v5
    #expect(faults.map(\.esr.rawValue) == expected.map { 0x9200_0000 | $0 })
    #expect(faults.map(\.signal) == expected.indices.map { row.isKilled && $0 == expected.count - 1 ? 11 : 0 })
    if row.isKilled { #expect(guest.kernel.state.lastSignal?.code == 2) }
    #expect(guest.kernel.state.opcodeReadAborts == (policy == .stock ? 0 : row.opcodeReads))
  }

  /// Where text cannot be read, the fault of a plain load also pays for the read of the opcode.
  @Test(arguments: [(AtomicFaultPolicy.stock, 0), (.forceWriteV1, 8), (.forceWriteV5, 8)] as [(AtomicFaultPolicy, UInt64)])
  func executeOnlyTextCostsLoads(policy: AtomicFaultPolicy, aborts: UInt64) throws {
    let elf = program(Self.pretouch(with: 0xf940_0002), text: TinyELF.execute)
    let guest = try Guest(elf, configuration: configuration(policy, epan: true))
    #expect(guest.session.run(until: 1000) == .exited(0))
    #expect(guest.kernel.state.opcodeReadAborts == aborts)
  }

  /// A stack that must grow has no VMA at the address yet, so the fault is handled under the mmap lock, where nothing is upgraded.
  /// There are two faults under every policy. The number was recorded for stock Linux (oracle program stack, rows ldadd and
  /// ldadd.8).
  @Test(arguments: AtomicFaultPolicy.allCases) func aStackThatGrows(policy: AtomicFaultPolicy) throws {
    let words: [UInt32] = [
      0x9100_03e0,  // mov x0, sp
      0xd140_a000,  // sub x0, x0, #0x28, lsl #12
      0xd280_0021,  // mov x1, #1
      0xf821_0002,  // ldadd x1, x2, [x0]
      0xd280_0000, 0xd280_0ba8, 0xd400_0001,
    ]
    let guest = try Guest(TinyELF(words), configuration: configuration(policy))
    guest.session.recordsFaults = true
    #expect(guest.session.run(until: 1000) == .exited(0))
    let faults = guest.session.faultHistory.entries.filter { $0.pc == 0x40_000c }
    #expect(faults.map(\.esr.isWrite) == [false, true])
    #expect(faults.map(\.esr.faultStatus.kind) == [.translation, .permission])
  }
}
