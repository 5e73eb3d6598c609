// Owns tests of streams of the host that refuse: the guest gets the host's error, and a command's own output ends in one line.
// It does not know what is written.
import TestSupport
import Testing

@Suite struct HostErrorTests {
  /// One call on a stream, whose negated result is the exit status: an error's number.
  private static func program(_ call: UInt32, _ descriptor: UInt32) -> [UInt32] {
    [
      0xd280_0000 | descriptor << 5,  // mov x0, #descriptor
      0xd101_03e1,  // sub x1, sp, #64
      0xd280_0062,  // mov x2, #3
      0xd280_0008 | call << 5,  // mov x8, #call
      0xd400_0001, 0xcb00_03e0,  // svc #0; neg x0, x0
      0xd280_0bc8, 0xd400_0001,  // mov x8, #94: exit_group; svc #0
    ]
  }
  private static let read = program(63, 0), write = program(64, 1), writeErrors = program(64, 2)

  static let errors: [(name: String, words: [UInt32], line: String, status: Int32)] = [
    ("a full disk: ENOSPC", write, "faultline run \"$1\" >/dev/full", 28),
    ("stderr on a full disk: ENOSPC", writeErrors, "faultline run \"$1\" 2>/dev/full", 28),
    ("a closed stdout: EBADF", write, "faultline run \"$1\" >&-", 9),
    ("a stdout for reading: EBADF", write, "faultline run \"$1\" 1</dev/null", 9),
    (
      "a file of the largest size: EFBIG", write,
      "ulimit -f 0; trap '' XFSZ; faultline run \"$1\" >\"$1-out\"; s=$?; rm -f \"$1-out\"; exit $s", 27
    ),
    ("a closed pipe: SIGPIPE", write, "{ sleep 0.3; faultline run \"$1\"; echo $? >&2; } | true", 0),
    ("a closed stdin: EBADF", read, "faultline run \"$1\" <&-", 9),
    ("a directory as stdin: EISDIR", read, "faultline run \"$1\" </", 21),
  ]

  @Test(arguments: errors) func theGuestGetsTheHostsErrorNumber(_ name: String, _ words: [UInt32], _ line: String, _ status: Int32) throws {
    let run = try withProgram(words) { try FaultlineProcess(shell: line, $0) }
    #expect(run.status == status, "\(name): \(run.errors)")
    if name.hasSuffix("SIGPIPE") {
      #expect(run.errors.hasSuffix("141\n") && run.errors.contains("killed by SIGPIPE"), "\(run.errors)")
    } else {
      #expect(run.errors == "", "\(name)")
    }
  }

  /// A pipe that does not block and is full: EAGAIN. Perl sets the flag, which no shell can.
  @Test func aFullPipeThatDoesNotBlockIsEAGAIN() throws {
    let flags = "perl -MFcntl -e 'fcntl(STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK); 1 while syswrite(STDOUT, \"x\" x 4096)'"
    let line = "command -v perl >/dev/null || exit 77; { \(flags); faultline run \"$1\"; echo $? >&2; } | sleep 2"
    let run = try withProgram(Self.write) { try FaultlineProcess(shell: line, $0) }
    if run.status != 77 { #expect(run.errors == "11\n") }
  }

  static let outputs = [
    "faultline esr 0x9200004f >/dev/full", "faultline pte 0x3 >/dev/full", "faultline decode b8200041 >/dev/full",
    "faultline --version >/dev/full", "faultline help run >/dev/full", "faultline --generate-completion-script bash >/dev/full",
    "faultline shell --batch -ex 'esr 0x9200004f' >/dev/full", "echo help | faultline shell >/dev/full",
    "faultline bench decode --words 100 --rounds 1 >/dev/full",
    "faultline bench decode --words 100 --rounds 1 --json - 2>&1 >/dev/full | tail -1 >&2; exit 2",
    "faultline bench decode --words 100 --rounds 1 --json /dev/full 2>&1 >/dev/null | tail -1 >&2; exit 2",
    "faultline machine build/firmware/el1/timer >/dev/full",
  ]

  @Test(arguments: outputs) func aFullDiskGivesOneLineAndAStatus(_ line: String) throws {
    let run = try FaultlineProcess(shell: line)
    #expect(run.status == 2)
    #expect(run.errors.hasPrefix("faultline: error: cannot write "), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
  }

  /// No line can say that stderr is full, but the status does.
  @Test func lostStatisticsAreAFailure() throws {
    let run = try FaultlineProcess(shell: "faultline run --stats build/firmware/examples/hello 2>/dev/full")
    #expect(run.status == 2 && run.output == "Hello from EL0.\n")
  }

  /// A reader that has left is no mistake.
  @Test func aReaderThatLeavesIsNoMistake() throws {
    let run = try FaultlineProcess(shell: "{ sleep 0.3; faultline esr 0x9200004f; } | true")
    #expect(run.status == 0 && run.errors == "")
  }
}
