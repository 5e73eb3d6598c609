// Owns the tests of what a session shows to debuggers: the records of the kernel's events, the history of mappings, tasks that do not run,
// and watches in one address space.
// It does not know how a debugger presents them.
import Architecture
import Debugging
import LinuxKernel
import LinuxMM
import Machine
import TestSupport
import Testing

@testable import Laboratory

struct DebuggerViewTests {
  private static func movz(_ register: UInt32, _ value: UInt32) -> UInt32 { 0xd280_0000 | value << 5 | register }
  private static let svc: UInt32 = 0xd400_0001

  private func records(_ words: [UInt32], _ mask: TraceMask) throws -> (records: [TraceRecord], stop: StopReason, session: Session) {
    let session = try Guest(TinyELF(words)).session
    var records: [TraceRecord] = []
    session.traceMask = mask
    session.catches = {
      records.append($0)
      return false
    }
    let stop = session.run(until: 100_000)
    return (records, stop, session)
  }

  /// munmap of nothing is refused, and exit has no result.
  @Test func resultsOfCalls() throws {
    let (records, stop, _) = try records(
      [Self.movz(8, 215), Self.movz(0, 1), Self.movz(1, 1), Self.svc, Self.movz(8, 172), Self.svc, Self.movz(8, 93), Self.svc],
      [.systemCall, .systemCallResult])
    #expect(stop.isEnd)
    #expect(records.map(\.kind) == [.systemCall, .systemCallResult, .systemCall, .systemCallResult, .systemCall])
    #expect(records[1].a == 215 && Int64(bitPattern: records[1].b) == -22)
    #expect(records[3].a == 172 && records[3].b == 2 && records[3].task == 2)
  }

  /// A null pointer: the signal is recorded with its code and address before it kills.
  @Test func aSignalThatKills() throws {
    let (records, stop, _) = try records([Self.movz(0, 8), 0xf940_0000], [.signal, .taskEnded])
    #expect(stop == .killed(11))
    #expect(records.map(\.kind) == [.signal, .taskEnded])
    #expect(records[0].detail == 11 && records[0].a == 1 && records[0].b == 8 && records[0].c == 0)
    #expect(records[1].a == 2 && records[1].b == 11 && records[1].c == 1)
  }

  /// fork, and the child's end.
  @Test func aFork() throws {
    let (records, stop, session) = try records(
      [
        Self.movz(8, 220), Self.movz(0, 17), Self.movz(1, 0), Self.svc,  // clone(SIGCHLD)
        0xb400_00c0,  // cbz x0, the child
        Self.movz(0, 0), Self.movz(8, 124), Self.svc, Self.movz(8, 93), Self.svc,  // sched_yield, then exit
        Self.movz(0, 3), Self.movz(8, 93), Self.svc,
      ], [.taskCreated, .taskEnded])
    #expect(stop == .exited(0))
    #expect(records.map(\.kind) == [.taskCreated, .taskEnded, .taskEnded])
    #expect(records[0].task == 2 && records[0].a == 3 && records[0].b == 17 && records[0].c == 3)
    #expect(records[1].task == 3 && records[1].a == 3 && records[1].b == 3 << 8 && records[1].c == 1)
    #expect(session.kernel.tasks.map(\.id.rawValue) == [2])
  }

  /// Who mapped an address, who protected it, and who unmapped it, with the places of the calls.
  @Test func theHistoryOfAnAddress() throws {
    let program: [UInt32] = [
      Self.movz(8, 222), Self.movz(0, 0), Self.movz(1, 8192), Self.movz(2, 3), Self.movz(3, 0x22), 0x9280_0004, Self.movz(5, 0), Self.svc,
      0xaa00_03f3,  // mov x19, x0
      Self.movz(8, 226), Self.movz(1, 4096), Self.movz(2, 1), Self.svc,  // mprotect(first page, PROT_READ)
      0xaa13_03e0, Self.movz(8, 215), Self.movz(1, 8192), Self.svc,  // munmap
      0xf940_0260,  // ldr x0, [x19]
    ]
    let session = try Guest(TinyELF(program)).session
    session.recordsMappings = true
    #expect(session.run(until: 1000) == .killed(11))
    let address = session.processor[x: 19]
    let space = session.kernel.tasks[0].space!
    let events = session.mappingHistory.events(at: address, in: space)
    #expect(events.map(\.change) == [.unmapped, .protected, .mapped])
    #expect(events.map(\.pc) == [0x40_0040, 0x40_0030, 0x40_001c])
    #expect(events.map(\.systemCall) == [215, 226, 222])
    #expect(events.map(\.rights) == [0, 1, 3])
    #expect(events.map(\.instruction) == [17, 13, 8])
    #expect(session.mappingHistory.events(at: address + 4096, in: space).map(\.change) == [.unmapped, .mapped])
    #expect(events.first.map { $0.end - $0.start } == 8192)
  }

  /// A watch is meant for one address space: the child's write to the same address does not stop.
  @Test func aWatchOfOneAddressSpace() throws {
    let words: [UInt32] = [
      0xd100_83ff,  // sub sp, sp, #32
      Self.movz(8, 220), Self.movz(0, 17), Self.movz(1, 0), Self.svc,
      0xf900_03e0,  // str x0, [sp]: parent and child
      Self.movz(8, 124), Self.svc,  // sched_yield, so that the child runs before its parent ends
      Self.movz(0, 0), Self.movz(8, 93), Self.svc,
    ]
    for watched in [true, false] {
      let session = try Guest(TinyELF(words)).session
      _ = session.run(until: 1)
      session.watches = [Watch(start: session.processor.sp, count: 8, reads: false, writes: true)]
      session.watchedSpace = watched ? session.kernel.tasks[0].space : nil
      var stops: [Int32] = []
      while case .watched = session.run(until: 1000) { stops.append(session.kernel.state.currentTask.id.rawValue) }
      #expect(stops.sorted() == (watched ? [2] : [2, 3]))
    }
  }

  /// The memory and the registers of a task that does not run can be read, and written.
  @Test func aTaskThatWaits() throws {
    let session = try Guest(
      TinyELF([
        0xd100_43ff, Self.movz(7, 77), 0xf900_03e7,  // sub sp, sp, #16; x7 = 77; str x7, [sp]
        Self.movz(8, 220), Self.movz(0, 17), Self.movz(1, 0), Self.svc,
        0xb400_00c0,  // cbz x0, the child
        Self.movz(0, 0), Self.movz(8, 93), Self.movz(9, 1), Self.movz(9, 2), Self.svc,
        Self.movz(7, 99), 0xf900_03e7, 0x1400_0000,  // the child: x7 = 99; str x7, [sp]; b .
      ])
    ).session
    _ = session.run(until: 10)
    let kernel = session.kernel
    let waiting = try #require(kernel.tasks.first { !$0.isCurrent })
    #expect(kernel.tasks.count == 2 && waiting.id.rawValue == 3 && waiting.parent?.rawValue == 2)
    var registers = try #require(kernel.registers(session.processor.el1, of: waiting.id))
    #expect(registers.general[7] == 77 && registers.general[0] == 0)
    let space = try #require(waiting.space)
    #expect(kernel.peek(session.processor.el1, space, registers[.SP_EL0], count: 8) == [77, 0, 0, 0, 0, 0, 0, 0])
    // A write makes the page the child's own: the parent still has its value.
    #expect(kernel.poke(session.processor.el1, space, registers[.SP_EL0], [55]))
    #expect(kernel.peek(session.processor.el1, space, registers[.SP_EL0], count: 1) == [55])
    #expect(session.peek(session.processor.sp, count: 1) == [77])
    registers.general[20] = 0x1234
    #expect(kernel.setRegisters(of: waiting.id, registers))
    #expect(kernel.registers(session.processor.el1, of: waiting.id)?.general[20] == 0x1234)
    #expect(!kernel.setRegisters(of: kernel.tasks[0].id, registers))
    #expect(kernel.peek(session.processor.el1, space, 0x10, count: 1) == nil)
  }
}
