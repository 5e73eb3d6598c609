// Owns asking a command of the host for a short text.
// It does not know which commands there are.
import Foundation

public enum HostCommand {
  /// The output on stdout of the command at `path`. It throws if the command cannot be started.
  public static func output(_ path: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text
  }
}
