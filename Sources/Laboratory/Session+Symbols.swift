// Owns which files a session's program consists of, for names, lines and stacks: the program and the vDSO.
// It does not know what is read from them.
import Debugging
import ELFFormat
import LinuxMM
import Symbols

extension Session {
  /// The files of the program, each at its place.
  func loadedModules() -> [LoadedModule] {
    var modules: [LoadedModule] = []
    if program != nil {
      modules.append(LoadedModule(name: programFile.name, path: programFile.path, bytes: programFile.bytes, bias: loadBias))
    }
    for vma in vmas where vma.purpose == .vdso {
      let start = vma.start
      if let bytes = peek(start, count: Int(vma.end - start)) {
        modules.append(LoadedModule(name: "[vdso]", bytes: bytes, bias: start))
      }
    }
    return modules
  }

  /// The stack of the running code. Its frames are numbered from the innermost.
  public func backtrace(_ limits: BacktraceLimits = BacktraceLimits()) -> Backtrace {
    debugInformation.backtrace(unwindRegisters, limits) { peek($0, count: $1) }
  }
}
