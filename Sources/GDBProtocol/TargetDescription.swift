// Owns the documents that tell a debugger what registers and threads there are. It does not know their values. GDB manual, G Target
// Descriptions, E.14 Thread List Format.

/// A register of a target description.
public struct RegisterDescription: Sendable, Equatable {
  public var name: String
  public var bits: Int
  /// The type in the description: `int64`, `code_ptr`, or one that the description defines.
  public var type: String
  public var group: String?
  public init(_ name: String, bits: Int, type: String, group: String? = nil) {
    self.name = name
    self.bits = bits
    self.type = type
    self.group = group
  }
}

/// Registers that a debugger knows together by a name. Registers are numbered through all features from 0 on.
public struct RegisterFeature: Sendable, Equatable {
  public var name: String
  /// Definitions of types, as XML.
  public var types: String
  public var registers: [RegisterDescription]
  public init(_ name: String, types: String = "", _ registers: [RegisterDescription]) {
    self.name = name
    self.types = types
    self.registers = registers
  }
}

/// A range of physical addresses at which memory or registers answer.
public struct MemoryRange: Equatable, Sendable {
  public let start: UInt64
  public let size: UInt64
  public init(start: UInt64, size: UInt64) {
    self.start = start
    self.size = size
  }
}

public enum TargetDescription {
  /// The document `target.xml`.
  public static func xml(architecture: String, osABI: String?, _ features: [RegisterFeature]) -> String {
    var lines = ["<?xml version=\"1.0\"?>", "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">", "<target version=\"1.0\">"]
    lines.append("<architecture>\(architecture)</architecture>")
    if let osABI { lines.append("<osabi>\(osABI)</osabi>") }
    var number = 0
    for feature in features {
      lines.append("<feature name=\"\(feature.name)\">\(feature.types)")
      for register in feature.registers {
        let group = register.group.map { " group=\"\($0)\"" } ?? ""
        lines.append("<reg name=\"\(register.name)\" bitsize=\"\(register.bits)\" type=\"\(register.type)\" regnum=\"\(number)\"\(group)/>")
        number += 1
      }
      lines.append("</feature>")
    }
    return (lines + ["</target>"]).joined(separator: "\n") + "\n"
  }

  /// The list of threads, each with its name and with what it does.
  public static func threads(_ threads: [(id: String, name: String, description: String)]) -> String {
    let rows = threads.map { "<thread id=\"\($0.id)\" name=\"\(escaped($0.name))\">\(escaped($0.description))</thread>\n" }
    return "<?xml version=\"1.0\"?>\n<threads>\n" + rows.joined() + "</threads>\n"
  }

  /// The document of qXfer:memory-map. GDB manual, E.18 Memory Map Format.
  public static func memoryMap(_ ranges: [MemoryRange]) -> String {
    let rows = ranges.map { range in
      "<memory type=\"ram\" start=\"0x\(String(range.start, radix: 16))\" length=\"0x\(String(range.size, radix: 16))\"/>\n"
    }
    return "<?xml version=\"1.0\"?>\n<memory-map>\n" + rows.joined() + "</memory-map>\n"
  }

  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case " "..."~": String(scalar)
      default: "?"
      }
    }.joined()
  }
}
