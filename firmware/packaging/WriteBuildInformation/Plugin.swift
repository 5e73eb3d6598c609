// Owns the step of each build that writes which commit is built, and by which compiler. The step runs if a source or the checkout's
// commit has changed, and it writes the file again only if the answer has changed. It does not know what is done with the text.
import Foundation
import PackagePlugin

@main struct WriteBuildInformation: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let package = context.package.directoryURL
    let script = target.directoryURL.appending(path: "write.sh")
    let output = context.pluginWorkDirectoryURL.appending(path: "BuiltFrom.swift")
    return [
      .buildCommand(
        displayName: "Asking git for the commit", executable: URL(filePath: "/bin/sh"),
        arguments: [script.path, package.path, output.path],
        environment: ProcessInfo.processInfo.environment.filter { ["PATH", "HOME"].contains($0.key) },
        inputFiles: [script] + sources(of: package) + [log(of: package)].compactMap { $0 }, outputFiles: [output])
    ]
  }

  /// All files of the sources, because whether they differ from the commit is a part of the answer.
  private func sources(of package: URL) -> [URL] {
    let folder = package.appending(path: "Sources")
    let names = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []
    return names.filter { $0.hasSuffix(".swift") || $0.hasSuffix(".h") }.sorted().map { folder.appending(path: $0) }
  }

  /// The file that git appends to with each commit and each change of the branch; nil outside a checkout.
  private func log(of package: URL) -> URL? {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git", "-C", package.path, "rev-parse", "--path-format=absolute", "--git-path", "logs/HEAD"]
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil, let data = try? pipe.fileHandleForReading.readToEnd() else { return nil }
    let path = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
    return FileManager.default.fileExists(atPath: path) ? URL(filePath: path) : nil
  }
}
