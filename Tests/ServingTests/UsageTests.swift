// Owns the tests of how usages give arguments names, and of the lines that named arguments make. It does not know what commands do.
import JSONDocuments
import Testing

@testable import DebugShell

struct UsageTests {
  private func line(_ usage: String, _ given: [String: JSONValue]) -> String {
    do throws(ShellError) { return try Usage(usage).text(given) } catch { return "error: \(error.message)" }
  }

  @Test(arguments: [
    ("", ""), ("LOCATION [if CONDITION]", "location condition?"), ("[ARG]...", "arg*"), ("/NFU [ADDRESS]", "format? address?"),
    ("PLACE = EXPRESSION", "place expression"), ("[PLACE|FIRST,LAST|-]", "place?"), ("ADDRESS [fields]", "address fields!"),
    ("[--example] PROGRAM [ARG]...", "example! program arg*"), ("\"FORMAT\", EXPRESSION...", "format expression*"), ("[N|-N]", "n?"),
  ])
  func namesOfAUsage(_ usage: String, _ names: String) {
    let found = Usage(usage).parameters.map { parameter in
      switch parameter.kind {
      case .flag: parameter.name + "!"
      case .list: parameter.name + "*"
      case .value: parameter.name + (parameter.isRequired ? "" : "?")
      }
    }
    #expect(found.joined(separator: " ") == names)
  }

  @Test func linesFromNames() {
    #expect(line("[LOCATION] [if CONDITION]", ["location": "main", "condition": "$x0 == 1"]) == "main if $x0 == 1")
    #expect(line("[LOCATION] [if CONDITION]", ["condition": "1"]) == "if 1")
    #expect(line("PLACE = EXPRESSION", ["place": "$x0", "expression": 16]) == "$x0 = 0x10")
    #expect(line("N COUNT", ["n": 2, "count": 16]) == "2 16")
    #expect(line("[ARG]...", ["arg": ["a b", "c", "it's", ""]]) == "'a b' c 'it'\\''s' ''")
    #expect(line("/NFU [ADDRESS]", ["format": "4gx", "address": -8]) == "/4gx -8")
    #expect(line("ADDRESS [fields]", ["address": "$pc", "fields": true]) == "$pc fields")
    #expect(line("ADDRESS [fields]", ["address": "$pc", "fields": false]) == "$pc")
    #expect(line("\"FORMAT\", EXPRESSION...", ["format": "%d \"x\"\n", "expression": ["1", 2]]) == "\"%d \\\"x\\\"\\n\", 1, 0x2")
    #expect(line("ADDRESS", [:]) == "error: the parameter 'address' is missing")
    #expect(line("ADDRESS", ["address": true]) == "error: 'address' is a text or a whole number")
    #expect(line("[N]...", ["n": 1]) == "error: 'n' is an array")
    #expect(line("ADDRESS [fields]", ["address": 1, "fields": 1]) == "error: 'fields' is true or false")
    #expect(line("", ["x": 1]) == "error: there is no parameter 'x'")
  }

  /// The table of commands has no usage with two arguments of one name.
  @Test func namesAreUnique() {
    for entry in Shell.catalogue { #expect(Set(entry.order).count == entry.order.count, "\(entry.name)") }
  }
}
