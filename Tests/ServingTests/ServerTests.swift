// Owns the tests of the server: calls, their schemas, stops, input, the Model Context Protocol, and lines of noise. It does not know how a
// command works.
import DebugShell
import JSONDocuments
import TestSupport
import Testing

@testable import Serving

struct ServerTests {
  @Test func aCallHasTextDataAndOutput() throws {
    let answers = try serve([
      ("file", ["program": "echo", "arg": ["a b"]]), ("input", ["text": "q"]), ("run", [:]), ("info_program", [:]), ("nonsense", [:]),
      ("break", ["place": "main"]), ("x", ["format": "2gx"]), ("x", [:]), ("break", ["location": "nowhere"]),
    ])
    // The answer to `input` does not wait for its turn.
    let byID = Dictionary(uniqueKeysWithValues: answers.map { ($0["id"]!, $0) })
    #expect(byID[3]?["result"]?["data"]?["status"] == 5)
    #expect(byID[3]?["result"]?["text"] == ["[The program exited with status 5]"])
    #expect(byID[3]?["result"]?["output"] == ["stdout": "q", "stderr": "", "omitted": 0])
    #expect(byID[3]?["result"]?["schema"] == "faultline.shell/1")
    #expect(byID[4]?["result"]?["data"]?["arguments"] == ["a b"])
    #expect(byID[5]?["error"]?["code"] == -32601)
    #expect(byID[6]?["error"]?["code"] == -32602)
    #expect(byID[6]?["error"]?["message"] == "Invalid parameters: there is no parameter 'place'; there are location, condition")
    #expect(byID[7]?["result"]?["data"]?["bytes"]?.string?.count == 32)
    // What failed is an error with the document of the answer.
    #expect(byID[9]?["error"]?["code"] == -32000)
    #expect(byID[9]?["error"]?["data"]?["error"] == byID[9]?["error"]?["message"])
  }

  @Test func notificationsAndBatches() throws {
    let (lines, _) = serve(
      """
      {"jsonrpc":"2.0","method":"file","params":["","crash"]}
      {"jsonrpc":"2.0","method":"file","params":{"program":"crash"}}
      [{"jsonrpc":"2.0","id":1,"method":"run"},{"jsonrpc":"2.0","method":"p","params":["7"]},{"jsonrpc":"2.0","id":2,"method":"p","params":["$"]}]

      [{"jsonrpc":"2.0","method":"bt"}]
      nonsense
      """)
    #expect(lines.count == 2)
    let batch = try JSONValue.parse(lines[0]).elements ?? []
    #expect(batch.map { $0["id"] } == [1, 2])
    #expect(batch[0]["result"]?["data"]?["signal"] == "SIGSEGV")
    #expect(batch[1]["result"]?["data"]?["text"] == "7")
    #expect(try JSONValue.parse(lines[1])["error"]?["code"] == -32700)
  }

  /// A stop that comes while its call waits is for that call.
  @Test func interruptStopsTheCallBeforeIt() throws {
    let answers = try serve([("file", ["program": "loop"]), ("run", [:]), ("interrupt", [:]), ("interrupt", [:])])
    let run = answers.first { $0["id"] == 2 }
    #expect(run?["result"]?["data"]?["reason"] == "interrupted")
    #expect(answers.first { $0["id"] == 3 }?["result"] == ["interrupted": true])
  }

  @Test func quitEndsTheServer() throws {
    let (lines, status) = serve(
      """
      {"jsonrpc":"2.0","id":1,"method":"quit","params":{"status":7}}
      {"jsonrpc":"2.0","id":2,"method":"p","params":["1"]}
      """)
    #expect(status == 7)
    #expect(lines.count == 1)
    #expect(serve("").status == 0)
  }

  @Test func linesOfAUsersCommand() throws {
    let answers = try serve([
      ("define", ["name": "twice", "lines": ["p $arg0 * 2"]]), ("execute", ["line": "twice 21"]), ("define", ["name": "twice"]),
      ("printf", ["format": "%d-%d\n", "expression": [1, "2 + 3"]]),
    ])
    #expect(answers[1]["result"]?["text"] == ["$1 = 42"])
    #expect(answers[2]["error"]?["message"] == "Invalid parameters: the parameter 'lines' is missing, an array of lines")
    #expect(answers[3]["result"]?["text"] == ["1-5"])
  }

  // MARK: Descriptions

  /// Each command of a session answers as rpc.discover says.
  @Test func answersFollowTheirSchemas() throws {
    let calls: [(String, JSONValue)] =
      [
        ("rpc.discover", [:]), ("file", ["program": "crash"]), ("start", [:]), ("info_breakpoints", [:]), ("break", ["location": "*$pc"]),
        ("catch", ["event": "fault"]), ("watch", ["place": "pte $sp"]), ("info_breakpoints", [:]), ("run", [:]), ("stepi", [:]),
        ("continue", [:]), ("continue", [:]), ("why", [:]), ("why", ["address": "$sp"]), ("info_mapping_history", ["address": "$sp"]),
        ("backtrace", [:]), ("frame", [:]), ("info_frame", [:]), ("info_registers", [:]), ("info_registers", ["name": ["system", "v0"]]),
        ("info_tasks", [:]), ("task", [:]), ("info_program", [:]), ("info_symbol", ["address": "$pc"]), ("info_line", [:]),
        ("info_auxv", [:]), ("info_functions", [:]), ("info_variables", [:]), ("info_proc", [:]), ("info_stack", [:]), ("vmmap", [:]),
        ("faults", [:]), ("info_faults", [:]), ("pt", [:]), ("pt", ["address": "upper"]), ("pagewalk", ["address": "$pc", "fields": true]),
        ("pagewalk", ["address": 16]), ("tlb", [:]), ("esr", [:]), ("esr", ["value": 0x9200_004f]), ("pte", ["value": "0x3", "level": 2]),
        ("tcr", [:]), ("mair", ["value": "ff"]), ("sctlr", [:]), ("spsr", ["value": 0]), ("par", ["value": 1]), ("x", ["format": "2i"]),
        ("print", ["format": "x", "expression": "$pc"]), ("display", ["expression": "$pc"]), ("info_display", [:]), ("kill", [:]),
        ("help", [:]), ("apropos", ["word": "page"]),
      ]
    let answers = try serve(calls)
    let methods = answers[0]["result"]?["methods"]?.elements ?? []
    #expect(methods.count > 70)
    var wrong: [String] = []
    for (call, answer) in zip(calls, answers).dropFirst() {
      let schema = methods.first { $0["name"]?.string == call.0 }?["result"]?["schema"]
      guard let schema, let result = answer["result"] else {
        wrong.append("\(call.0): \(answer)")
        continue
      }
      if let found = violation(of: schema, in: result) { wrong.append("\(call.0)\(found)") }
      if result["data"] == nil && schema["properties"]?["data"]?["properties"] != nil && !["backtrace", "info_stack"].contains(call.0) {
        wrong.append("\(call.0) has no data")
      }
    }
    #expect(wrong == [])
  }

  @Test func everyCommandIsAMethodAndAToolWithASchema() throws {
    let answers = try serve([("rpc.discover", [:]), ("tools/list", [:])])
    let methods = (answers[0]["result"]?["methods"]?.elements ?? []).compactMap { $0["name"]?.string }
    #expect(Set(methods).count == methods.count)
    for line in Shell().execute("help").output.split(separator: "\n").dropLast() {
      let name = String(line.prefix { $0 != " " && $0 != "/" })
      if name != "info" { #expect(methods.contains(name), "\(name)") }
    }
    for tool in answers[1]["result"]?["tools"]?.elements ?? [] {
      #expect(tool["name"]?.string?.wholeMatch(of: /[a-z_]{1,64}/) != nil)
      #expect(tool["inputSchema"]?["type"] == "object" && tool["outputSchema"]?["type"] == "object")
    }
    #expect(answers[0]["result"]?["openrpc"] == "1.3.2")
  }

  /// The messages of the Model Context Protocol's lifecycle and tools.
  @Test func aModelsClient() throws {
    let answers = try serve([
      ("initialize", ["protocolVersion": "2025-03-26", "capabilities": [:], "clientInfo": ["name": "test", "version": "1"]]),
      ("notifications/initialized", [:]), ("ping", [:]), ("tools/call", ["name": "file", "arguments": ["program": "crash"]]),
      ("tools/call", ["name": "run"]), ("tools/call", ["name": "break", "arguments": ["location": "nowhere"]]),
      ("tools/call", ["name": "break", "arguments": ["nowhere": 1]]), ("tools/call", ["name": "nothing"]), ("tools/call", [:]),
      ("initialize", ["protocolVersion": "1999-01-01"]),
    ])
    #expect(answers[0]["result"]?["protocolVersion"] == "2025-03-26")
    #expect(answers[0]["result"]?["serverInfo"]?["name"] == "faultline")
    #expect(answers[2]["result"] == [:])
    #expect(answers[4]["result"]?["isError"] == false)
    #expect(answers[4]["result"]?["content"]?.elements?.first?["text"]?.string?.hasPrefix("Program received signal SIGSEGV") == true)
    #expect(answers[4]["result"]?["structuredContent"]?["data"]?["reason"] == "signal")
    #expect(answers[5]["result"]?["isError"] == true)
    #expect(answers[6]["result"]?["isError"] == true)
    #expect(answers[7]["error"]?["code"] == -32602 && answers[8]["error"]?["code"] == -32602)
    #expect(answers[9]["result"]?["protocolVersion"] == "2025-06-18")
  }

  // MARK: Noise

  /// Changed lines of a session: each that is not empty gets an answer, unless it is a notification or batch of them.
  @Test func noise() throws {
    let corpus = [
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"file\",\"params\":{\"program\":\"crash\"}}",
      "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"run\",\"params\":{}}", "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"why\"}",
      "[{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"x\",\"params\":[\"$sp\",\"4gx\"]},7]",
      "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/call\",\"params\":{\"name\":\"print\",\"arguments\":{\"expression\":\"1\"}}}",
      "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"execute\",\"params\":{\"line\":\"info registers\"}}",
      "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"stepi\",\"params\":{\"n\":3}}",
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"input\",\"params\":[\"x\"]}",
    ].map { Array($0.utf8) }
    try FuzzRun("serve", slice: 4_000, inputsPerCase: 16).run { random in
      var text: [UInt8] = []
      for _ in 0..<16 {
        var line = corpus[Int(random.below(UInt64(corpus.count)))]
        for _ in 0..<random.below(3) {
          let place = Int(random.below(UInt64(line.count)))
          switch random.below(3) {
          case 0: line[place] = UInt8(truncatingIfNeeded: random.next())
          case 1: line.remove(at: place)
          default: line.insert(contentsOf: line[place..<min(place + Int(random.below(8)), line.count)], at: place)
          }
        }
        text += line + [10]
      }
      let answers = serve(String(decoding: text, as: UTF8.self)).lines
      for answer in answers { _ = try JSONValue.parse(answer) }
      try #require(answers.count > 0)
    }
  }
}
