// Owns timing a row as a process of its own, of this or of another build of faultline that can `run` a program.
// It does not know rounds, nor what a row means.
import Decoding
import Foundation
import Laboratory

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A build of faultline, by its path. A row's time is the difference between two processes: one stops where the row's span begins,
/// the other where it ends. Start-up, loading and decoding cancel out.
final class OtherBinary {
  private let path: String
  /// A link to the binary by which it is run. The links of two binaries have names of one length: the length of a process's first
  /// argument moves its stack, and that alone can make a row some percent slower.
  private let link: String
  /// The options of the session that all rows share.
  private var options: [String]
  private let folder: URL
  private var programs: [String: String] = [:]

  /// Seconds after which a process is killed; a row takes far less.
  private static let secondsMax = 120

  init(_ path: String, options: SystemOptions) throws {
    self.path = path
    self.options = [
      "--kernel", options.kernel, "--access-flag-setter", options.accessFlagSetter, "--cpu", options.processor.cpu, "--memory",
      options.memory, "--seed", "\(options.seed)",
    ]
    // A build that does not have the option yet can still be compared without it.
    if options.decoder.decode != Decoder.Mode.everyForm.rawValue { self.options += ["--decode", options.decoder.decode] }
    folder = FileManager.default.temporaryDirectory.appending(path: "faultline-bench-\(UUID().uuidString)")
    do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
      throw UsageError("cannot make a folder for the programs: \(error.localizedDescription)")
    }
    link = folder.appending(path: "faultline").path
    let target = URL(fileURLWithPath: path).path
    do { try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target) } catch {
      throw UsageError("cannot make a link to \(path): \(error.localizedDescription)")
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Processor nanoseconds for one unit. It throws one line of text if the binary does not run the row's program.
  func measure(_ row: BenchRow) throws -> Double {
    let before = try nanoseconds(row, until: row.long.instructions.lowerBound)
    let after = try nanoseconds(row, until: row.long.instructions.upperBound)
    return max(after - before, 1) / Double(row.long.units)
  }

  /// The processor time of a run that stops at an instruction.
  private func nanoseconds(_ row: BenchRow, until instructions: UInt64) throws -> Double {
    let image = GuestRun.image(BuiltinPrograms.words(row.program), registers: row.registers)
    let limit = instructions + image.prologue
    let arguments =
      ["run"] + options + [
        "--atomic-faults", row.configuration.policy.rawValue, "--thp", row.configuration.hugePages.rawValue, "--max-instructions",
        "\(limit)", try program(row.name, image.bytes),
      ]
    let errors = folder.appending(path: "errors").path
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var words = ([link] + arguments).map { strdup($0) } + [nil]
    var environment = ProcessInfo.processInfo.environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for word in words + environment { free(word) } }
    var child = pid_t()
    let failure = posix_spawn(&child, link, &actions, nil, &words, &environment)
    if failure != 0 { throw UsageError("\(path): it cannot be run: \(String(cString: strerror(failure)))") }
    let (status, usage) = try wait(child)
    // Status 124 means that the run stopped after the given number of instructions.
    guard status & 0x7f == 0, status >> 8 & 0xff == 124 else {
      let said = (try? HostFile.read(errors, as: .script)).map { String(decoding: $0.prefix(200), as: UTF8.self) } ?? ""
      let line = said.split(separator: "\n").first.map { ": \($0)" } ?? ""
      let how = status & 0x7f == 0 ? "status \(status >> 8 & 0xff)" : "signal \(status & 0x7f)"
      throw UsageError("\(path) does not run \(row.name) as a faultline does: it ended with \(how)\(line)")
    }
    let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
    let microseconds = Int(usage.ru_utime.tv_usec) + Int(usage.ru_stime.tv_usec)
    return Double(seconds) * 1e9 + Double(microseconds) * 1e3
  }

  /// The child's status and its resource usage. A child that does not end is killed.
  private func wait(_ child: pid_t) throws -> (status: Int32, usage: rusage) {
    var (status, usage) = (Int32(), rusage())
    for _ in 0..<Self.secondsMax * 1000 {
      let done = wait4(child, &status, WNOHANG, &usage)
      if done == child { return (status, usage) }
      usleep(1000)
    }
    kill(child, SIGKILL)
    wait4(child, &status, 0, &usage)
    throw UsageError("\(path) did not end within \(Self.secondsMax) seconds")
  }

  /// The file of a row's program, written once.
  private func program(_ name: String, _ bytes: [UInt8]) throws -> String {
    if let path = programs[name] { return path }
    let file = folder.appending(path: "program-\(programs.count)")
    do { try Data(bytes).write(to: file) } catch { throw UsageError("cannot write \(file.path): \(error.localizedDescription)") }
    programs[name] = file.path
    return file.path
  }
}
