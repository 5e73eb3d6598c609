// Owns tests of the server with a program: registers, memory, stops, signals, processes, and that a debugger changes nothing by looking.
// It does not know gdb: `GDBSessionTests` drives the real one.
import Debugging
import GDBProtocol
import Laboratory
import LinuxKernel
import LinuxMM
import RemoteDebugging
import TestSupport
import Testing

@Suite struct ConversationTests {
  // PC, SP and X0 by their numbers in the target description.
  private static let (pc, sp, x0) = ("p20", "p1f", "p0")

  @Test func beginsBeforeTheFirstInstruction() throws {
    let target = try debugged("calls")
    let debugger = try ScriptedDebugger(target)
    let offer = try debugger.ask(ScriptedDebugger.features)
    #expect(offer.contains("PacketSize=4000") && offer.contains("QStartNoAckMode+") && offer.contains("QCatchSyscalls+"))
    #expect(try debugger.ask("QStartNoAckMode") == "OK")
    #expect(try debugger.ask("?").hasSuffix("thread:p2.2;"))
    #expect(try debugger.ask("qC") == "QCp2.2")
    #expect(try debugger.ask("qfThreadInfo") == "mp2.2" && debugger.ask("qsThreadInfo") == "l")
    #expect(try debugger.word(Self.pc) == address("_start"))
    #expect(try debugger.ask("qXfer:features:read:target.xml:0,ffff").contains("org.gnu.gdb.aarch64.core"))
    #expect(try debugger.ask("qXfer:exec-file:read:2:0,100") == "l/debugged")
    #expect(try debugger.ask("vMustReplyEmpty") == "" && debugger.ask("pffff") == "E16" && debugger.ask("m") == "E16")
    #expect(try debugger.ask("vAttach;5").hasPrefix("E."))
  }

  @Test func aBreakpointStopsBeforeItsInstructionAndTheProgramEnds() throws {
    let target = try debugged("calls")
    let debugger = try ScriptedDebugger(target)
    _ = try debugger.ask(ScriptedDebugger.features)
    let inner = hexadecimal(try address("inner"))
    #expect(try debugger.ask("Z0,\(inner),4") == "OK")
    #expect(try debugger.ask("vCont;c:p2.-1").contains("swbreak:;"))
    #expect(try debugger.word(Self.pc) == address("inner") && debugger.word(Self.x0) == 20)
    #expect(try debugger.ask("vCont;c:p2.-1").contains("swbreak:;"))
    #expect(try debugger.word(Self.x0) == 21)
    #expect(try debugger.ask("z0,\(inner),4") == "OK")
    #expect(try debugger.ask("vCont;c:p2.-1") == "W00;process:2")
    #expect(try debugger.ask("qfThreadInfo") == "l")
  }

  @Test func watchpointsStopBeforeTheAccessWithItsAddress() throws {
    let target = try debugged("calls")
    let debugger = try ScriptedDebugger(target)
    _ = try debugger.ask(ScriptedDebugger.features)
    let watched = hexadecimal(try address("watched"))
    #expect(try debugger.ask("Z2,\(watched),8") == "OK")
    #expect(try debugger.ask("vCont;c").contains("watch:\(watched);"))
    #expect(try debugger.word("m\(watched),8") == 5)
    #expect(try debugger.ask("vCont;s:p2.2").contains("T05"))
    #expect(try debugger.word("m\(watched),8") == 20)
    #expect(try debugger.ask("Z2,\(watched),0") == "" && debugger.ask("Z0,1,4") == "")
  }

  @Test func systemRegistersAreWrittenForTheProgram() throws {
    let target = try debugged("registers")
    let debugger = try ScriptedDebugger(target)
    _ = try debugger.ask(ScriptedDebugger.features)
    let place = hexadecimal(try address("before_read"))
    #expect(try debugger.ask("Z1,\(place),4") == "OK")
    #expect(try debugger.ask("vCont;c").contains("hwbreak:;"))
    // The register behind V0 to V31, FPSR and FPCR.
    #expect(try debugger.ask("P44=efbeadde00000000") == "OK")
    _ = try debugger.ask("vCont;c")
    #expect(target.outputText.contains("tpidr_el0: 0xdeadbeef"))
    // MIDR_EL1 is read-only.
    let number = try #require(target.registerFeatures.flatMap(\.registers).firstIndex { $0.name == "MIDR_EL1" })
    #expect(try debugger.ask("P\(String(number, radix: 16))=0000000000000000").hasPrefix("E."))
  }

  @Test func aSignalStopsBeforeItTakesEffect() throws {
    for (action, output) in [("C1e", "handler of: 10"), ("c", "after: 10")] {
      let target = try debugged("signals")
      let debugger = try ScriptedDebugger(target)
      _ = try debugger.ask(ScriptedDebugger.features)
      // GDB's number of SIGUSR1 is 30.
      #expect(try debugger.ask("vCont;c").hasPrefix("T1e"))
      let information = try debugger.ask("qXfer:siginfo:read::0,80")
      #expect(information.utf8.prefix(2).elementsEqual("l\u{a}".utf8))
      #expect(try debugger.ask("vCont;\(action):p2.2") == "W00;process:2")
      #expect(target.outputText.contains(output))
      #expect(target.outputText.contains("handler") == (action == "C1e"))
    }
  }

  /// The handler prints the code and the address that the debugger has written.
  @Test func whatAHandlerGetsCanBeWritten() throws {
    let target = try debugged("signals")
    let debugger = try ScriptedDebugger(target)
    _ = try debugger.ask(ScriptedDebugger.features)
    #expect(try debugger.ask("qXfer:siginfo:write::8:abcd").hasPrefix("E"))
    #expect(try debugger.ask("vCont;c").hasPrefix("T1e"))
    let before = try debugger.ask("qXfer:siginfo:read::0,80")
    #expect(try debugger.ask("qXfer:siginfo:write::14:wxyz") == "4")
    let after = try debugger.ask("qXfer:siginfo:read::0,80")
    #expect(after != before && after.contains("wxyz"))
    #expect(try debugger.ask("qXfer:siginfo:write::7f:wxyz").hasPrefix("E"))
    #expect(try debugger.ask("vCont;C1e:p2.2") == "W00;process:2")
    #expect(target.outputText.contains("handler of: 10"))
  }

  @Test func aFaultThatKillsStopsFirst() throws {
    let target = try debugged("fault")
    let debugger = try ScriptedDebugger(target)
    _ = try debugger.ask(ScriptedDebugger.features)
    #expect(try debugger.ask("vCont;c").hasPrefix("T0b"))
    let number = try #require(target.registerFeatures.flatMap(\.registers).firstIndex { $0.name == "FAR_EL1" })
    #expect(try debugger.word("p\(String(number, radix: 16))") == 0x1230)
    #expect(try debugger.ask("vCont;C0b:p2.2") == "X0b;process:2")
  }

  /// The PC of a handler's first instruction is where a step with a signal ends.
  @Test func aStepWithASignalEndsAtTheHandler() throws {
    let target = try debugged("signals")
    let debugger = try ScriptedDebugger(target)
    _ = try debugger.ask(ScriptedDebugger.features)
    #expect(try debugger.ask("vCont;c").hasPrefix("T1e"))
    #expect(try debugger.ask("vCont;S1e:p2.2").hasPrefix("T05"))
    #expect(try debugger.word(Self.pc) == address("got"))
  }

  @Test func passedSignalsDoNotStop() throws {
    let target = try debugged("signals")
    let debugger = try ScriptedDebugger(target)
    _ = try debugger.ask(ScriptedDebugger.features)
    #expect(try debugger.ask("QPassSignals:1e") == "OK")
    #expect(try debugger.ask("vCont;c") == "W00;process:2")
    #expect(target.outputText.contains("handler of: 10"))
  }

  @Test func systemCallsStopAtEntryAndReturn() throws {
    let target = try debugged("calls")
    let debugger = try ScriptedDebugger(target)
    _ = try debugger.ask(ScriptedDebugger.features)
    #expect(try debugger.ask("QCatchSyscalls:1;40") == "OK")
    #expect(try debugger.ask("vCont;c").contains("syscall_entry:40;"))
    #expect(try debugger.word(Self.x0) == 1 && target.outputText == "")
    #expect(try debugger.ask("vCont;c").contains("syscall_return:40;"))
    #expect(try debugger.word(Self.x0) == UInt64(target.outputText.utf8.count) && target.outputText != "")
    #expect(try debugger.ask("vCont;c") == "W00;process:2")
  }

  @Test func aForkIsToldAndTheChildCanBeFollowed() throws {
    let target = try debugged("children")
    let debugger = try ScriptedDebugger(target)
    _ = try debugger.ask(ScriptedDebugger.features)
    let work = hexadecimal(try address("child_work"))
    #expect(try debugger.ask("vCont;c").contains("fork:p3.3;thread:p2.2;"))
    #expect(try debugger.ask("qfThreadInfo") == "mp2.2,p3.3")
    #expect(try debugger.ask("Hgp3.3") == "OK" && debugger.ask("Z0,\(work),4") == "OK" && debugger.word(Self.x0) == 0)
    #expect(try debugger.ask("D;2") == "OK")
    #expect(try debugger.ask("vCont;c:p3.-1").contains("thread:p3.3;"))
    #expect(try debugger.word(Self.pc) == address("child_work"))
    #expect(try debugger.ask("vCont;c:p3.-1") == "W03;process:3")
  }

  @Test func anExecIsTold() throws {
    let target = try debugged("executes")
    let debugger = try ScriptedDebugger(target)
    _ = try debugger.ask(ScriptedDebugger.features)
    #expect(try debugger.ask("vCont;c").contains("exec:"))
    #expect(try debugger.word(Self.pc) == address("_start"))
    #expect(try debugger.ask("vCont;c") == "W00;process:2")
    #expect(target.outputText.contains("outer"))
  }

  @Test func threadsHaveRegistersOfTheirOwn() throws {
    let target = try debugged("threads")
    let debugger = try ScriptedDebugger(target)
    _ = try debugger.ask(ScriptedDebugger.features)
    #expect(try debugger.ask("Z0,\(hexadecimal(try address("all_arrived"))),4") == "OK")
    #expect(try debugger.ask("vCont;c").contains("thread:p2.2;"))
    #expect(try debugger.ask("qfThreadInfo") == "mp2.2,p2.3,p2.4")
    let stacks = try ["2", "3", "4"].map { thread in
      #expect(try debugger.ask("Hgp2.\(thread)") == "OK")
      return try debugger.word(Self.sp)
    }
    #expect(Set(stacks).count == 3)
    let description = try debugger.ask("qThreadExtraInfo,p2.3")
    #expect(String(decoding: Hexadecimal.decoded(Array(description.utf8)) ?? [], as: UTF8.self) == "debugged: sleeps in system call 98")
    // A thread that sleeps steps as soon as it can run.
    #expect(try debugger.ask("vCont;s:p2.3;c").contains("thread:p2.3;"))
  }

  @Test func memoryThatNothingHasTouchedReadsAsZero() throws {
    let target = try debugged("calls")
    let debugger = try ScriptedDebugger(target)
    let before = target.session.kernel.stateDigest
    let results = try address("results")
    #expect(try debugger.word("m\(hexadecimal(results)),8") == 0)
    #expect(try debugger.ask("m10,8") == "E0e")
    #expect(target.session.kernel.stateDigest == before)
    #expect(try debugger.ask("M\(hexadecimal(results)),2:0102") == "OK" && debugger.ask("m\(hexadecimal(results)),2") == "0102")
  }

  @Test func filesOfTheGuestCanBeRead() throws {
    let debugger = try ScriptedDebugger(try debugged("calls"))
    let maps = Hexadecimal.text("/proc/2/maps".utf8)
    #expect(try debugger.ask("vFile:setfs:2") == "F0")
    #expect(try debugger.ask("vFile:open:\(maps),0,0") == "F1")
    #expect(try debugger.ask("vFile:pread:1,1000,0").contains("[stack]"))
    #expect(try debugger.ask("vFile:close:1") == "F0" && debugger.ask("vFile:close:1") == "F-1,9")
    #expect(try debugger.ask("vFile:open:\(maps),1,0") == "F-1,1e")
    #expect(try debugger.ask("vFile:open:\(Hexadecimal.text("/none".utf8)),0,0") == "F-1,2")
    #expect(try debugger.ask("vFile:readlink:\(Hexadecimal.text("/proc/self/exe".utf8))").hasSuffix(";/debugged"))
  }

  @Test func theInterruptByteStopsTheRun() throws {
    let debugger = try ScriptedDebugger(try debugged("spins"))
    _ = try debugger.ask(ScriptedDebugger.features)
    debugger.send("vCont;c")
    debugger.send(bytes: [3])
    #expect(try debugger.receive().hasPrefix("T02"))
    #expect(try debugger.ask("vKill;2") == "OK" && debugger.end() == .killed)
  }

  /// Ctrl-C while a program waits for input stops the wait, and the program does not notice.
  @Test func aReadThatTheHostInterruptsRunsAgain() throws {
    let io = InterruptedInput()
    var configuration = SessionConfiguration()
    configuration.memorySize = 64 << 20
    let session = try Session(configuration, host: io)
    try session.load(bytes: try firmware("tests/debugged"), path: "/debugged", arguments: ["echoes"])
    #expect(session.run() == .exited(0) && io.reads == 2)
    #expect(String(decoding: io.output, as: UTF8.self).contains("read: 4"))
  }

  @Test func runStartsAnewInExtendedMode() throws {
    let target = try debugged("fault")
    let debugger = try ScriptedDebugger(target)
    _ = try debugger.ask(ScriptedDebugger.features)
    #expect(try debugger.ask("!") == "OK" && debugger.ask("vCont;c").hasPrefix("T0b") && debugger.ask("vKill;2") == "OK")
    #expect(try debugger.ask("vRun;;63616c6c73").hasPrefix("T05"))
    #expect(try debugger.ask("vCont;c") == "W00;process:2")
    #expect(target.outputText.contains("outer"))
  }

  @Test func damagedAndLongPacketsAreAnswered() throws {
    let debugger = try ScriptedDebugger(try debugged("calls"))
    debugger.send(bytes: Array("$g#00$?#3f".utf8))
    #expect(try debugger.receive().hasPrefix("T05"))
    #expect(try debugger.ask("X0,8000:" + String(repeating: "a", count: 0x8000)) == "E07")
  }

  @Test func monitorRunsTheShellsCommands() throws {
    let target = try debugged("calls")
    #expect(target.target.execute("pagewalk $pc").contains("level 3"))
    #expect(target.target.execute("nonsense").contains("Undefined command"))
  }

  // MARK: The run is the same

  /// A program that a debugger stops, steps and watches ends in the same state as one that runs alone.
  @Test(arguments: ["calls", "signals", "children", "threads", "executes", "echoes"])
  func aDebuggedRunEndsInTheStateOfAPlainRun(_ program: String) throws {
    let plain = try debugged(program)
    _ = plain.session.run()
    let target = try debugged(program)
    let debugger = try ScriptedDebugger(target)
    _ = try debugger.ask(ScriptedDebugger.features)
    for name in ["inner", "worker", "got", "parent_work", "all_arrived"] {
      _ = try debugger.ask("Z0,\(hexadecimal(try address(name))),4")
    }
    _ = try debugger.ask("Z4,\(hexadecimal(try address("watched"))),8")
    _ = try debugger.ask("QCatchSyscalls:1")
    let results = try address("results")
    var stop = try debugger.ask("vCont;s:p2.2")
    for round in 0..<2000 where !stop.hasPrefix("W") {
      let signal = stop.dropFirst().prefix(2)
      // Looking changes nothing: registers, the stack, memory that the program has not touched, its mappings.
      let sp = try debugger.word(Self.sp)
      for packet in ["g", "m\(hexadecimal(sp)),40", "m\(hexadecimal(sp - 0x4000)),40", "m\(hexadecimal(results)),20"] {
        _ = try debugger.ask(packet)
      }
      _ = target.target.execute("vmmap")
      let action = signal == "05" ? (round % 3 == 0 ? "s" : "c") : "C\(signal)"
      stop = try debugger.ask("vCont;\(action):\(stop.split(separator: "thread:").last?.dropLast() ?? "");c")
      // A child that has ended is told of too.
      if stop.hasPrefix("W") && !stop.hasSuffix(":2") { stop = try debugger.ask("vCont;c") }
    }
    #expect(stop == "W00;process:2")
    #expect(target.outputText == plain.outputText)
    #expect(target.session.kernel.stateDigest == plain.session.kernel.stateDigest)
    #expect(memoryDigest(target) == memoryDigest(plain))
    #expect(target.session.instructionsRetired == plain.session.instructionsRetired)
  }

  private func memoryDigest(_ target: DebuggedProgram) -> UInt64 {
    let memory = target.session.machine.memory
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    var at = memory.base
    while let bytes = memory.read(at, count: 1 << 16) {
      for byte in bytes where byte != 0 { digest = (digest ^ UInt64(byte) ^ at) &* 0x100_0000_01b3 }
      at += 1 << 16
    }
    return digest
  }
}

/// An input whose first read is interrupted.
private final class InterruptedInput: HostIO {
  private(set) var reads = 0
  private(set) var output: [UInt8] = []
  func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    output += bytes
    return bytes.count
  }
  func read(_ buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    reads += 1
    if reads == 1 { throw .EINTR }
    return 4
  }
}
