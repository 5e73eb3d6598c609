// Owns the test that after snapshot, run and restore a second run equals the first, for every guest program.
// It does not know what any program does.
import Foundation
import LinuxKernel
import LinuxMM
import Machine
import TestSupport
import Testing

@testable import Laboratory

struct SessionSnapshotTests {
  /// Every program of these folders, except the loops of benchmarks, which do not end by themselves.
  static let programs: [String] = ["examples", "oracle", "tests"].flatMap { folder in
    let names = (try? FileManager.default.contentsOfDirectory(atPath: firmwarePath(folder))) ?? []
    return names.filter { !$0.contains(".") }.sorted().map { "\(folder)/\($0)" }
  }

  /// The result of a run from here: how it stops, what it prints, and a digest of RAM and of the kernel's state.
  private func run(_ session: Session, _ io: MemoryIO, until limit: UInt64) throws -> String {
    let printed = io.output.count
    let stop = session.run(until: limit)
    var digest: UInt64 = 14_695_981_039_346_656_037
    let ram = try #require(session.machine.memory.read(session.machine.memory.base, count: Int(session.machine.memory.size)))
    ram.withUnsafeBytes { for word in $0.bindMemory(to: UInt64.self) { digest = (digest ^ word) &* 1_099_511_628_211 } }
    return
      "\(stop) \(session.processor.instructionsRetired) \(session.kernel.stateDigest) \(digest) \(io.output[printed...]) \(session.machine.breakBeforeMakeViolations)"
  }

  @Test(arguments: SessionSnapshotTests.programs) func aRerunIsTheSame(program: String) throws {
    try compareRuns(of: program, SessionConfiguration())
  }

  /// The notes of a strict run about translations are part of a moment too.
  @Test(arguments: ["oracle/fork_cow", "oracle/mremap", "tests/processes"]) func aStrictRerunIsTheSame(program: String) throws {
    var configuration = SessionConfiguration()
    configuration.reportsBreakBeforeMake = true
    try compareRuns(of: program, configuration)
  }

  private func compareRuns(of program: String, _ given: SessionConfiguration) throws {
    var configuration = given
    configuration.memorySize = 64 << 20
    let io = MemoryIO(input: [])
    let session = try Session(configuration, host: io)
    try session.load(bytes: try firmware(program), path: "/t/\(program.split(separator: "/").last!)")
    // This is in the middle of short programs and at the beginning of long ones. A page fault or a call may be in progress.
    _ = session.run(until: 12_345)
    let snapshot = session.snapshot()
    let first = try run(session, io, until: 3_000_000)
    let changed = session.machine.keptFrameCount
    session.restore(snapshot)
    let second = try run(session, io, until: 3_000_000)
    #expect(first == second)
    #expect(session.machine.keptFrameCount == changed)
  }

  @Test func everyFolderHasPrograms() {
    for folder in ["examples", "oracle", "tests"] { #expect(Self.programs.contains { $0.hasPrefix(folder) }) }
  }
}
