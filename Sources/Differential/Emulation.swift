// Owns running a program under one emulator, in a process of its own.
// It does not know what the program prints.
import Foundation

/// An emulator as a command line, to which the program's path is added.
public struct Emulation: Sendable {
  public let name: String
  public let command: [String]

  public init(name: String, command: [String]) {
    self.name = name
    self.command = command
  }

  /// Why an emulator gave no result.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// Seconds after which a program counts as endless; every program takes far less.
  static let secondsMax: TimeInterval = 60

  /// A process that was started.
  struct Running {
    let emulation: Emulation
    let process: Process
    let output: URL
    let errors: URL

    /// The process's output on stdout, after it has ended.
    func result() throws(Failure) -> Data {
      let deadline = Date(timeIntervalSinceNow: Emulation.secondsMax)
      while process.isRunning {
        if Date() > deadline {
          kill(process.processIdentifier, SIGKILL)
          process.waitUntilExit()
          throw Failure(description: "\(emulation.name) did not end within \(Int(Emulation.secondsMax)) seconds")
        }
        usleep(500)
      }
      process.waitUntilExit()
      let text = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
      if process.terminationReason == .uncaughtSignal || process.terminationStatus != 0 {
        let how = process.terminationReason == .uncaughtSignal ? "signal" : "status"
        throw Failure(
          description: "\(emulation.name) ended with \(how) \(process.terminationStatus): "
            + (text.split(separator: "\n").last.map(String.init) ?? "no message"))
      }
      do { return try Data(contentsOf: output) } catch { throw Failure(description: "\(emulation.name): \(error)") }
    }
  }

  /// Starts the program at `path`; its files are in the same folder.
  func start(_ path: URL) throws -> Running {
    let output = path.appendingPathExtension(name + ".out")
    let errors = path.appendingPathExtension(name + ".err")
    let process = Process()
    process.executableURL = URL(filePath: command[0])
    process.arguments = command.dropFirst() + [path.path]
    for file in [output, errors] { try Data().write(to: file) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    return Running(emulation: self, process: process, output: output, errors: errors)
  }
}
