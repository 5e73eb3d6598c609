// Owns which files a session's program consists of, for names, lines and stacks: the program and the vDSO.
// It does not know what is read from them.
import Debugging
import ELFFormat
import LinuxKernel
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

  /// The debug information of the program that an address space runs: this session's, or that of another program's file that was executed.
  func debugInformation(of space: MMID) -> DebugInformation {
    let mm = kernel.mm
    let file = mm.state[space].executable
    if file == .none || file == programContents { return debugInformation }
    let size = Int(min(mm.state.files[file].size, 1 << 28))
    guard let bytes = try? mm.readFile(processor.el1, file, offset: 0, count: size), let elf = try? ELFFile(bytes) else {
      return DebugInformation([])
    }
    let bias = elf.kind == .shared ? Kernel.dynamicBase : 0
    return DebugInformation([LoadedModule(name: "program", bytes: bytes, bias: bias)])
  }
}
