// Owns what a client sends: requests, notifications, and arrays of them. It does not know any method.
import JSONDocuments

/// The name by which a client knows a request again: a string, a number, or null. JSON-RPC 2.0, section 4.
public typealias RequestID = JSONValue

/// A request, or a notification, which gets no answer.
public struct Request: Equatable, Sendable {
  /// Nil for a notification.
  public let id: RequestID?
  public let method: String
  /// An object or an array; an empty object if the request has none.
  public let parameters: JSONValue

  public init(id: RequestID?, method: String, parameters: JSONValue = [:]) {
    self.id = id
    self.method = method
    self.parameters = parameters
  }
}

/// One line of a client.
public enum Incoming: Sendable {
  case single(Result<Request, RPCError>, id: RequestID)
  /// An array of requests, whose answers are one array. JSON-RPC 2.0, section 6.
  case batch([(Result<Request, RPCError>, id: RequestID)])

  /// The requests, and the ids under which they are answered.
  public var requests: [(Result<Request, RPCError>, id: RequestID)] {
    switch self {
    case .single(let result, let id): [(result, id)]
    case .batch(let all): all
    }
  }

  /// Reads a line. What is no request becomes the error that answers it.
  public init(line: String) {
    guard let value = try? JSONValue.parse(line) else {
      self = .single(.failure(.parseError), id: .null)
      return
    }
    guard let elements = value.elements else {
      self = Self.request(value)
      return
    }
    // An empty array is itself a wrong request.
    self =
      elements.isEmpty
      ? .single(.failure(.invalidRequest("an empty array")), id: .null) : .batch(elements.flatMap { Self.request($0).requests })
  }

  private static func request(_ value: JSONValue) -> Incoming {
    let id = value["id"]
    let isID =
      switch id {
      case nil, .null, .string, .integer, .number: true
      case .bool, .array, .object: false
      }
    func refused(_ why: String) -> Incoming { .single(.failure(.invalidRequest(why)), id: isID ? id ?? .null : .null) }
    if value.members == nil { return refused("a request is an object") }
    if value["jsonrpc"] != "2.0" { return refused("\"jsonrpc\" must be \"2.0\"") }
    if !isID { return refused("\"id\" must be a string, a number or null") }
    guard let method = value["method"]?.string else { return refused("\"method\" must be a string") }
    switch value["params"] {
    case nil: return .single(.success(Request(id: id, method: method)), id: id ?? .null)
    case .object?, .array?: return .single(.success(Request(id: id, method: method, parameters: value["params"]!)), id: id ?? .null)
    default: return refused("\"params\" must be an object or an array")
    }
  }
}
