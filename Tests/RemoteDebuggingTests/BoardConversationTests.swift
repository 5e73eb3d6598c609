// Owns tests of the server with a bare-metal image on two PEs. It does not know gdb.
import Debugging
import GDBProtocol
import Laboratory
import RemoteDebugging
import TestSupport
import Testing

@Suite struct BoardConversationTests {
  private func board(_ io: MemoryIO = MemoryIO()) throws -> BoardTarget {
    let bytes = try firmware("el1/psci")
    return try BoardTarget { () throws(SessionError) in
      var configuration = BoardConfiguration()
      configuration.memorySize = 16 << 20
      configuration.processorCount = 2
      let session = try BoardSession(configuration, host: io)
      try session.load(bytes: bytes, path: "psci")
      return session
    }
  }

  @Test func processorsAreThreads() throws {
    let debugger = try ScriptedDebugger(try board())
    _ = try debugger.ask(ScriptedDebugger.features)
    #expect(try debugger.ask("qfThreadInfo") == "mp1.1,p1.2")
    #expect(try debugger.ask("Hgp1.2") == "OK" && debugger.ask("qXfer:auxv:read::0,100") == "E0e")
    #expect(try debugger.ask("vFile:open:2f,0,0") == "F-1,2")
  }

  @Test func systemRegistersTakeEffect() throws {
    let target = try board()
    let debugger = try ScriptedDebugger(target)
    _ = try debugger.ask(ScriptedDebugger.features)
    let number = try #require(target.registerFeatures.flatMap(\.registers).firstIndex { $0.name == "VBAR_EL1" })
    #expect(try debugger.ask("P\(String(number, radix: 16))=0008004000000000") == "OK")
    #expect(target.session.processor.read(.VBAR_EL1) == 0x4000_0800)
    #expect(try debugger.word("p\(String(number, radix: 16))") == 0x4000_0800)
  }

  @Test func theMemoryMapCoversAllAddresses() throws {
    let debugger = try ScriptedDebugger(try board())
    #expect(try debugger.ask(ScriptedDebugger.features).contains("qXfer:memory-map:read+"))
    let map = try debugger.ask("qXfer:memory-map:read::0,1000")
    for range in [
      ("0x0", "0x9000000"), ("0x9000000", "0x1000"), ("0x9001000", "0x36fff000"), ("0x40000000", "0x1000000"),
      ("0x41000000", "0xffffffffbf000000"),
    ] {
      #expect(map.contains("<memory type=\"ram\" start=\"\(range.0)\" length=\"\(range.1)\"/>"), "\(map)")
    }
    #expect(try debugger.ask("qXfer:siginfo:write::0:abcd").hasPrefix("E"))
  }

  @Test func aCommandOfTheShell() throws {
    let target = try board()
    #expect(target.execute("info tasks").contains("* 0"))
    #expect(target.execute("vmmap").contains("An image on a board has no processes"))
  }

  @Test func physicalMemory() throws {
    let debugger = try ScriptedDebugger(try board())
    #expect(try debugger.ask("Qqemu.PhyMemMode:1") == "OK" && debugger.ask("qqemu.PhyMemMode") == "1")
    #expect(try debugger.ask("M40ff0000,4:01020304") == "OK" && debugger.ask("m40ff0000,4") == "01020304")
    #expect(try debugger.ask("m0,4") == "E0e")
  }

  @Test func aDebuggedRunEndsInTheStateOfAPlainRun() throws {
    let (plainIO, io) = (MemoryIO(), MemoryIO())
    let plain = try board(plainIO)
    let outcome = plain.session.run()
    let target = try board(io)
    let debugger = try ScriptedDebugger(target)
    _ = try debugger.ask(ScriptedDebugger.features)
    for _ in 0..<200 { #expect(try debugger.ask("vCont;s:p1.1").hasPrefix("T05")) }
    #expect(try debugger.ask("vCont;c").hasPrefix("W"))
    #expect(target.session.outcome == outcome && io.outputText == plainIO.outputText && io.outputText != "")
    #expect(target.session.instructionsRetired == plain.session.instructionsRetired)
    for (one, other) in zip(target.session.machine.processors, plain.session.machine.processors) {
      #expect((0..<31).allSatisfy { one[x: $0] == other[x: $0] } && one.pc == other.pc && one.pstate == other.pstate)
    }
  }
}
