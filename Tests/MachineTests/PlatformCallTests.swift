// Owns HVC, SMC and HLT: UNDEFINED without a hook and at EL0, and a call with one.
// It does not know PSCI or semihosting. Arm ARM C6.2.
import Architecture
import TestSupport
import Testing

@testable import Machine

struct PlatformCallTests {
  private static let words: [UInt32] = [0xd400_0002, 0xd400_0003, 0xd45e_0000]  // hvc #0; smc #0; hlt #0xf000

  @Test func undefinedWithoutAHook() throws {
    for word in Self.words {
      let machine = try BareMachine.guestEL1([word], el0: [word])
      #expect(machine.run(count: 1) == .instructionLimit)
      #expect(machine[0].pc == 0xe200 && machine[0].read(.ESR_EL1) == 0x0200_0000 && machine[0].read(.ELR_EL1) == 0xd000)
      machine.enterEL0()
      #expect(machine.run(count: 1) == .instructionLimit)
      #expect(machine[0].pc == 0xe400 && machine[0].read(.ESR_EL1) == 0x0200_0000 && machine[0].read(.ELR_EL1) == 0x1000)
    }
  }

  @Test func hooksSeeTheCallerAndMayDecline() throws {
    let machine = try BareMachine.guestEL1([0xd400_0022, 0xd400_0043, 0xd45e_0000, 0xd400_0062])  // hvc #1; smc #2; hlt #0xf000; hvc #3
    var seen: [(CallConduit, UInt16, UInt64, UInt64)] = []
    machine.emulator.onCall = { processor, conduit, immediate in
      seen.append((conduit, immediate, processor.pc, processor.instructionsRetired))
      processor[x: 0] += 1
      if immediate == 1 { processor.write(.NZCV, 0x4000_0000) }
      return immediate != 3
    }
    var halts: [UInt16] = []
    machine.emulator.onHalt = { processor, immediate in
      halts.append(immediate)
      return true
    }
    #expect(machine.run(count: 4) == .instructionLimit)
    #expect(seen.map(\.0) == [.hvc, .smc, .hvc])
    #expect(seen.map(\.1) == [1, 2, 3])
    #expect(seen.map(\.2) == [0xd004, 0xd008, 0xd010])
    #expect(seen.map(\.3) == [1, 2, 4])
    #expect(halts == [0xf000])
    #expect(machine[0][x: 0] == 3)
    // The one that the hook declined.
    #expect(machine[0].pc == 0xe200 && machine[0].read(.ELR_EL1) == 0xd00c && machine[0].read(.ESR_EL1) == 0x0200_0000)
    #expect(machine[0].pstate.nzcv == 4)
    #expect(machine[0].instructionsRetired == 4)
  }

  /// HVC and SMC never reach a hook from EL0; HLT does.
  @Test func fromEL0() throws {
    let machine = try BareMachine.guestEL1([], el0: Self.words)
    machine.emulator.onCall = { _, _, _ in true }
    machine.emulator.onHalt = { _, _ in true }
    for (index, pc) in ([0xe400, 0xe400, 0x100c] as [UInt64]).enumerated() {
      machine.enterEL0()
      machine[0].pc = BareMachine.code + UInt64(index) * 4
      #expect(machine.run(count: 1) == .instructionLimit)
      #expect(machine[0].pc == pc)
    }
  }

  /// A hook may stop the run, move the PC, and assert an interrupt.
  @Test func whatAHookMayDo() throws {
    let machine = try BareMachine.guestEL1([0xd400_0002, 0x1400_0000])  // hvc #0; b #0
    machine[0].pstate = ProcessorState(rawValue: 0x5)
    machine.emulator.onCall = { processor, _, _ in
      processor.pc = 0xd004
      processor.setInterrupt(.irq, asserted: true)
      processor.requestStop()
      return true
    }
    #expect(machine.run() == .interrupted)
    #expect(machine[0].pc == 0xd004 && machine[0].instructionsRetired == 1)
    #expect(machine.run(count: 1) == .instructionLimit)
    #expect(machine[0].pc == 0xe280 && machine[0].read(.ELR_EL1) == 0xd004)
  }
}
