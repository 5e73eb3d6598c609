// Owns tests of runs that are ended from outside, and of processes that die inside.
// It does not know how a program runs.
import Foundation
import TestSupport
import Testing

@Suite struct EndingTests {
  /// Writes a byte to stdout, so that a test knows that it runs, and goes on with the given words.
  private static func program(_ rest: [UInt32]) -> [UInt32] {
    // mov x0, #1; sub x1, sp, #64; mov x2, #1; mov x8, #64: write; svc #0
    [0xd280_0020, 0xd101_03e1, 0xd280_0022, 0xd280_0808, 0xd400_0001] + rest
  }
  /// b .
  private static let spinning = program([0x1400_0000])
  /// mov x0, #0; sub x1, sp, #64; mov x2, #1; mov x8, #63: read; svc #0; b .
  private static let reading = program([0xd280_0000, 0xd101_03e1, 0xd280_0022, 0xd280_07e8, 0xd400_0001, 0x1400_0000])

  /// Runs `faultline run --stats` until the program has written, sends a signal, and returns the status, negated where the signal
  /// killed the command, and what stands on stderr.
  private func end(_ words: [UInt32], by number: Int32, environment: [String: String] = [:]) throws -> (status: Int32, errors: String) {
    try withProgram(words) { path in
      let process = Process()
      process.executableURL = URL(filePath: FaultlineProcess.path)
      process.arguments = ["run", "--stats", path]
      process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      let (input, output) = (Pipe(), Pipe())
      process.standardInput = input
      process.standardOutput = output
      let errors = URL(filePath: path + "-errors")
      try Data().write(to: errors)
      defer { try? FileManager.default.removeItem(at: errors) }
      process.standardError = try FileHandle(forWritingTo: errors)
      // A shell that runs these tests in the background switches the signal off, and the threads that run tests block it. The process
      // inherits both.
      signal(number, SIG_DFL)
      var none = sigset_t(), old = sigset_t()
      sigemptyset(&none)
      pthread_sigmask(SIG_SETMASK, &none, &old)
      defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
      try process.run()
      #expect(try output.fileHandleForReading.read(upToCount: 1)?.count == 1)
      kill(process.processIdentifier, number)
      process.waitUntilExit()
      let status = process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
      return (status, String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
  }

  static let endings: [(name: String, words: [UInt32], number: Int32, status: Int32)] = [
    ("Ctrl-C", spinning, SIGINT, 130), ("Ctrl-C while the program reads", reading, SIGINT, 130), ("SIGTERM", spinning, SIGTERM, 143),
  ]

  @Test(arguments: endings) func whatIsEndedStillPrintsItsStatistics(_ name: String, _ words: [UInt32], _ number: Int32, _ status: Int32)
    throws
  {
    let run = try end(words, by: number)
    #expect(run.status == status, "\(name)")
    #expect(run.errors.hasPrefix("instructions ") && run.errors.contains("\nfaultline: interrupted after "), "\(name): \(run.errors)")
  }

  /// Ctrl-\ ends the command as it ends any other, even where Swift's runtime is asked to report crashes.
  @Test func ctrlBackslashIsNoCrash() throws {
    let run = try end(Self.spinning, by: SIGQUIT, environment: ["SWIFT_BACKTRACE": "enable=yes,color=no"])
    #expect(run.status == -SIGQUIT)
    #expect(run.errors == "")
  }

  /// clone(SIGCHLD), and the words in the child; the parent waits and exits with status 0.
  private static func forking(_ child: [UInt32]) -> [UInt32] {
    [
      0xd280_0220, 0xd280_0001, 0xd280_0002, 0xd280_0003, 0xd280_0004,  // mov x0, #17 and zeroes
      0xd280_1b88, 0xd400_0001,  // mov x8, #220: clone; svc #0
      0xb500_0000 | UInt32(child.count + 1) << 5,  // cbnz x0, behind the child's words
    ] + child + [
      0x9280_0000, 0xd280_0001, 0xd280_0002, 0xd280_0003, 0xd280_2088, 0xd400_0001,  // wait4(-1, 0, 0, 0)
      0xd280_0000, 0xd280_0bc8, 0xd400_0001,  // exit_group(0)
    ]
  }

  @Test func aDeathInAForkedChildIsTold() throws {
    // str x0, [x0]
    let run = try withProgram(Self.forking([0xf900_0000])) { try FaultlineProcess("run", "--quiet-death", $0) }
    #expect(run.status == 0)
    let line =
      /faultline: process \d+ \(child of \d+\) killed by SIGSEGV: write at 0x0, translation fault, level \d \(ESR 0x9200004[4-7]\) at pc 0x400020\n/
    #expect(run.errors.wholeMatch(of: line) != nil, "\(run.errors)")
  }

  /// A process that sends itself SIGTERM knows why it ends.
  @Test func aDeathThatAProcessAskedForIsNotTold() throws {
    // getpid(); kill(x0, SIGTERM)
    let child: [UInt32] = [0xd280_1588, 0xd400_0001, 0xd280_01e1, 0xd280_1028, 0xd400_0001]
    let run = try withProgram(Self.forking(child)) { try FaultlineProcess("run", $0) }
    #expect(run.status == 0 && run.errors == "")
  }

  /// An image that needs more processors than it has says so, instead of waiting for them for ever.
  @Test(arguments: [("bbm", "--vcpus 2"), ("psci", "--vcpus 4")]) func anImageWithoutItsProcessorsSaysSo(_ image: String, _ advice: String)
    throws
  {
    let run = try FaultlineProcess("machine", "--strict", "--max-instructions", "100000000", firmwarePath("el1/\(image)"))
    #expect(run.status == 1)
    #expect(run.output.contains("processor") && run.output.hasSuffix("run this with \(advice)\n"), "\(run.output)")
  }
}
