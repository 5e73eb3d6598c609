// Owns tests of `faultline oops` as a user runs it: a file, stdin, JSON, and logs without faults.
// It does not know the explanations: KernelLogTests do.
import Foundation
import TestSupport
import Testing

@Suite struct OopsCommandTests {
  private static let log = packageFolder.appending(path: "Tests/Fixtures/oops/linux-6.12.log").path

  @Test func aFileAndStdin() throws {
    let file = try FaultlineProcess("oops", Self.log)
    #expect(file.status == 0 && file.errors.isEmpty)
    #expect(file.output.hasPrefix("program fault: level 2 translation fault\n"))
    #expect(file.output.contains("\noops #3: paging request at 0xdead000000000100\n"))
    #expect(file.output.components(separatedBy: String(repeating: "-", count: 78)).count == 25)
    let text = try String(contentsOfFile: Self.log, encoding: .utf8)
    #expect(try FaultlineProcess(["oops"], input: text).output == file.output)
    #expect(try FaultlineProcess(["oops", "-"], input: text).output == file.output)
    #expect(try FaultlineProcess(shell: "cat \"$1\" | faultline oops", Self.log).output == file.output)
  }

  @Test func json() throws {
    let run = try FaultlineProcess("oops", "--json", Self.log)
    let json = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    #expect(json["schema"] as? String == "faultline.oops/1")
    let reports = try #require(json["reports"] as? [[String: Any]])
    #expect(reports.count == 25)
    let oops = try #require(reports.first { $0["number"] as? Int == 1 })
    #expect(oops["message"] as? String == "NULL pointer dereference" && oops["task"] as? String == "provoke")
    let table = try #require(oops["pageTable"] as? [String: Any])
    #expect(table["agrees"] as? Bool == true && (table["entries"] as? [[String: Any]])?.count == 4)
    #expect((oops["access"] as? [String: Any])?["agrees"] as? Bool == true)
  }

  @Test func noFault() throws {
    let run = try FaultlineProcess(["oops"], input: "[    0.000000] Booting Linux on physical CPU 0x0000000000\n")
    #expect(run.status == 1 && run.output.isEmpty)
    #expect(run.errors == "faultline: the log has no oops and no unhandled fault of an arm64 kernel\n")
    let json = try FaultlineProcess(["oops", "--json"], input: "")
    #expect(json.status == 1 && json.output.contains("\"reports\" : ["))
  }

  @Test func badFiles() throws {
    for file in ["/nonexistent/log", "/", packageFolder.path] {
      let run = try FaultlineProcess("oops", file)
      #expect(run.status == 2 && run.output.isEmpty && run.errors.hasPrefix("faultline: error: "), "\(run.errors)")
      #expect(run.errors.filter { $0 == "\n" }.count == 1)
    }
  }
}
