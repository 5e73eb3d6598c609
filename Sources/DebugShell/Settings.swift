// Owns the settings: those that say how the shell shows things, and those of gdb that scripts have and that change nothing here.
// It does not know registers, variables and memory, which `set` writes too.

/// One setting, or all that begin with its name.
struct Setting {
  enum Value {
    case switched
    /// A number; 0 and `unlimited` are the same.
    case number
    /// Any words.
    case words
  }
  let name: String
  let value: Value
  let standard: String
  /// Whether other words may stand between the name and the value: `set print pretty on`.
  var isGroup = false

  init(_ name: String, _ value: Value, _ standard: String, isGroup: Bool = false) {
    self.name = name
    self.value = value
    self.standard = standard
    self.isGroup = isGroup
  }

  /// Those that the shell heeds, then those that do nothing here.
  static let all: [Setting] = [
    Setting("pagination", .switched, "on"),
    Setting("height", .number, "the terminal's"),
    Setting("json", .switched, "off"),
    Setting("prompt", .words, "(faultline)"),

    Setting("auto-load", .words, "off", isGroup: true),
    Setting("backtrace", .words, "unlimited", isGroup: true),
    Setting("breakpoint", .words, "auto", isGroup: true),
    Setting("can-use-hw-watchpoints", .number, "1"),
    Setting("charset", .words, "UTF-8"),
    Setting("complaints", .number, "0"),
    Setting("confirm", .switched, "off"),
    Setting("debug-file-directory", .words, "/usr/lib/debug"),
    Setting("debuginfod", .words, "off", isGroup: true),
    Setting("disable-randomization", .switched, "on"),
    Setting("disassembly-flavor", .words, "arm64"),
    Setting("editing", .switched, "on"),
    Setting("history", .words, "on", isGroup: true),
    Setting("language", .words, "c"),
    Setting("max-completions", .number, "200"),
    Setting("non-stop", .switched, "off"),
    Setting("osabi", .words, "GNU/Linux"),
    Setting("print", .words, "standard", isGroup: true),
    Setting("python", .words, "none", isGroup: true),
    Setting("scheduler-locking", .words, "off"),
    Setting("startup-with-shell", .switched, "off"),
    Setting("step-mode", .switched, "off"),
    Setting("style", .words, "off", isGroup: true),
    Setting("trace-commands", .switched, "off"),
    Setting("tui", .words, "off", isGroup: true),
    Setting("verbose", .switched, "off"),
    Setting("width", .number, "the terminal's"),
  ]
}

extension Shell {
  /// What `set` answers to a setting; nil if the text is about something else: a register, a variable or memory.
  func answersSetting(_ text: String) throws(ShellError) -> [String]? {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    // `set height = 5` would write a variable of the program's.
    guard let first = words.first, words.count == 1 || !words[1].hasPrefix("=") else { return nil }
    if first == "args" {
      arguments = try CommandArguments(text: String(text.trimmed.dropFirst(first.count))).quotedWords()
      return []
    }
    if first == "logging" { return try setLogging(Array(words.dropFirst())) }
    guard let setting = Setting.all.first(where: { $0.name == first }) else { return nil }
    let value = words.dropFirst().joined(separator: " ")
    if setting.isGroup {
      settings[words.dropLast(words.count > 2 ? 1 : 0).joined(separator: " ")] = words.count > 2 ? words.last : "on"
      return []
    }
    switch setting.value {
    case .switched:
      let isOn = ["", "on", "1", "yes", "enable"].contains(value)
      guard isOn || ["off", "0", "no", "disable"].contains(value) else { throw ShellError("\(first) is on or off, not '\(value)'") }
      settings[first] = isOn ? "on" : "off"
    case .number:
      guard value.isEmpty || value == "unlimited" || Int(value).map({ $0 >= 0 }) == true else {
        throw ShellError("\(first) is a number or unlimited, not '\(value)'")
      }
      settings[first] = value.isEmpty || value == "0" ? "unlimited" : value
    case .words:
      if value.isEmpty { throw ShellError("\(first) needs a value") }
      settings[first] = value
    }
    return []
  }

  func show(_ given: CommandArguments) throws(ShellError) -> [String] {
    let name = given.words.joined(separator: " ")
    switch name {
    case "": return settings.keys.sorted().map { "\($0): \(settings[$0]!)" }
    case "args":
      return [arguments.isEmpty ? "The program gets no arguments." : "The program's arguments: \(arguments.joined(separator: " "))"]
    case "user":
      return definitions.keys.sorted().flatMap { ["User command \"\($0)\":"] + definitions[$0]!.lines.map { "  " + $0.trimmed } }
    case "logging": return [log == nil ? "Nothing is logged." : "What is shown is copied to \(logPath)."]
    default:
      if let value = settings[name] { return ["\(name): \(value)"] }
      guard let first = given.words.first, let setting = Setting.all.first(where: { $0.name == first }) else {
        let hint = EditDistance.nearest(name, in: Setting.all.map(\.name)).map { " Did you mean 'show \($0)'?" } ?? ""
        throw ShellError("There is no setting '\(name)'.\(hint)")
      }
      return ["\(name): \(setting.standard)"]
    }
  }

  // MARK: The log

  private var logPath: String { settings["logging file"] ?? "faultline.txt" }

  /// `set logging file NAME`, `overwrite`, `enabled`, or as gdb before 12 `on`, `off` and a file's name.
  private func setLogging(_ words: [String]) throws(ShellError) -> [String] {
    switch (words.first ?? "on", words.dropFirst().joined(separator: " ")) {
    case ("file", let name):
      if name.isEmpty { throw ShellError("set logging file needs a file's name") }
      settings["logging file"] = name
    case ("overwrite", let value), ("redirect", let value), ("debugredirect", let value):
      settings["logging \(words[0])"] = value.isEmpty ? "on" : value
    case ("on", ""), ("enabled", "on"), ("enabled", ""): return try startLogging()
    case ("off", ""), ("enabled", "off"):
      if log == nil { return [] }
      log = nil
      return ["Nothing is logged any more."]
    case ("on", let name):
      settings["logging file"] = name
      return try startLogging()
    default: throw ShellError("set logging takes on, off, enabled, file NAME, overwrite or redirect, not '\(words.joined(separator: " "))'")
    }
    return []
  }

  private func startLogging() throws(ShellError) -> [String] {
    let host = try requiredHost("set logging")
    do { log = try host.openLog(logPath, replaces: settings["logging overwrite"] == "on") } catch { throw ShellError("\(error)") }
    return ["What is shown is copied to \(logPath)."]
  }
}
