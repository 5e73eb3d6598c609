// Owns why a run stops: breakpoints, requests from elsewhere, yields, limits. None of them changes what the program does.
// It does not know exceptions.
import Architecture
import Foundation
import TestSupport
import Testing

@testable import Machine

struct RunLoopTests {
  private func counting(fusion: Bool = true) throws -> BareMachine {
    let machine = try BareMachine(fusion: fusion)
    machine.load([
      0x9100_0421,  // add x1, x1, #1
      0xf100_143f,  // cmp x1, #5
      0x54ff_ffc1,  // b.ne #-8
      0xd400_0001,  // svc #0
    ])
    return machine
  }

  /// On the second half of a fused pair, too.
  @Test(arguments: [0x1000, 0x1004, 0x1008] as [UInt64], [true, false]) func aBreakpointStopsBeforeItsInstruction(va: UInt64, fusion: Bool)
    throws
  {
    let machine = try counting(fusion: fusion)
    machine[0].pc = 0x100c
    _ = machine.runToException()  // the page is decoded, and nothing has run
    machine[0].el1[.ELR_EL1] = 0x1000
    machine[0].el1.exceptionReturn()
    machine[0].breakpoints = [va]
    // A breakpoint at the first instruction of a run does not stop it, so that a program can continue from a stop.
    let expected: [UInt64] = va == 0x1000 ? [1, 2, 3, 4] : [1, 2, 3, 4, 5]
    for count in expected {
      #expect(machine.run() == .breakpoint(VirtualAddress(va)))
      #expect(machine[0].pc == va)
      #expect(machine[0][x: 1] == count)
    }
    #expect(machine.runToException()?.elr == 0x1010)
    #expect(machine[0].instructionsRetired == 2 + 15)
  }

  /// One physical page at two addresses: a breakpoint belongs to one of them.
  @Test func aBreakpointBelongsToItsAddress() throws {
    let machine = try counting()
    machine[0].breakpoints = [0x9004]
    #expect(machine.runToException()?.elr == 0x1010)
    machine[0].el1[.ELR_EL1] = 0x9000
    machine[0][x: 1] = 0
    machine[0].el1.exceptionReturn()
    #expect(machine.run() == .breakpoint(VirtualAddress(0x9004)))
    machine[0].breakpoints = []
    #expect(machine.runToException()?.elr == 0x9010)
  }

  @Test func aRequestStopsARun() throws {
    let machine = try counting()
    machine[0].requestStop()
    #expect(machine.run() == .interrupted)
    #expect(machine[0].instructionsRetired == 0)
    #expect(machine.runToException()?.elr == 0x1010)
    #expect(machine[0].instructionsRetired == 16)
  }

  /// An endless loop ends at its limit, and a request from another thread ends it at once.
  @Test func anEndlessLoopCanBeStopped() throws {
    let machine = try BareMachine()
    machine.load([0x1400_0000])  // b #0
    #expect(machine.run(count: 1_000_000) == .instructionLimit)
    #expect(machine[0].instructionsRetired == 1_000_000)
    nonisolated(unsafe) let processor = machine[0]
    // A thread of its own: the run below occupies one of the test runner's.
    Thread.detachNewThread { processor.requestStop() }
    #expect(processor.run(until: .max) == .interrupted)
    #expect(processor.pc == 0x1000)
  }

  @Test(arguments: [0xd503_203f, 0xd503_205f, 0xd503_207f] as [UInt32]) func waitingEndsTheTurn(word: UInt32) throws {  // yield; wfe; wfi
    let machine = try BareMachine()
    machine[0].write(.SCTLR_EL1, 0x30d5_0819)  // nTWI, nTWE
    machine.load([word, 0xd400_0001])  // svc #0
    #expect(machine.run() == .yielded)
    #expect(machine[0].pc == 0x1004)
    #expect(machine[0].instructionsRetired == 1)
    #expect(machine.runToException()?.elr == 0x1008)
    // If the run ends exactly at the limit, the limit is the reason.
    machine[0].el1[.ELR_EL1] = 0x1000
    machine[0].el1.exceptionReturn()
    #expect(machine.run(count: 1) == .instructionLimit)
    #expect(machine[0].waiting == (word == 0xd503_207f ? .interrupt : nil))
  }

  @Test func aLimitInThePastRunsNothing() throws {
    let machine = try counting()
    #expect(machine.run(count: 0) == .instructionLimit)
    #expect(machine[0].run(until: 0) == .instructionLimit)
    #expect(machine[0].pc == 0x1000 && machine[0].instructionsRetired == 0)
    #expect(machine[0].run(until: .max) == .exceptionTakenToEL1(.lowerA64Synchronous))
  }

  /// The newest 64 UNDEFINED words, with their PCs.
  @Test func undefinedWordsAreRecorded() throws {
    let machine = try BareMachine()
    machine.load((0..<70).map { UInt32($0) } + [0xd400_0001])
    let supervisor = RecordingSupervisor(machine[0])
    #expect(supervisor.run(until: 1000))
    #expect(supervisor.exceptions.dropLast().allSatisfy { $0.esr == 0x0200_0000 })
    #expect(machine[0].undefinedInstructions.map(\.word) == (6..<70).map { UInt32($0) })
    #expect(machine[0].undefinedInstructions.first?.pc == 0x1018)
    #expect(machine[0].undefinedInstructions.allSatisfy { $0.count == 1 })
    #expect(machine[0].statistics.exceptions[0] == 70 && machine[0].statistics.exceptions[0x15] == 1)
  }

  /// A place that is executed again is one row with a count.
  @Test func undefinedWordsAreCounted() throws {
    let machine = try BareMachine()
    for _ in 0..<3 { #expect(machine.exception(of: 0x0000_0007, x0: 0)?.esr == 0x0200_0000) }
    #expect(machine[0].undefinedInstructions == [UndefinedInstruction(pc: 0x1000, word: 7, count: 3)])
  }
}
