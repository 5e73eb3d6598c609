// Owns a function that runs a guest program to its end, with its streams in memory.
// It does not know what the program should do.
import Debugging
import Laboratory
import TestSupport

struct Run {
  let stop: StopReason
  let output: String
  let errors: String
  let session: Session

  init(
    _ program: String, _ arguments: [String] = [], _ configuration: SessionConfiguration = SessionConfiguration(),
    input: [UInt8] = [], limit: UInt64 = 4_000_000_000, link: String? = nil
  ) throws {
    let host = MemoryIO(input: input)
    session = try Session(configuration, host: host)
    try session.load(bytes: try firmware(program), path: program, link: link, arguments: arguments)
    stop = session.run(until: limit)
    output = host.outputText
    errors = host.errorText
  }
}
