// Owns what a server sends: results, errors with the codes of JSON-RPC 2.0, and notifications. It does not know any method.
import JSONDocuments

/// An error of a request. JSON-RPC 2.0, section 5.1.
public struct RPCError: Error, Hashable, Sendable {
  public let code: Int64
  public let message: String
  public let data: JSONValue?

  public init(code: Int64, message: String, data: JSONValue? = nil) {
    self.code = code
    self.message = message
    self.data = data
  }

  /// A line that is no JSON.
  public static let parseError = RPCError(code: -32700, message: "Parse error: the line is no JSON")
  public static func invalidRequest(_ why: String) -> RPCError { RPCError(code: -32600, message: "Invalid request: \(why)") }
  public static func methodNotFound(_ why: String) -> RPCError { RPCError(code: -32601, message: "Method not found: \(why)") }
  public static func invalidParameters(_ why: String) -> RPCError { RPCError(code: -32602, message: "Invalid parameters: \(why)") }

  var value: JSONValue {
    var members: [String: JSONValue] = ["code": .integer(code), "message": .string(message)]
    members["data"] = data
    return .object(members)
  }
}

public enum Response {
  /// The answer to a request.
  public static func answer(_ result: Result<JSONValue, RPCError>, id: RequestID) -> JSONValue {
    switch result {
    case .success(let value): ["jsonrpc": "2.0", "id": id, "result": value]
    case .failure(let error): ["jsonrpc": "2.0", "id": id, "error": error.value]
    }
  }
}
