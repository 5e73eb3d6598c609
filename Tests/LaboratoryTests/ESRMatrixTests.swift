// Owns the check of the table of syndromes in the documentation against the recorded rows and a run.
// It does not know how the table was made: firmware/oracle/esr-matrix.sh does.
import Foundation
import Laboratory
import LinuxMM
import TestSupport
import Testing

@Suite struct ESRMatrixTests {
  /// The rows of the program by the state of the page: signal, code and ESR.
  private func states(_ text: String) -> [(state: Substring, answer: [Substring])] {
    text.split(separator: "\n").map { line in
      let cells = line.split(separator: "\t")
      return (cells[0], Array(cells[2..<5]))
    }
  }

  @Test func theTableCountsTheRowsThatAgree() throws {
    let article = packageFolder.appending(path: "Sources/LinuxKernel/LinuxKernel.docc/SyndromeMatrix.md")
    let table = try String(contentsOf: article, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("| ") }
      .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
    let folders = OracleTests.released.map(\.folder)
    #expect(table.first?.dropFirst(2).prefix(folders.count).elementsEqual(folders.map { "Debian's \($0)" }) == true)
    #expect(table.first?[folders.count + 2] == "Faultline")

    var columns = try folders.map { states(try fixture("oracle/\($0)/esr_matrix.tsv")) }
    let newest = try #require(columns.last)
    columns.append(states(try Run("oracle/esr_matrix", [], try #require(OracleTests.released.last).configuration).output))
    columns.append(states(try fixture("oracle/qemu-aarch64/esr_matrix.tsv")))
    #expect(columns.allSatisfy { $0.count == 300 })

    var names: [Substring] = []
    for row in newest where !names.contains(row.state) { names.append(row.state) }
    #expect(table.count == names.count + 2)
    for (name, cells) in zip(names + ["all"], table.dropFirst()) {
      let indices = newest.indices.filter { name == "all" || newest[$0].state == name }
      let agreeing = columns.map { column in indices.count { column[$0].answer == newest[$0].answer } }
      #expect(cells[0] == name)
      #expect(cells[1..<(columns.count + 2)].map { Int($0) } == [indices.count] + agreeing, "\(name)")
      #expect(agreeing[folders.count] == indices.count, "Faultline's own rows: \(name)")
    }
  }
}
