// Owns a session with one client: it takes requests in their order, and writes an answer to each. It does not know commands: the methods do.
import DebugShell
import Foundation
import JSONDocuments
import JSONRPC
import Synchronization

/// A debugger for programs that speak JSON-RPC 2.0, one message a line.
public final class Server {
  private let shell: Shell
  private let streams: ServedStreams
  private let channel: any ServedChannel
  private let methods: Methods
  /// One message is written at a time: two threads answer.
  private let output: Output

  /// Locks the channel for one message.
  private final class Output: Sendable {
    private let lock = Mutex(())
    private let channel: any ServedChannel
    init(_ channel: any ServedChannel) { self.channel = channel }
    func send(_ message: JSONValue) {
      guard let line = try? JSONText.line(message) else { preconditionFailure("a message has no JSON form") }
      lock.withLock { _ in _ = channel.write(Array((line + "\n").utf8)) }
    }
  }

  /// `version` is what the server says of itself.
  public init(_ shell: Shell, _ streams: ServedStreams, _ channel: any ServedChannel, version: String) {
    self.shell = shell
    self.streams = streams
    self.channel = channel
    methods = Methods(shell, streams, version: version)
    output = Output(channel)
  }

  /// Answers requests until the client leaves or sends `quit`; returns the exit status that it asked for, or 0.
  public func serve() -> Int32 {
    let (interrupter, streams, output) = (shell.interrupter, streams, output)
    let urgent = Urgent(interrupter: interrupter, streams: streams)
    let inbox = Inbox(
      channel,
      atOnce: { message, inbox in
        guard case .single(.success(let request), _) = message else { return false }
        // A stop is for the calls that came before it: it waits until one of them runs, or until all are answered.
        guard let answer = urgent.answer(request, isBusy: { inbox.isBusy }) else { return false }
        if let id = request.id { output.send(Response.answer(answer, id: id)) }
        return true
      }, lost: { _ = interrupter.interrupt() })
    var isFirst = true
    while let message = inbox.next(after: isFirst) {
      isFirst = false
      switch message {
      case .single(let request, let id): if let answer = answer(request, id) { output.send(answer) }
      case .batch(let requests):
        let answers = requests.compactMap { answer($0.0, $0.id) }
        if !answers.isEmpty { output.send(.array(answers)) }
      }
      if let status = methods.quits { return status }
    }
    return 0
  }

  /// The answer to a request; nil for a notification. What is no request at all is answered, with the id null.
  private func answer(_ request: Result<Request, RPCError>, _ id: RequestID) -> JSONValue? {
    switch request {
    case .failure(let error): return Response.answer(.failure(error), id: id)
    case .success(let request):
      let result: Result<JSONValue, RPCError>
      do throws(RPCError) { result = .success(try methods.call(request.method, request.parameters)) } catch { result = .failure(error) }
      return request.id == nil ? nil : Response.answer(result, id: id)
    }
  }
}

/// The requests that do not wait for their turn.
private struct Urgent: Sendable {
  let interrupter: Interrupter
  let streams: ServedStreams

  /// Nil if the request has to wait for its turn.
  func answer(_ request: Request, isBusy: () -> Bool) -> Result<JSONValue, RPCError>? {
    switch request.method {
    case "interrupt", "notifications/cancelled":
      while isBusy() {
        if interrupter.interrupt() { return .success(["interrupted": true]) }
        usleep(1000)
      }
      return .success(["interrupted": false])
    case "input":
      guard let text = request.parameters["text"]?.string ?? request.parameters.elements?.first?.string else {
        return .failure(.invalidParameters("'text' is missing, a text for the program's standard input"))
      }
      streams.give(text)
      return .success([:])
    default: return nil
    }
  }
}
