// Owns hooks: commands of the user's that run before or behind another command, and at each stop. It does not know how they are defined.

extension Shell {
  /// Runs the lines of a hook, `hook-NAME` or `hookpost-NAME`, if it is defined. A hook that is running does not run inside itself.
  func runHook(_ hook: String) throws(ShellError) -> [String] {
    guard let lines = definitions[hook]?.lines, activeHooks.insert(hook).inserted else { return [] }
    defer { activeHooks.remove(hook) }
    return try run(lines, of: hook, shows: true)
  }

  /// What a hook of stops answers. Its failure is a line, because the stop has happened.
  func stopHookLines(_ hook: String) -> [String] {
    do throws(ShellError) { return try runHook(hook) } catch { return error.output + [error.message] }
  }

  /// The warning about a name that looks like a hook's, where there is nothing to hook; nil if all is well.
  func hookWarning(_ name: String) -> String? {
    guard let match = name.wholeMatch(of: /hook(?:post)?-(.*)/) else { return nil }
    let hooked = String(match.1)
    if hooked == "stop" || allCommands.contains(where: { $0.name == hooked }) { return nil }
    return "There is no command '\(hooked)': the hook waits until one is defined."
  }
}
