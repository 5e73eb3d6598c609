// Owns which files a session's programs consist of, for names, lines and stacks: the program that was loaded, those that were executed
// later, and the vDSO. It does not know what is read from them.
import Debugging
import ELFFormat
import LinuxKernel
import LinuxMM
import Symbols

/// The debug information that a session has read.
struct InformationCache {
  /// That of the program that was loaded; nil until it is asked for.
  var loaded: DebugInformation?
  /// That of other programs, by the file behind their mappings.
  var executed: [FileID: DebugInformation] = [:]
  /// The file of the program that ran when a program was asked for last.
  var latest = FileID.none
}

extension Session {
  /// Names, source lines and stacks of the program that the running task runs: after execve another one than was loaded. Once the last task
  /// has left its address space, it is the program that was asked for last.
  public var debugInformation: DebugInformation {
    guard let file = runningProgram else { return debugInformation(ofProgram: readInformation.latest) }
    readInformation.latest = file
    return debugInformation(ofProgram: file)
  }

  /// The debug information of the program that an address space runs.
  public func debugInformation(of space: MMID) -> DebugInformation { debugInformation(ofProgram: programFile(of: space)) }

  /// The file of the program that an address space runs: `.none` for the program that was loaded.
  public func programFile(of space: MMID) -> FileID {
    let file = kernel.mm.state[space].executable
    return file == programContents ? .none : file
  }

  /// The file of the program that the running task runs: `.none` for the program that was loaded. Nil if the task has left its address space.
  public var runningProgram: FileID? { space.map { programFile(of: $0) } }

  /// The debug information of a program by its file, which some address space runs.
  public func debugInformation(ofProgram file: FileID) -> DebugInformation {
    if file == .none {
      if readInformation.loaded == nil { readInformation.loaded = DebugInformation(loadedModules()) }
      return readInformation.loaded!
    }
    if let known = readInformation.executed[file] { return known }
    let information = DebugInformation(executedModules(file))
    readInformation.executed[file] = information
    return information
  }

  /// Forgets what was read of files that were executed: the number of such a file may be another's now.
  func forgetExecuted() {
    if !readInformation.executed.isEmpty { readInformation.executed = [:] }
  }

  private var debugFiles: DebugFileSearch { DebugFileSearch(folders: configuration.debugDirectories + DebugFileSearch().folders) }

  /// The files of the program that was loaded, each at its place.
  private func loadedModules() -> [LoadedModule] {
    var modules: [LoadedModule] = []
    if program != nil {
      let (name, path, bytes) = programFile
      modules.append(LoadedModule(name: name, path: path, bytes: bytes, bias: loadBias, debugFiles: debugFiles))
    }
    return modules + vdsoModules
  }

  /// The files of a program that was executed, each at its place. There is nothing if its file is no program any more.
  private func executedModules(_ file: FileID) -> [LoadedModule] {
    let bytes = kernel.mm.peekFile(processor.el1, file, limit: 1 << 28)
    guard let elf = try? ELFFile(bytes) else { return [] }
    let bias = elf.kind == .shared ? Kernel.dynamicBase : 0
    return [LoadedModule(name: "program", bytes: bytes, bias: bias, debugFiles: debugFiles)] + vdsoModules
  }

  private var vdsoModules: [LoadedModule] {
    vmas.filter { $0.purpose == .vdso }.compactMap { vma in
      peek(vma.start, count: Int(vma.end - vma.start)).map { LoadedModule(name: "[vdso]", bytes: $0, bias: vma.start) }
    }
  }

  /// The stack of the running code. Its frames are numbered from the innermost.
  public func backtrace(_ limits: BacktraceLimits = BacktraceLimits()) -> Backtrace {
    debugInformation.backtrace(unwindRegisters, limits) { peek($0, count: $1) }
  }
}
