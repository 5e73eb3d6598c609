// Owns the JSON form of explained logs. It does not know how a log is explained.
import Architecture
import Debugging
import DebugShell
import KernelLog

/// Schema faultline.oops/1. Addresses and values of 64 bits are strings.
struct OopsDocument: Codable {
  var schema = "faultline.oops/1"
  let reports: [Report]

  struct Report: Codable {
    let kind: String
    let number: UInt64?
    let message: String
    let address: String?
    let task: String?
    let process: UInt64?
    let symbol: String?
    let caller: String?
    let release: String?
    let notes: [String]
    let meaning: String?
    let syndrome: Syndrome?
    let linux: [String]
    let pageTable: Table?
    let code: [Word]
    let access: Access?
    let trace: [String]
    let hints: [String]
  }

  struct Syndrome: Codable {
    let value: String
    let summary: String
    let fields: [FieldDocument]
  }

  struct Table: Codable {
    /// Bytes.
    let pageSize: UInt64
    let addressBits: Int
    let isUser: Bool
    let entries: [Entry]
    /// Whether the place where the walk ends agrees with the syndrome; absent where the log cannot tell.
    let agrees: Bool?
    let verdict: String?
    let refusals: [String]
  }

  struct Entry: Codable {
    let names: String
    let level: Int
    let value: String
    let kind: String
    let summary: String
  }

  struct Word: Codable {
    let word: String?
    let assembly: String
    let isFaulting: Bool
  }

  struct Access: Codable {
    let instruction: String
    let expression: String
    let registers: [String: String]
    let address: String?
    let agrees: Bool?
  }
}

extension OopsDocument.Report {
  init(_ explanation: OopsExplanation) {
    let report = explanation.report
    kind = report.kind.rawValue
    number = report.number
    message = report.message
    address = report.address.map { hexadecimal($0) }
    task = report.task
    process = report.process
    symbol = report.pcSymbol ?? report.pc.map { hexadecimal($0) }
    caller = report.lrSymbol ?? report.general[30].map { hexadecimal($0) }
    release = report.release
    notes = report.notes
    meaning = explanation.meaning
    syndrome = explanation.syndrome.map {
      OopsDocument.Syndrome(
        value: hexadecimal($0.syndrome.rawValue), summary: $0.summary, fields: $0.fields.map(FieldDocument.init))
    }
    linux = explanation.outcomes.map(\.text)
    pageTable = report.pageTable.map { OopsDocument.Table($0, explanation) }
    code = explanation.code.map {
      OopsDocument.Word(word: $0.word.map { hexadecimal($0, digits: 8) }, assembly: $0.text, isFaulting: $0.isFaulting)
    }
    access = explanation.access.map { access in
      OopsDocument.Access(
        instruction: access.instruction, expression: access.expression,
        registers: Dictionary(access.registers.map { ($0.name, hexadecimal($0.value)) }) { first, _ in first },
        address: access.address.map { hexadecimal($0) }, agrees: access.agrees)
    }
    trace = report.trace
    hints = explanation.hints
  }
}

extension OopsDocument.Table {
  init(_ table: LoggedPageTable, _ explanation: OopsExplanation) {
    pageSize = table.pageSize
    addressBits = table.addressBits
    isUser = table.isUser
    entries = (explanation.walk?.steps ?? []).map {
      OopsDocument.Entry(
        names: $0.names, level: $0.level, value: hexadecimal($0.explanation.descriptor.rawValue), kind: $0.explanation.kind.rawValue,
        summary: $0.explanation.summary)
    }
    agrees = explanation.verdict?.agrees
    verdict = table.refusal ?? explanation.verdict?.text
    refusals = explanation.refusals
  }
}
