// Owns running the built `faultline` command as a user does, or a peer of it: a process of its own.
// It does not know what the command should print.
import Foundation
import TestSupport

struct FaultlineProcess {
  let status: Int32
  let output: String
  let errors: String

  /// The command that was built together with these tests.
  static var path: String {
    #if DEBUG
      packageFolder.appending(path: ".build/debug/faultline").path
    #else
      packageFolder.appending(path: ".build/release/faultline").path
    #endif
  }

  /// `status` is the exit status, or minus the signal where the process itself was killed: a crash.
  init(executable: String = path, _ arguments: [String], input: String = "") throws {
    let process = Process()
    process.executableURL = URL(filePath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = packageFolder
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Files, not pipes: nothing can fill up while we wait.
    let files = ["in", "out", "err"].map { folder.appending(path: $0) }
    try Data(input.utf8).write(to: files[0])
    for file in files.dropFirst() { try Data().write(to: file) }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    status = process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
    output = String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
    errors = String(decoding: try Data(contentsOf: files[2]), as: UTF8.self)
  }

  init(_ arguments: String...) throws { try self.init(arguments) }
}

extension FaultlineProcess {
  /// What a shell does with a line in which `faultline` is the command that was built together with these tests.
  init(shell line: String, _ arguments: String...) throws {
    let function = "faultline() { \"$FAULTLINE\" \"$@\"; }"
    try self.init(executable: "/bin/sh", ["-c", "FAULTLINE=\"$0\"; \(function); \(line)", Self.path] + arguments)
  }
}

/// A program made of words, in a file of its own.
func withProgram<Result>(_ words: [UInt32], _ body: (_ path: String) throws -> Result) throws -> Result {
  let file = FileManager.default.temporaryDirectory.appending(path: "program-\(UUID().uuidString)")
  try Data(TinyELF(words).bytes).write(to: file)
  defer { try? FileManager.default.removeItem(at: file) }
  return try body(file.path)
}
