// Owns the rules about borders: who may import whom, who may write which register, descriptor or TLB, and what a result may depend on.
// It does not know why a target stands where it does: the article Architecture says.
import TestSupport
import Testing

struct BorderTests {
  /// What each target may import beside Swift's own modules. Lowest first, as in Package.swift.
  private static let imports: [String: Set<String>] = [
    "BuildInformation": [],
    "LineEditing": ["CLibedit", "Foundation", "Glibc", "Darwin"],
    "JSONDocuments": ["Foundation"],
    "JSONRPC": ["JSONDocuments"],
    "Architecture": [],
    "Decoding": ["CCapstone", "Architecture"],
    "Machine": ["CFusedMultiplyAdd", "Architecture", "Decoding", "Synchronization", "Glibc", "Darwin"],
    "ELFFormat": [],
    "Symbols": ["Architecture", "ELFFormat", "Foundation"],
    "LinuxMM": ["Architecture"],
    "LinuxKernel": ["Architecture", "ELFFormat", "LinuxMM", "HashTreeCollections"],
    "Exploration": ["Foundation", "Dispatch"],
    "Debugging": ["Architecture", "Decoding", "Machine", "ELFFormat", "Symbols", "Foundation"],
    "CallTrace": ["Architecture", "LinuxKernel"],
    "KernelLog": ["Architecture", "Decoding", "LinuxKernel", "Debugging"],
    "Laboratory": [
      "Architecture", "Decoding", "Machine", "ELFFormat", "Symbols", "LinuxMM", "LinuxKernel", "Debugging", "Foundation", "Glibc", "Darwin",
    ],
    "DebugShell": [
      "JSONDocuments", "Architecture", "Decoding", "Machine", "ELFFormat", "Symbols", "LinuxMM", "LinuxKernel", "Debugging", "Laboratory",
      "Foundation",
      "Synchronization",
    ],
    "Serving": [
      "JSONDocuments", "JSONRPC", "LinuxMM", "LinuxKernel", "Laboratory", "DebugShell", "Foundation", "Dispatch", "Synchronization",
      "Glibc",
      "Darwin",
    ],
    "GDBProtocol": [],
    "RemoteDebugging": [
      "Architecture", "Machine", "LinuxMM", "LinuxKernel", "Debugging", "Laboratory", "DebugShell", "GDBProtocol", "Foundation", "Dispatch",
      "Synchronization", "Glibc", "Darwin",
    ],
    "Differential": ["Architecture", "Decoding", "Foundation"],
    "FaultlineCommands": [
      "BuildInformation", "LineEditing", "JSONDocuments", "Architecture", "Decoding", "Machine", "ELFFormat", "Symbols", "LinuxMM",
      "LinuxKernel", "Debugging", "Serving",
      "CallTrace", "KernelLog", "Laboratory", "DebugShell", "GDBProtocol", "RemoteDebugging",
      "Differential", "ArgumentParser", "Foundation", "FoundationEssentials", "Synchronization", "Dispatch", "Glibc", "Darwin",
    ],
    "faultline": ["FaultlineCommands"],
  ]

  @Test func importsFollowTheTableOfTargets() throws {
    let pattern = /^\s*(?:@\w+\s+|public\s+|private\s+|internal\s+)*import\s+(?:struct\s+|class\s+|enum\s+|func\s+)?(\w+)/
    var wrong: [String] = []
    for file in try SourceTree.sources.get().files {
      guard let allowed = Self.imports[file.target] else {
        wrong.append("\(file.path): the target \(file.target) has no row")
        continue
      }
      for line in file.code {
        guard let match = line.firstMatch(of: pattern) else { continue }
        if !allowed.contains(String(match.1)) { wrong.append("\(file.path) imports \(match.1)") }
      }
    }
    #expect(wrong == [])
  }

  /// Only the place that takes exceptions writes these in the machine; the kernel layer writes what a return goes to.
  @Test func onlyExceptionEntryWritesSyndromes() throws {
    let tree = try SourceTree.sources.get()
    let pattern = /\[\.(?:ESR|FAR|ELR|SPSR)_EL1\]\s*=[^=]/
    let except = [
      "Sources/Machine/Execution/ExceptionEntry.swift": "the owner",
      "Sources/LinuxKernel/Exec/Exec.swift": "where a program starts",
      "Sources/LinuxKernel/Signals/SignalDelivery.swift": "where a handler starts",
      "Sources/DebugShell/Commands/Looking.swift": "where a user moves a task that does not run",
      "Sources/RemoteDebugging/RegisterSet.swift": "where a debugger moves a task that does not run",
      "Sources/LinuxKernel/Signals/SignalReturn.swift": "where sigreturn goes on",
    ]
    #expect(tree.matches(pattern, except: except) == [])
    #expect(tree.idle(pattern, except) == [])
  }

  @Test func onlyPageTableEditorStoresDescriptors() throws {
    let except = [
      "Sources/LinuxMM/PageTables/PageTableEditor.swift": "the owner",
      "Sources/Architecture/EL1Interface+Memory.swift": "the definition",
    ]
    #expect(try SourceTree.sources.get().matches(/\b(?:storeDescriptor|compareAndSwapDescriptor)\(/, except: except) == [])
  }

  @Test func onlyTLBFlushIssuesTLBI() throws {
    let except = ["Sources/LinuxMM/PageTables/TLBFlush.swift": "the owner"]
    let targets: Set = ["LinuxMM", "LinuxKernel", "Laboratory"]
    #expect(try SourceTree.sources.get().matches(/\binvalidateTLB\(/, in: targets, except: except) == [])
  }

  /// Every extension of `Kernel` reaches all of a kernel's state: what can be a service is one.
  @Test func kernelIsDispatchOnly() throws {
    let tree = try SourceTree.sources.get()
    let extensions = tree.matches(/^(?:public )?extension Kernel\b/).compactMap { $0.split(separator: ":").first }
    #expect(
      extensions == [
        "Sources/LinuxKernel/Kernel+Debugging.swift", "Sources/LinuxKernel/Kernel+Outside.swift",
        "Sources/LinuxKernel/SystemCalls/SystemCall.swift",
      ])
  }

  /// A service's state and what it stands on are its own: another service calls its functions.
  @Test func noServiceIsReachedThrough() throws {
    let services =
      #"(?:scheduler|sleeps|signals|delivery|signalCalls|futexes|robustLists|times|processes|fileCalls|procFiles|programs|memoryCalls"#
      + #"|processCalls|pointerAuthentication)"#
    let inside = #"(?:state|tasks|currentTask|fileState|mm|random|user|files|signals|scheduler|sleeps)\b"#
    let pattern = try Regex(#"\b"# + services + #"\."# + inside)
    #expect(try SourceTree.sources.get().matches(pattern, in: ["LinuxKernel"]) == [])
    // The kinds of open file are the inside of `Files`.
    let files = try Regex(#"(?:^|[^.\w])files\."# + inside)
    let outside = try SourceTree.sources.get().matches(files, in: ["LinuxKernel"]).filter { !$0.contains("/Files/Kinds/") }
    #expect(outside == [])
  }

  /// A store to guest RAM that passes by the door would run stale code.
  @Test func onlyRAMWritesGuestMemory() throws {
    let except = ["Sources/Architecture/RAM.swift": "the owner", "Sources/Machine/Memory/FrameDoor.swift": "the door"]
    let pattern = /ram\.bytes[^\n]*\.(?:storeBytes|copyMemory|initializeMemory)|hostAddress\([^\n]*\)\.(?:storeBytes|copyMemory)/
    #expect(try SourceTree.sources.get().matches(pattern, except: except) == [])
  }

  @Test func noClockReachesAResult() throws {
    let tree = try SourceTree.sources.get()
    let pattern = /\bDate\(|\bclock_gettime\(|ContinuousClock|SuspendingClock|DispatchTime|\bgettimeofday\(|\bgetrusage\(RUSAGE|\btime\(nil/
    let except = [
      "Sources/FaultlineCommands/Bench/GuestRun.swift": "a benchmark measures time",
      "Sources/Differential/Emulation.swift": "a peer that hangs is ended",
      "Sources/Symbols/Helpers/HelperProcess.swift": "a helper that hangs is ended",
    ]
    #expect(tree.matches(pattern, except: except) == [])
    #expect(tree.idle(pattern, except) == [])
  }

  @Test func noSeededHashReachesAResult() throws {
    #expect(
      try SourceTree.sources.get().matches(/\bHasher\(|\.hashValue\b|SystemRandomNumberGenerator|\.random\(in: [^,)]*\)|arc4random/) == [])
  }

  /// The order of a Dictionary or a Set differs from process to process. These names are of such a type where they are declared; a
  /// loop over one of them needs its reason here.
  @Test func noUnorderedIterationReachesAResult() throws {
    let reasons = [
      "Sources/Laboratory/MappingHistory.swift origins": "each kept or dropped alone",
      "Sources/Machine/Execution/RunLoop.swift breakpoints": "takes a minimum",
      "Sources/Machine/Translation/StrictTranslation.swift cached": "sorted before it counts",
      "Sources/Machine/Translation/StrictTranslation.swift lingering": "sorted, or each looked at alone",
      "Sources/Machine/Translation/StrictTranslation.swift pendingStores": "each changed alone",
      "Sources/Machine/Translation/StrictTranslation.swift broken": "only whether it is empty counts",
    ]
    let declared = /(?:var|let)\s+(\w+)\s*(?::|=)\s*(?:\[[A-Za-z.]+\s*:[^\]]*\]|Set<)/
    var found: [String] = []
    for (target, files) in Dictionary(grouping: try SourceTree.sources.get().files, by: \.target).sorted(by: { $0.key < $1.key }) {
      let names = Set(files.flatMap(\.code).compactMap { $0.firstMatch(of: declared).map { String($0.1) } })
      for file in files {
        for line in file.code {
          let loop = line.firstMatch(of: /\bfor\s+.*\bin\s+(?:[\w.?!\[\]]*\.)?(\w+)(?:\.(?:keys|values))?\s*(?:\{|where)/)
          let chain = line.firstMatch(of: /\b(\w+)(?:\.keys|\.values)?\.(?:map|compactMap|flatMap|filter|forEach|reduce|first|min|max)\b/)
          for name in [loop?.1, chain?.1].compactMap({ $0.map(String.init) }) where names.contains(name) {
            // Declared as an array elsewhere in the target, the name says nothing; the file decides.
            let isHere = file.code.contains { $0.firstMatch(of: declared).map { String($0.1) } == name }
            if isHere && reasons["\(file.path) \(name)"] == nil && !line.contains(".sorted") {
              found.append("\(file.path) \(name) in \(target)")
            }
          }
        }
      }
    }
    #expect(found == [])
  }

  @Test func callsThatCanEndTheHostAreBanned() throws {
    let tree = try SourceTree.sources.get()
    #expect(tree.matches(/\bfatalError\(|\btry!|\bas!|\bDispatchQueue/) == [])
    let casts = /\bunsafeBitCast\(/
    #expect(tree.matches(casts, in: Set(Self.imports.keys).subtracting(["Machine"])) == [])
  }

  /// The machine has one host thread; only an actor of a stepped run has one of its own, which never runs beside another.
  @Test func threadsAreForActors() throws {
    let except = ["Sources/Exploration/Strand.swift": "the stack of an actor"]
    let pattern = /\bThread\b\s*[({]|pthread_create/
    #expect(try SourceTree.sources.get().matches(pattern, except: except) == [])
    #expect(try SourceTree.sources.get().idle(pattern, except) == [])
  }

  /// A register's number is written once, where the register is named.
  @Test func noMagicSlots() throws {
    let except = [
      "Sources/Machine/Execution/Op.swift": "the definition of an op's register bytes",
      "Sources/Machine/Semantics/FloatingPoint/FloatEstimates.swift": "a number of bits",
    ]
    #expect(
      try SourceTree.sources.get().matches(/x\(c, 3[0-9]\)|\.n == 3[0-9]\b|registers\[3[0-9]\]/, in: ["Machine"], except: except) == [])
  }
}
