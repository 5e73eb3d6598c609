// Owns the options that commands share, and their translation into a session's configuration.
// It does not know what a command does with it.
import Architecture
import ArgumentParser
import Decoding
import Laboratory
import LinuxKernel
import LinuxMM

/// A user's mistake, which is reported in one line with exit code 2.
struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// The processor of a session or of a board: a preset, then features.
struct ProcessorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The processor: max, neoverse-v1, neoverse-n1, cortex-a72 or cortex-a53, then features, as in max,-lse,hafdbs=off.",
      valueName: "preset"), completion: .list(ProcessorFeatures.presets.map(\.name)))
  var cpu = "max"

  init() {}

  /// The features that the options describe. It throws one line of text for a mistake.
  func features() throws -> ProcessorFeatures {
    var parts = cpu.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let name = parts.removeFirst()
    guard var features = ProcessorFeatures.presets.first(where: { $0.name == name })?.features else {
      throw UsageError("unknown processor '\(name)'; use \(list(ProcessorFeatures.presets.map(\.name)))")
    }
    for part in parts {
      switch part {
      case "hafdbs=off": features.hardwareUpdate = .off
      case "hafdbs=af": features.hardwareUpdate = .accessFlag
      case "hafdbs=dirty": features.hardwareUpdate = .accessFlagAndDirty
      case "hafdbs=tables": features.hardwareUpdate = .accessFlagAndDirtyAndTables
      case "bbm=0": features.blockChange = .level0
      case "bbm=1": features.blockChange = .level1
      case "bbm=2": features.blockChange = .level2
      case "pauth=epac": features.pauth = .epac
      case "pauth=pauth2": features.pauth = .pauth2
      case "pauth=fpac": features.pauth = .fpac
      case "pauth=fpaccombine": features.pauth = .fpacCombine
      default:
        guard let sign = part.first, sign == "+" || sign == "-",
          let row = ProcessorFeatures.switches.first(where: { $0.name == part.dropFirst() })
        else {
          let known =
            ProcessorFeatures.switches.map { "+\($0.name)" } + [
              "hafdbs=off|af|dirty|tables", "bbm=0|1|2", "pauth=epac|pauth2|fpac|fpaccombine",
            ]
          throw UsageError("unknown processor feature '\(part)'; use \(list(known)), with - to switch one off")
        }
        features[keyPath: row.keyPath] = sign == "+"
      }
    }
    return features
  }
}

/// How a session or a board decodes.
struct DecoderOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How often Capstone is asked: every-form, once for all words that differ in registers and immediates only, or every-word. "
        + "The results are the same.",
      valueName: "mode"), completion: .list(Decoder.Mode.allCases.map(\.rawValue)))
  var decode = Decoder.Mode.everyForm.rawValue

  init() {}

  /// The mode that the option names. It throws one line of text for a mistake.
  func mode() throws -> Decoder.Mode {
    guard let mode = Decoder.Mode(rawValue: decode) else {
      throw UsageError("unknown mode '\(decode)' for --decode; use \(list(Decoder.Mode.allCases.map(\.rawValue)))")
    }
    return mode
  }
}

/// The machine and the kernel of a session: what a benchmark lets its user choose.
struct SystemOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The kernel to model: \(list(KernelProfile.all.map(\.name))).", valueName: "name"),
    completion: .list(KernelProfile.all.map(\.name)))
  var kernel = KernelProfile.newest.name

  @Option(
    help: ArgumentHelp(
      "How the kernel sets access flags and dirty state in a live entry: cmpxchg, arm64's way, or generic, which overwrites.",
      valueName: "way"), completion: .list(AccessFlagSetter.allCases.map(\.rawValue)))
  var accessFlagSetter = "cmpxchg"

  @OptionGroup var processor: ProcessorOptions

  @OptionGroup var decoder: DecoderOptions

  @Option(parsing: .unconditional, help: ArgumentHelp("Guest RAM, as in 64M or 1G.", valueName: "size"))
  var memory = "1G"

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seed of the program's random numbers. (default: 0)", valueName: "n"),
    transform: Quantity.count)
  var seed: UInt64 = 0

  init() {}

  /// The configuration that the options describe. It throws one line of text for a mistake.
  func configuration() throws -> SessionConfiguration {
    var configuration = SessionConfiguration()
    guard let profile = KernelProfile.named(kernel) else {
      throw UsageError("unknown kernel '\(kernel)'; use \(list(KernelProfile.all.map(\.name)))")
    }
    guard let setter = AccessFlagSetter(rawValue: accessFlagSetter) else {
      throw UsageError(
        "unknown way '\(accessFlagSetter)' for --access-flag-setter; use \(list(AccessFlagSetter.allCases.map(\.rawValue)))")
    }
    configuration.kernel = profile
    configuration.accessFlagSetter = setter
    configuration.features = try processor.features()
    configuration.decodeMode = try decoder.mode()
    configuration.memorySize = try Quantity.memory(memory)
    configuration.seed = seed
    return configuration
  }
}

/// Everything that a program of the user's runs in.
struct SessionOptions: ParsableArguments {
  @OptionGroup var system: SystemOptions

  @Option(
    help: ArgumentHelp(
      "What a read fault of an atomic does: stock, as Linux has it, or with one of the versions of a patch that forces a write fault: "
        + "force-write-v1 or force-write-v5.", valueName: "policy"), completion: .list(AtomicFaultPolicy.allCases.map(\.rawValue)))
  var atomicFaults = AtomicFaultPolicy.stock.rawValue

  // An option that accepts one value is not listed. It is there to say that the other values are not supported yet.
  @Option(help: ArgumentHelp("The page size: 4k.", valueName: "size", visibility: .hidden), completion: .list(["4k"]))
  var pageSize = "4k"

  @Option(
    help: ArgumentHelp("Transparent huge pages: always, madvise or never.", valueName: "mode"),
    completion: .list(HugePageMode.allCases.map(\.rawValue)))
  var thp = "always"

  @Option(name: .customLong("env"), parsing: .singleValue, help: ArgumentHelp("An environment variable of the program.", valueName: "K=V"))
  var environment: [String] = []

  @Option(
    help: ArgumentHelp("The directory that the program sees as its root. What it changes there stays in memory.", valueName: "dir"),
    completion: .directory)
  var root: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Processors: 1.", valueName: "n", visibility: .hidden), transform: Quantity.number)
  var vcpus = 1

  @Option(
    help: ArgumentHelp("How instructions run: interpreter or auto, which mean the same.", valueName: "engine", visibility: .hidden),
    completion: .list(["interpreter", "auto"]))
  var engine = "auto"

  init() {}

  /// The configuration that the options describe. It throws one line of text for a mistake.
  func configuration() throws -> SessionConfiguration {
    var configuration = try system.configuration()
    guard let policy = AtomicFaultPolicy(rawValue: atomicFaults) else {
      throw UsageError("unknown policy '\(atomicFaults)' for --atomic-faults; use \(list(AtomicFaultPolicy.allCases.map(\.rawValue)))")
    }
    configuration.policy = policy
    for variable in environment where !variable.contains("=") || variable.hasPrefix("=") {
      throw UsageError("--env needs NAME=VALUE, not '\(variable)'")
    }
    configuration.environment = environment
    configuration.root = root
    if pageSize.lowercased() != "4k" {
      throw UsageError(
        ["16k", "64k"].contains(pageSize.lowercased())
          ? "page size \(pageSize) is not supported by the kernel model yet; --page-size accepts 4k"
          : "unknown page size '\(pageSize)'; --page-size accepts 4k")
    }
    guard let hugePages = HugePageMode(rawValue: thp) else {
      throw UsageError("unknown mode '\(thp)' for --thp; use \(list(HugePageMode.allCases.map(\.rawValue)))")
    }
    configuration.hugePages = hugePages
    if vcpus != 1 { throw UsageError("--vcpus \(vcpus) is not supported yet: one processor runs the program, and --vcpus accepts 1") }
    switch engine {
    case "interpreter", "auto": break
    case "jit": throw UsageError("--engine jit is not built yet; --engine accepts interpreter or auto, which mean the same")
    default: throw UsageError("unknown engine '\(engine)'; --engine accepts interpreter or auto, which mean the same")
    }
    return configuration
  }
}

/// A list as text, as in `a, b or c`.
func list(_ items: [String]) -> String {
  items.count < 2 ? items.joined() : items.dropLast().joined(separator: ", ") + " or " + items.last!
}
