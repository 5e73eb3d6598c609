// Owns tests of requests and replies: the packets of GDB's manual beside their meaning.
// It does not know a target.
import GDBProtocol
import Testing

@Suite struct RequestTests {
  static let rows: [(packet: String, request: Request)] = [
    ("qSupported:multiprocess+;swbreak+;xmlRegisters=i386", .supported(["multiprocess+", "swbreak+", "xmlRegisters=i386"])),
    ("qSupported", .supported([])),
    ("QStartNoAckMode", .noAcknowledgements),
    ("!", .extendedMode),
    ("qRcmd,746c62", .command("tlb")),
    ("qRcmd,7", .malformed),
    ("g", .readRegisters),
    ("G0102", .writeRegisters([1, 2])),
    ("p1f", .readRegister(31)),
    ("p", .malformed),
    ("pffffffff", .malformed),
    ("P20=78563412", .writeRegister(32, [0x78, 0x56, 0x34, 0x12])),
    ("m4000b0,10", .readMemory(address: 0x4000b0, count: 16)),
    ("m4000b0", .malformed),
    ("mfffffffffffffffff,1", .malformed),
    ("m10,ffffffff", .malformed),
    ("M10,2:0a0b", .writeMemory(address: 16, [10, 11])),
    ("M10,3:0a0b", .malformed),
    ("X10,2:ab", .writeMemory(address: 16, [0x61, 0x62])),
    ("X10,0:", .writeMemory(address: 16, [])),
    ("qSearch:memory:1000;20;abc", .searchMemory(address: 0x1000, count: 32, [0x61, 0x62, 0x63])),
    ("Qqemu.PhyMemMode:1", .setPhysicalMemory(true)),
    ("Qqemu.PhyMemMode:2", .malformed),
    ("qqemu.PhyMemMode", .isMemoryPhysical),
    ("qMemoryRegionInfo:400000", .memoryRegion(address: 0x400000)),
    ("Hgp2.2", .select(.reading, ThreadSelection(process: .one(2), thread: .one(2)))),
    ("Hg0", .select(.reading, ThreadSelection(thread: .any))),
    ("Hc-1", .select(.resuming, ThreadSelection(thread: .all))),
    ("Hgp0.0", .select(.reading, ThreadSelection(process: .any, thread: .any))),
    ("Hgp2.", .malformed),
    ("Tp2.3", .isAlive(ThreadSelection(process: .one(2), thread: .one(3)))),
    ("Tp2", .isAlive(ThreadSelection(process: .one(2), thread: .all))),
    ("qC", .currentThread),
    ("qCRC:0,10", .unknown),
    ("qfThreadInfo", .firstThreads),
    ("qsThreadInfo", .moreThreads),
    ("qThreadExtraInfo,p2.2", .threadDescription(ThreadSelection(process: .one(2), thread: .one(2)))),
    ("qAttached:2", .wasAttached),
    ("?", .stopReason),
    ("vCont?", .knownActions),
    (
      "vCont;s:p2.2;c",
      .resume([
        ResumeAction(.step(signal: 0), ThreadSelection(process: .one(2), thread: .one(2))), ResumeAction(.continue(signal: 0)),
      ])
    ),
    ("vCont;C0b:p2.-1", .resume([ResumeAction(.continue(signal: 11), ThreadSelection(process: .one(2), thread: .all))])),
    (
      "vCont;r400100,400110:p2.2",
      .resume([
        ResumeAction(.stepRange(start: 0x400100, end: 0x400110), ThreadSelection(process: .one(2), thread: .one(2)))
      ])
    ),
    ("vCont;t", .resume([ResumeAction(.stop)])),
    ("vCont;", .malformed),
    ("vCont;q", .malformed),
    ("vCont", .unknown),
    ("c", .resumeSelected(.continue(signal: 0), address: nil)),
    ("c400000", .resumeSelected(.continue(signal: 0), address: 0x400000)),
    ("C0b;400000", .resumeSelected(.continue(signal: 11), address: 0x400000)),
    ("S05", .resumeSelected(.step(signal: 5), address: nil)),
    ("s", .resumeSelected(.step(signal: 0), address: nil)),
    ("vCtrlC", .interrupt),
    ("Z0,400100,4", .insert(StopPoint(.softwareBreakpoint, address: 0x400100, size: 4))),
    ("z2,420000,8", .remove(StopPoint(.writeWatchpoint, address: 0x420000, size: 8))),
    ("Z5,0,0", .malformed),
    ("Z0,0,4;X1,0", .malformed),
    ("QPassSignals:e;10;14", .passSignals([14, 16, 20])),
    ("QPassSignals:e;10;", .passSignals([14, 16])),
    ("QPassSignals:", .passSignals([])),
    ("QCatchSyscalls:0", .catchSystemCalls(.none)),
    ("QCatchSyscalls:1", .catchSystemCalls(.all)),
    ("QCatchSyscalls:1;40;5e", .catchSystemCalls(.some([64, 94]))),
    ("QCatchSyscalls:2", .malformed),
    ("vRun;;6162;63", .run(file: [], arguments: [[0x61, 0x62], [0x63]])),
    ("R00", .restart),
    ("vAttach;2", .attach(process: 2)),
    ("k", .kill(process: nil)),
    ("vKill;2", .kill(process: 2)),
    ("D", .detach(process: nil)),
    ("D;2", .detach(process: 2)),
    ("QEnvironmentHexEncoded:413d31", .environment(.set("A=1"))),
    ("QEnvironmentUnset:41", .environment(.unset("A"))),
    ("QEnvironmentReset", .environment(.reset)),
    ("QStartupWithShell:0", .startupPreference),
    ("qXfer:features:read:target.xml:0,ffb", .transfer(.features, annex: "target.xml", offset: 0, count: 0xffb)),
    ("qXfer:siginfo:read::0,80", .transfer(.siginfo, annex: "", offset: 0, count: 128)),
    ("qXfer:features:write:target.xml:0:a", .unknown),
    ("qXfer:siginfo:write::10:ab", .writeObject(.siginfo, annex: "", offset: 16, [0x61, 0x62])),
    ("qXfer:siginfo:write::zz:ab", .malformed),
    ("qXfer:memory-map:read::0,100", .transfer(.memoryMap, annex: "", offset: 0, count: 256)),
    ("qXfer:libraries-svr4:read::0,10", .unknown),
    ("qXfer:auxv:read::0", .malformed),
    ("vFile:setfs:0", .file(.setFileSystem(process: 0))),
    ("vFile:open:2f61,0,1b4", .file(.open(path: "/a", flags: 0, mode: 0x1b4))),
    ("vFile:pread:1,1000,20", .file(.read(1, count: 0x1000, offset: 32))),
    ("vFile:pwrite:1,0,ab", .file(.write(1, offset: 0, [0x61, 0x62]))),
    ("vFile:fstat:1", .file(.status(1))),
    ("vFile:close:1", .file(.close(1))),
    ("vFile:readlink:2f61", .file(.readLink(path: "/a"))),
    ("vFile:unlink:2f61", .file(.unlink(path: "/a"))),
    ("vFile:stat:2f61", .unknown),
    ("vMustReplyEmpty", .unknown),
    ("qTStatus", .unknown),
    ("QThreadSuffixSupported", .unknown),
    ("qHostInfo", .hostInformation),
    ("", .unknown),
  ]

  @Test(arguments: rows) func packets(_ row: (packet: String, request: Request)) {
    #expect(Request(Array(row.packet.utf8)) == row.request, "\(row.packet)")
  }

  @Test func replies() {
    #expect(text(.ok) == "OK" && text(.empty) == "" && text(.failure(.unreadable)) == "E0e")
    #expect(text(.refusal("no #1")) == "E.no }\u{3}1")
    #expect(text(.bytes([0, 0xff])) == "00ff" && text(.part([0x61, 0x2a][...], isLast: false)) == "ma}\n")
    #expect(
      text(.file(0)) == "F0" && text(.file(0, [])) == "F0;" && text(.file(2, [0x61, 0x62])) == "F2;ab"
        && text(.fileFailure(.ENOENT)) == "F-1,2")
    #expect(FileStatus(mode: 0o100444, size: 0x1234).bytes.count == 64)
  }

  @Test func stops() {
    var stop = Stop(signal: 5, thread: "p2.2", event: .watchpoint(.writeWatchpoint, address: 0x420010))
    stop.registers = [(0x20, [0, 1, 0x40, 0, 0, 0, 0, 0])]
    #expect(text(.stop(.stopped(stop))) == "T0520:0001400000000000;watch:420010;thread:p2.2;")
    #expect(text(.stop(.stopped(Stop(signal: 5, thread: "2", event: .fork(child: "p3.3"))))) == "T05fork:p3.3;thread:2;")
    #expect(text(.stop(.stopped(Stop(signal: 5, thread: "2", event: .exec(path: "/a"))))) == "T05exec:2f61;thread:2;")
    #expect(text(.stop(.stopped(Stop(signal: 5, thread: "2", event: .systemCallEntry(64))))) == "T05syscall_entry:40;thread:2;")
    #expect(text(.stop(.exited(status: 3, process: nil))) == "W03")
    #expect(text(.stop(.killed(signal: 11, process: 2))) == "X0b;process:2")
  }

  private func text(_ reply: Reply) -> String { String(decoding: reply.contents, as: UTF8.self) }

  @Test func descriptions() {
    let xml = TargetDescription.xml(
      architecture: "aarch64", osABI: "GNU/Linux",
      [
        RegisterFeature("a", [RegisterDescription("x0", bits: 64, type: "int64")]),
        RegisterFeature("b", [RegisterDescription("ESR_EL1", bits: 64, type: "uint64", group: "system")]),
      ])
    #expect(xml.contains("<reg name=\"x0\" bitsize=\"64\" type=\"int64\" regnum=\"0\"/>"))
    #expect(xml.contains("<reg name=\"ESR_EL1\" bitsize=\"64\" type=\"uint64\" regnum=\"1\" group=\"system\"/>"))
    #expect(xml.contains("<osabi>GNU/Linux</osabi>"))
    let threads = TargetDescription.threads([(id: "p2.2", name: "a<b", description: "runs & waits")])
    #expect(threads.contains("<thread id=\"p2.2\" name=\"a&lt;b\">runs &amp; waits</thread>"))
  }
}
