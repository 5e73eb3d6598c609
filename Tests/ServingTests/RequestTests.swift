// Owns the tests of how a line becomes requests, by the rules and examples of JSON-RPC 2.0. It does not know any method.
import JSONDocuments
import Testing

@testable import JSONRPC

struct RequestTests {
  private func outcome(_ line: String) -> [String] {
    Incoming(line: line).requests.map { result, id in
      let name = (try? JSONText.line(id)) ?? "?"
      switch result {
      case .success(let request):
        return "\(name) \(request.method) \((try? JSONText.line(request.parameters)) ?? "?")\(request.id == nil ? " silent" : "")"
      case .failure(let error): return "\(name) \(error.code)"
      }
    }
  }

  @Test func theStandardsExamples() {
    #expect(outcome("{\"jsonrpc\": \"2.0\", \"method\": \"subtract\", \"params\": [42, 23], \"id\": 1}") == ["1 subtract [42,23]"])
    #expect(
      outcome("{\"jsonrpc\": \"2.0\", \"method\": \"subtract\", \"params\": {\"a\": 42}, \"id\": \"x\"}") == ["\"x\" subtract {\"a\":42}"])
    #expect(outcome("{\"jsonrpc\": \"2.0\", \"method\": \"update\", \"params\": [1,2,3]}") == ["null update [1,2,3] silent"])
    #expect(outcome("{\"jsonrpc\": \"2.0\", \"method\": \"foobar, \"params\": \"bar\", \"baz]") == ["null -32700"])
    #expect(outcome("{\"jsonrpc\": \"2.0\", \"method\": 1, \"params\": \"bar\"}") == ["null -32600"])
    #expect(outcome("[]") == ["null -32600"])
    #expect(outcome("[1]") == ["null -32600"])
    #expect(outcome("[1,2,3]") == ["null -32600", "null -32600", "null -32600"])
  }

  @Test func whatIsNoRequest() {
    #expect(outcome("{\"jsonrpc\":\"1.0\",\"method\":\"run\",\"id\":4}") == ["4 -32600"])
    #expect(outcome("{\"method\":\"run\",\"id\":4}") == ["4 -32600"])
    #expect(outcome("{\"jsonrpc\":\"2.0\",\"method\":\"run\",\"id\":[4]}") == ["null -32600"])
    #expect(outcome("{\"jsonrpc\":\"2.0\",\"method\":\"run\",\"params\":3,\"id\":4}") == ["4 -32600"])
    #expect(outcome("7") == ["null -32600"])
    #expect(outcome("{\"jsonrpc\":\"2.0\",\"method\":\"run\",\"id\":null}") == ["null run {}"])
  }
}
