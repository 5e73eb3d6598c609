// Owns the methods: each command of the shell by its name, a line as a user types it, and the descriptions of them all.
// It does not know how messages travel.
import DebugShell
import JSONDocuments
import JSONRPC

/// The table of what a client may call.
struct Methods {
  private let shell: Shell
  private let streams: ServedStreams
  private let version: String
  private let state = State()

  final class State {
    var quits: Int32?
  }
  /// The status that `quit` asked for.
  var quits: Int32? { state.quits }

  init(_ shell: Shell, _ streams: ServedStreams, version: String) {
    self.shell = shell
    self.streams = streams
    self.version = version
  }

  /// The result of a method. Methods of the Model Context Protocol have other names than commands.
  func call(_ method: String, _ parameters: JSONValue) throws(RPCError) -> JSONValue {
    switch method {
    case "rpc.discover": return OpenRPC.document(version: version)
    case "initialize": return ModelContext.initialize(parameters, version: version)
    case "ping": return [:]
    case "tools/list": return ["tools": .array(ModelContext.tools)]
    case "tools/call": return try callTool(parameters)
    case _ where method.hasPrefix("notifications/"): return [:]
    default:
      let document = try run(method, parameters)
      if let error = document["error"]?.string { throw RPCError(code: Self.commandFailed, message: error, data: document) }
      return document
    }
  }

  /// The code of a command that failed: it was understood, but could not do what it was told. JSON-RPC 2.0, section 5.1, leaves these
  /// codes to servers.
  static let commandFailed: Int64 = -32000

  /// The name of the method that takes a line.
  static let line = "execute"

  private func callTool(_ parameters: JSONValue) throws(RPCError) -> JSONValue {
    guard let name = parameters["name"]?.string else { throw .invalidParameters("'name' is missing, the name of a tool") }
    let document: JSONValue
    do throws(RPCError) { document = try run(name, parameters["arguments"] ?? [:]) } catch {
      // The model that calls can mend its arguments; an unknown tool is the client's mistake.
      if error.code == RPCError.invalidParameters("").code { return ModelContext.failure(error.message) }
      throw .invalidParameters("there is no tool '\(name)'")
    }
    return ModelContext.result(document)
  }

  /// Runs a command and returns its document, with what the program wrote meanwhile.
  private func run(_ method: String, _ parameters: JSONValue) throws(RPCError) -> JSONValue {
    let answer: AnswerDocument
    if method == Self.line {
      guard let line = parameters["line"]?.string ?? parameters.elements?.first?.string else {
        throw .invalidParameters("'line' is missing, a command as a user types it")
      }
      answer = shell.call(line: line)
    } else {
      let arguments = try named(parameters, of: method)
      do throws(CallError) { answer = try shell.call(method, arguments) } catch {
        switch error {
        case .noSuchCommand: throw .methodNotFound("'\(method)'; rpc.discover lists the methods")
        case .wrongArguments(let why): throw .invalidParameters(why)
        }
      }
    }
    state.quits = answer.quits
    guard var document = (try? JSONValue(encoding: answer))?.members, let output = try? JSONValue(encoding: streams.take()) else {
      preconditionFailure("an answer has no JSON form")
    }
    document["output"] = output
    return .object(document)
  }

  /// The arguments by name. An array has them in their order in a line. JSON-RPC 2.0, section 4.2.
  private func named(_ parameters: JSONValue, of method: String) throws(RPCError) -> [String: JSONValue] {
    guard let elements = parameters.elements else { return parameters.members ?? [:] }
    guard let name = Shell.catalogueName(method), let entry = Shell.catalogue.first(where: { $0.name == name }) else { return [:] }
    if elements.count > entry.order.count { throw .invalidParameters("\(method) has \(entry.order.count) parameters at most") }
    return Dictionary(uniqueKeysWithValues: zip(entry.order, elements))
  }
}
