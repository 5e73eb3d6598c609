// Owns where tests find guest programs and golden files: beside the sources of this package.
// It does not build them: `make firmware` does, and `make test` calls it first.
import Foundation

/// The package's own folder.
public let packageFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

public struct MissingFile: Error, CustomStringConvertible {
  public let description: String
}

/// A guest program by its place under `firmware/`, as in `examples/hello`.
public func firmware(_ name: String) throws -> [UInt8] {
  guard let data = try? Data(contentsOf: URL(filePath: firmwarePath(name))) else {
    throw MissingFile(description: "\(firmwarePath(name)) is not built: run make firmware")
  }
  return [UInt8](data)
}

public func firmwarePath(_ name: String) -> String { packageFolder.appending(path: "build/firmware/\(name)").path }

/// A text file under `Tests/Fixtures`.
public func fixture(_ name: String) throws -> String {
  try String(contentsOf: packageFolder.appending(path: "Tests/Fixtures/\(name)"), encoding: .utf8)
}
