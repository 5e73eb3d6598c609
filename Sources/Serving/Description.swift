// Owns how the methods are described to clients: as an OpenRPC document, and as the tools of the Model Context Protocol.
// It does not know what a method does: the shell's catalogue says it.
import DebugShell
import JSONDocuments

/// A method as clients see it.
struct MethodDescription {
  let name: String
  let summary: String
  let details: [String]
  /// The schema of an object with the arguments, and their names in order.
  let parameters: JSONValue
  let order: [String]
  let result: JSONValue
  let isForPeople: Bool

  var text: String { ([summary] + details).joined(separator: "\n") }

  /// All methods but those of the protocols themselves.
  static let all: [MethodDescription] =
    Shell.catalogue.map { entry in
      MethodDescription(
        name: entry.name, summary: entry.summary, details: ["In the shell: \(entry.usage)"] + entry.details, parameters: entry.parameters,
        order: entry.order, result: answer(entry.data), isForPeople: entry.isForPeople)
    } + [
      MethodDescription(
        name: Methods.line, summary: "Run a command line as a user types it.",
        details: ["'help' lists the commands, 'help NAME' explains one."], parameters: object(["line": ["type": "string"]]),
        order: ["line"],
        result: answer(nil), isForPeople: false),
      MethodDescription(
        name: "input", summary: "Add a text to the program's standard input.",
        details: ["The program reads what has been given so far, and then the end of a file."],
        parameters: object(["text": ["type": "string"]]),
        order: ["text"], result: ["type": "object"], isForPeople: true),
      MethodDescription(
        name: "interrupt", summary: "Stop the program that a call runs; that call returns.", details: [], parameters: ["type": "object"],
        order: [], result: object(["interrupted": ["type": "boolean"]]), isForPeople: true),
    ]

  private static func object(_ properties: [String: JSONValue]) -> JSONValue {
    [
      "type": "object", "properties": .object(properties), "required": .array(properties.keys.sorted().map { .string($0) }),
      "additionalProperties": false,
    ]
  }

  /// The schema of an answer with these data.
  private static func answer(_ data: JSONValue?) -> JSONValue {
    var properties: [String: JSONValue] = [
      "schema": ["const": .string(AnswerDocument.schema)], "command": ["type": "string"],
      "text": ["type": "array", "items": ["type": "string"], "description": "What a person would see, line by line."],
      "error": ["type": "string"], "quits": ["type": "integer"], "output": JSONSchema.of(ProgramOutput.self),
    ]
    // A line may be any command, whose data then are its own.
    properties["data"] = data ?? ["type": "object"]
    return ["type": "object", "properties": .object(properties), "required": ["schema", "command", "text", "output"]]
  }
}

/// The description of a service in OpenRPC's form, version 1.3.
enum OpenRPC {
  static func document(version: String) -> JSONValue {
    [
      "openrpc": "1.3.2",
      "info": ["title": "faultline serve", "version": .string(version)],
      "methods": .array(MethodDescription.all.map(method)),
    ]
  }

  private static func method(_ description: MethodDescription) -> JSONValue {
    let required = Set((description.parameters["required"]?.elements ?? []).compactMap(\.string))
    return [
      "name": .string(description.name), "summary": .string(description.summary), "description": .string(description.text),
      "paramStructure": "either",
      "params": .array(
        description.order.map { name in
          [
            "name": .string(name), "required": .bool(required.contains(name)),
            "schema": description.parameters["properties"]?[name] ?? [:],
          ]
        }),
      "result": ["name": "answer", "schema": description.result],
    ]
  }
}

/// The Model Context Protocol: https://modelcontextprotocol.io, "Lifecycle" and "Tools".
enum ModelContext {
  /// The versions of the protocol whose messages these are, the newest first.
  private static let versions = ["2025-06-18", "2025-03-26", "2024-11-05"]

  static func initialize(_ parameters: JSONValue, version: String) -> JSONValue {
    let asked = parameters["protocolVersion"]?.string ?? ""
    return [
      "protocolVersion": .string(versions.contains(asked) ? asked : versions[0]),
      "capabilities": ["tools": [:]],
      "serverInfo": ["name": "faultline", "title": "Faultline", "version": .string(version)],
      "instructions": .string(instructions),
    ]
  }

  private static let instructions = """
    Faultline runs AArch64 Linux programs on an emulated processor with a real MMU and a model of Linux's page faults. Load a program with \
    file, start it with run. When it stops before a fatal signal, why tells the cause: the instruction, what the address is, which calls \
    mapped, protected or unmapped it, and the stack. Runs are deterministic.
    """

  static let tools: [JSONValue] = MethodDescription.all.filter { !$0.isForPeople || $0.name == "input" }.map { description in
    [
      "name": .string(description.name), "description": .string(description.text), "inputSchema": description.parameters,
      "outputSchema": description.result,
    ]
  }

  /// The result of a tool: the lines and the program's output for the model, and the whole document.
  static func result(_ document: JSONValue) -> JSONValue {
    var lines = (document["text"]?.elements ?? []).compactMap(\.string)
    if let error = document["error"]?.string { lines.append(error) }
    for stream in ["stdout", "stderr"] {
      if let text = document["output"]?[stream]?.string, !text.isEmpty { lines += ["The program wrote to \(stream):", text] }
    }
    return [
      "content": [["type": "text", "text": .string(lines.joined(separator: "\n"))]], "structuredContent": document,
      "isError": .bool(document["error"] != nil),
    ]
  }

  static func failure(_ message: String) -> JSONValue {
    ["content": [["type": "text", "text": .string(message)]], "isError": true]
  }
}
