// Owns where a separate file with symbols and debug information is looked for, as GDB does it: by the build's identity, then by name.
// It does not know what is read from the file. Source: GDB's manual, "Separate Debug Files".
import ELFFormat
import Foundation

/// A file with symbols and debug information that were stripped from a module.
public struct DebugFile: Sendable {
  public let path: String
  public let bytes: [UInt8]
}

/// The folders in which debug files lie.
public struct DebugFileSearch: Sendable {
  /// Folders like /usr/lib/debug: with a folder .build-id, or with the paths of programs below them.
  public var folders: [String]

  public init(folders: [String] = ["/usr/lib/debug"]) { self.folders = folders }

  /// The largest debug file in bytes that is read.
  static let largest = 1 << 30

  /// The debug file of a module; nil if there is none. A file of another build is passed over.
  func find(_ bytes: [UInt8], _ sections: SectionTable, path: String?) -> DebugFile? {
    if let identity = BuildIdentity.read(bytes, sections), identity.count > 1 {
      let digits = identity.map { Self.digits($0) }
      for folder in folders {
        let file = "\(folder)/.build-id/\(digits[0])/\(digits.dropFirst().joined()).debug"
        if let found = Self.read(file), BuildIdentity.read(found, SectionTable(found)) == identity {
          return DebugFile(path: file, bytes: found)
        }
      }
    }
    guard let link = DebugLink(bytes, sections), let path else { return nil }
    let folder = URL(filePath: path).standardizedFileURL.deletingLastPathComponent().path
    for file in ["\(folder)/\(link.name)", "\(folder)/.debug/\(link.name)"] + folders.map({ "\($0)\(folder)/\(link.name)" }) {
      if let found = Self.read(file), DebugLink.checksum(found) == link.checksum { return DebugFile(path: file, bytes: found) }
    }
    return nil
  }

  private static func digits(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

  private static func read(_ path: String) -> [UInt8]? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
      let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int, size <= largest,
      let data = FileManager.default.contents(atPath: path)
    else { return nil }
    return [UInt8](data)
  }
}
