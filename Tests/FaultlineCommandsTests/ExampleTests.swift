// Owns tests of the examples inside the command: they are what the checkout builds, and every command that takes a program runs them.
// It does not know what an example does.
import Foundation
import TestSupport
import Testing

@testable import FaultlineCommands

@Suite struct ExampleTests {
  static let names = Example.all.map(\.name)

  /// The bytes in the command are those of the makefile's programs and of their sources.
  @Test(arguments: names) func theBytesAreTheCheckouts(_ name: String) throws {
    let example = try Example.named(name)
    #expect(example.program == (try firmware("examples/\(name)")), "make examples records it")
    let source = packageFolder.appending(path: "firmware/examples/\(example.sourceName)")
    #expect(example.source == (try String(contentsOf: source, encoding: .utf8)), "make examples records it")
  }

  @Test func everySourceIsAnExample() throws {
    let folder = packageFolder.appending(path: "firmware/examples")
    let sources = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".c") || $0.hasSuffix(".S") }
    #expect(Set(sources) == Set(Example.all.map(\.sourceName)))
    for (name, text) in Example.headers {
      #expect(text == (try String(contentsOf: packageFolder.appending(path: "firmware/include/\(name)"), encoding: .utf8)), "\(name)")
    }
  }

  /// Each is listed with a sentence, and no line is longer than a terminal.
  @Test func eachIsListed() throws {
    let run = try FaultlineProcess("examples")
    #expect(run.status == 0 && run.errors == "")
    let lines = run.output.components(separatedBy: "\n")
    for name in Self.names { #expect(lines.contains { $0.hasPrefix(name + "  ") && $0.count > name.count + 20 }, "\(name)") }
    #expect(lines.allSatisfy { $0.count <= 80 }, "\(run.output)")
  }

  @Test func aSourceIsPrinted() throws {
    let run = try FaultlineProcess("examples", "hello")
    #expect(run.output == (try Example.named("hello")).source)
  }

  @Test func anExampleRunsAndIsDebugged() throws {
    #expect(try FaultlineProcess("run", "--example", "hello").output == "Hello from EL0.\n")
    let shell = try FaultlineProcess("shell", "--batch", "-ex", "run", "-ex", "run", "--example", "hello")
    #expect(shell.output.components(separatedBy: "Hello from EL0.\n").count == 3, "\(shell.output)\(shell.errors)")
  }

  /// Without a file, all words are the example's own.
  @Test func allWordsAreItsArguments() throws {
    let run = try FaultlineProcess("run", "--example", "hello", "first", "--stats")
    #expect(run.status == 0 && run.output == "Hello from EL0.\n" && run.errors == "")
  }

  /// The saved programs run, and the saved sources are what the programs were built from.
  @Test func theyCanBeSaved() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "examples-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = try FaultlineProcess("examples", "--save", folder.path)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try FaultlineProcess("run", folder.appending(path: "hello").path).output == "Hello from EL0.\n")
    let files = Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
    #expect(files == Set(Self.names + Example.all.map(\.sourceName) + Example.headers.map(\.name)))
    let again = try FaultlineProcess("examples", "--save", "/dev/null/examples")
    #expect(again.status == 2 && again.errors.hasPrefix("faultline: error: cannot write into /dev/null/examples"))
  }
}
