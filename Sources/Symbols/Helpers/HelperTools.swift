// Owns where the helper commands lie on this host. It does not know what they are asked.
import Foundation

/// The commands that read debug information and mangled names, which belong to the Swift toolchain. A nil one is not used.
public struct HelperTools: Sendable {
  /// LLVM's llvm-symbolizer.
  public var symbolizer: String?
  /// Swift's swift-demangle.
  public var swiftDemangle: String?

  public init(symbolizer: String? = nil, swiftDemangle: String? = nil) {
    self.symbolizer = symbolizer
    self.swiftDemangle = swiftDemangle
  }

  /// The commands beside the `swift` that the PATH finds, or those that the PATH finds itself.
  public static var found: HelperTools { HelperTools(path: ProcessInfo.processInfo.environment["PATH"] ?? "") }

  /// The commands that a PATH, folders separated by colons, leads to.
  init(path: String) {
    // An empty entry of a PATH stands for the working folder; helpers are not taken from there.
    let folders = path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    var places = folders
    if let swift = Self.command("swift", in: folders) {
      places.insert(URL(filePath: swift).resolvingSymlinksInPath().deletingLastPathComponent().path, at: 0)
    }
    symbolizer = Self.command("llvm-symbolizer", in: places)
    swiftDemangle = Self.command("swift-demangle", in: places)
  }

  private static func command(_ name: String, in folders: [String]) -> String? {
    folders.lazy.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
