// Owns the tests of `faultline serve` as a program drives it: each of the crashing programs is understood in a few calls.
// It does not know how a call works.
import Foundation
import JSONDocuments
import TestSupport
import Testing

@Suite("serve") struct ServeCommandTests {
  /// What a client must learn of each program: the signal, its code, the function and line, what the address is, and for a mapping that was
  /// changed who changed it.
  struct Death: CustomTestStringConvertible {
    let name: String
    let signal: String
    let code: String
    let place: String
    let meaning: String
    var change = ""
    var testDescription: String { name }
  }

  static let deaths: [Death] = [
    Death(name: "null", signal: "SIGSEGV", code: "SEGV_MAPERR", place: "null.c", meaning: "the null pointer"),
    Death(
      name: "unmapped", signal: "SIGSEGV", code: "SEGV_MAPERR", place: "unmapped.c", meaning: "which is not mapped any more",
      change: "unmapped by munmap"),
    Death(name: "readonly", signal: "SIGSEGV", code: "SEGV_ACCERR", place: "readonly.c", meaning: "in the mapping"),
    Death(
      name: "protected", signal: "SIGSEGV", code: "SEGV_ACCERR", place: "protected.c", meaning: "in the mapping",
      change: "protected by mprotect"),
    Death(name: "overflow", signal: "SIGSEGV", code: "SEGV_MAPERR", place: "overflow.c", meaning: "below the stack"),
    Death(name: "misaligned", signal: "SIGBUS", code: "BUS_ADRALN", place: "misaligned.c", meaning: "<"),
    Death(name: "badjump", signal: "SIGBUS", code: "BUS_ADRALN", place: "badjump.c", meaning: "user space"),
    Death(name: "data", signal: "SIGSEGV", code: "SEGV_ACCERR", place: "data.c", meaning: "in the mapping"),
    Death(name: "child", signal: "SIGSEGV", code: "SEGV_MAPERR", place: "child.c", meaning: "the null pointer"),
    Death(name: "thread", signal: "SIGSEGV", code: "SEGV_MAPERR", place: "thread.c", meaning: "which is not mapped"),
    Death(name: "pastend", signal: "SIGBUS", code: "BUS_ADRERR", place: "pastend.c", meaning: "behind the end of"),
  ]

  /// Three calls: file, run, why.
  @Test(arguments: deaths) func aDeathIsUnderstoodInThreeCalls(_ death: Death) throws {
    let calls: [JSONValue] = [
      ["jsonrpc": "2.0", "id": 1, "method": "file", "params": ["program": .string("build/firmware/crashes/\(death.name)")]],
      ["jsonrpc": "2.0", "id": 2, "method": "run"], ["jsonrpc": "2.0", "id": 3, "method": "why"],
    ]
    let run = try FaultlineProcess(["serve"], input: try calls.map { try JSONText.line($0) + "\n" }.joined())
    #expect(run.status == 0 && run.errors == "")
    let answers = try run.output.split(separator: "\n").map { try JSONValue.parse(String($0)) }
    try #require(answers.count == 3)
    #expect(answers[1]["result"]?["data"]?["reason"] == "signal")
    let why = try #require(answers[2]["result"]?["data"])
    #expect(why["signal"]?.string == death.signal && why["code"]?.string == death.code)
    // A jump that led nowhere is in no function: its caller's line is in the stack.
    let files = (why["frames"]?.elements ?? []).compactMap { $0["file"]?.string }
    #expect(files.contains { $0.hasSuffix("/" + death.place) }, "\(files)")
    #expect(why["meaning"]?.string?.contains(death.meaning) == true, "\(why["meaning"] ?? .null)")
    let changes = (why["changes"]?.elements ?? []).map { "\($0["change"]?.string ?? "") by \($0["systemCall"]?.string ?? "")" }
    if !death.change.isEmpty { #expect(changes.contains(death.change), "\(changes)") }
  }

  @Test func optionsAndMistakes() throws {
    let input = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"run\"}\n"
    #expect(try FaultlineProcess(["serve", "--example", "hello"], input: input).output.contains("\"status\":0"))
    let missing = try FaultlineProcess(["serve", "/no/such/program"], input: input)
    #expect(missing.status == 2 && missing.output == "")
    // Without a program a run is refused, and the server goes on.
    let refused = try FaultlineProcess(["serve"], input: input + input)
    #expect(refused.status == 0 && refused.output.split(separator: "\n").count == 2 && refused.output.contains("\"code\":-32000"))
    // What a program reads are not the requests.
    #expect(try FaultlineProcess(["serve", "--help"]).output.contains("rpc.discover"))
  }

  /// `--json` behind any command, and for all commands by a setting.
  @Test func jsonInTheShell() throws {
    let run = try FaultlineProcess([
      "shell", "--batch", "-ex", "p 6*7 --json", "-ex", "p 1", "-ex", "set json on", "-ex", "esr 0x92000007", "-ex", "bt", "--example",
      "hello",
    ])
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n").map(String.init)
    try #require(lines.count == 4)
    #expect(try JSONValue.parse(lines[0])["data"]?["text"] == "42")
    #expect(lines[1] == "$2 = 1")
    #expect(try JSONValue.parse(lines[2])["command"] == "esr")
    #expect(try JSONValue.parse(lines[3])["schema"] == "faultline.shell/1")
    let failed = try FaultlineProcess(["shell", "--json", "--batch", "-ex", "bogus"])
    #expect(failed.status == 1 && failed.errors.hasPrefix("Undefined command"))
    #expect(try JSONValue.parse(failed.output)["error"]?.string?.hasPrefix("Undefined command") == true)
  }
}
