// Owns what the force-write patch changes for a program: faults for a page, and the signal on memory that may not be written.
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
  /// The same with `ldr`, and with `ldxr` and `stxr`.
  private static func pretouch(with words: UInt32...) -> [UInt32] {
    Array(pretouch[..<3]) + words
      + [0x9140_0400, 0xf100_0463, 0x5400_0001 | (0x7ffff & ~UInt32(words.count + 1)) << 5] + pretouch[7...]
  }

  private func program(_ words: [UInt32], text: UInt32 = TinyELF.read | TinyELF.execute, data: UInt32 = 6) -> TinyELF {
    var elf = TinyELF(words)
    elf.textFlags = text
    elf.dataSize = 8 * 4096
    elf.dataFlags = data
    return elf
  }
  private func configuration(_ policy: AtomicFaultPolicy, epan: Bool = false) -> SessionConfiguration {
    var configuration = Guest.small
    configuration.policy = policy
    configuration.features.epan = epan
    return configuration
  }
  /// The aborts of a run on the eight pages.
  private func faults(_ elf: TinyELF, _ configuration: SessionConfiguration) throws -> [FaultLogEntry] {
    let guest = try Guest(elf, configuration: configuration)
    guest.session.recordsFaults = true
    #expect(guest.session.run(until: 1_000_000) == .exited(0))
    return guest.session.faults.filter { $0.far >= Self.data && $0.far < Self.data + 8 * 4096 }
  }

  @Test func stockFaultsTwiceAPage() throws {
    let faults = try faults(program(Self.pretouch), configuration(.stock))
    #expect(faults.count == 16)
    // First as a read that finds nothing, then as a write that finds the zero page. Text and data share their tables.
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

  /// Text that EL0 may only execute cannot be read by the policy: two faults a page again.
  @Test(arguments: [AtomicFaultPolicy.forceWriteV1, .forceWriteV5]) func executeOnlyTextIsNotRecognised(policy: AtomicFaultPolicy) throws {
    let elf = program(Self.pretouch, text: TinyELF.execute)
    #expect(try faults(elf, configuration(policy, epan: true)).count == 16)
    // Without EPAN execute-only text is readable to hardware.
    #expect(try faults(elf, configuration(policy, epan: false)).count == 8)
    // And readable text is recognised with EPAN.
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

  /// An atomic on memory that may only be read: what the handler is told. Version 1 breaks the ABI, version 5 falls back.
  @Test(
    arguments: [
      (AtomicFaultPolicy.stock, [0x9200_0000 | 0x07, 0x9200_004f]), (.forceWriteV5, [0x9200_0007, 0x9200_004f]),
      (.forceWriteV1, [0x9200_0007]),
    ] as [(AtomicFaultPolicy, [UInt64])])
  func readOnlyMemory(policy: AtomicFaultPolicy, syndromes: [UInt64]) throws {
    // The page before is readable memory too, so that the tables exist.
    var elf = program(Self.pretouch, data: TinyELF.read)
    elf.data = [1]
    elf.dataAddress = Self.data - 4096
    elf.dataSize = 9 * 4096
    let guest = try Guest(elf, configuration: configuration(policy))
    guest.session.recordsFaults = true
    #expect(guest.session.run(until: 1000) == .killed(11))
    let faults = guest.session.faults.filter { $0.far == Self.data }
    #expect(faults.map(\.esr.rawValue) == syndromes)
    #expect(faults.map(\.signal) == syndromes.dropLast().map { _ in 0 } + [11])
    #expect(guest.kernel.state.lastSignal?.code == 2)
    #expect(guest.kernel.state.tasks[0].faultCode == syndromes.last)
  }

  @Test(arguments: AtomicFaultPolicy.allCases) func inaccessibleMemory(policy: AtomicFaultPolicy) throws {
    var elf = program(Self.pretouch, data: 0)
    elf.dataAddress = Self.data - 4096
    elf.data = [1]
    elf.dataSize = 9 * 4096
    let guest = try Guest(elf, configuration: configuration(policy))
    guest.session.recordsFaults = true
    #expect(guest.session.run(until: 1000) == .killed(11))
    #expect(guest.session.faults.last?.esr.rawValue == 0x9200_0007)
    #expect(guest.kernel.state.lastSignal?.code == 2)
  }

  /// The result is the same whatever the policy: only the way there differs.
  @Test(arguments: AtomicFaultPolicy.allCases) func memoryEndsUpTheSame(policy: AtomicFaultPolicy) throws {
    let (stop, guest) = try run(program(Self.pretouch), configuration: configuration(policy))
    #expect(stop == .exited(0))
    for page in 0..<8 as Range<UInt64> { #expect(guest.word(Self.data + page * 4096) == 1) }
    #expect(guest.processor[x: 2] == 0)
  }

  /// A fault that cannot be served under the VMA lock is not upgraded: it takes the mmap lock's path as a read.
  @Test func withoutTheVMALockNothingIsForced() throws {
    let guest = try Guest(program(Self.pretouch), configuration: configuration(.forceWriteV5))
    guest.session.recordsFaults = true
    #expect(guest.session.run(until: 3) == .instructionLimit)
    let state = guest.kernel.mm.state.mms[0]
    let index = state.vmas.firstIndex { $0.contains(Self.data) }!
    guest.kernel.mm.state.mms[0].vmas[index].lockSequence = state.lockSequence
    #expect(guest.session.run(until: 1000) == .exited(0))
    let faults = guest.session.faults.filter { $0.far >= Self.data && $0.far < Self.data + 8 * 4096 }
    #expect(faults.count == 16)
  }
}
