// swift-tools-version: 6.1
// The targets are in order, the lowest first. Each may import only targets above it in this file (see README, "How the code is laid out").
import PackageDescription

/// The settings of `Machine`. Its handlers work on plain data behind raw pointers, so exclusivity checks would find nothing, and leaf
/// handlers need no frame pointer (both were measured). The compiler must not merge functions that look alike: a merged function takes
/// one more argument, and if that argument is passed on the stack, a handler's last call is no longer a jump.
let hotCore: [SwiftSetting] = [
  .unsafeFlags([
    "-enforce-exclusivity=unchecked", "-Xcc", "-momit-leaf-frame-pointer", "-Xfrontend", "-disable-llvm-merge-functions-pass",
  ])
]

/// The settings of the kernel layers. Dynamic exclusivity checks took 22 % of a page fault's time (measured). Debug builds keep them.
let faultPath: [SwiftSetting] = [
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

let package = Package(
  name: "Faultline",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "faultline", targets: ["faultline"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.2.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CCapstone", pkgConfig: "capstone",
      providers: [.apt(["libcapstone-dev"]), .brew(["capstone"])]),
    .systemLibrary(name: "CFusedMultiplyAdd"),
    .systemLibrary(name: "CLibedit", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
    .plugin(name: "WriteBuildInformation", capability: .buildTool(), path: "firmware/packaging/WriteBuildInformation"),
    .target(name: "BuildInformation", exclude: ["write.sh"], plugins: ["WriteBuildInformation"]),
    .target(name: "LineEditing", dependencies: ["CLibedit"]),
    .target(name: "JSONDocuments"),
    .target(name: "JSONRPC", dependencies: ["JSONDocuments"]),
    .target(name: "Architecture"),
    .target(name: "Decoding", dependencies: ["CCapstone", "Architecture"]),
    .target(name: "Machine", dependencies: ["CFusedMultiplyAdd", "Architecture", "Decoding"], swiftSettings: hotCore),
    .target(name: "ELFFormat"),
    .target(name: "Symbols", dependencies: ["Architecture", "ELFFormat"]),
    .target(
      name: "LinuxMM",
      dependencies: ["Architecture"], swiftSettings: faultPath),
    .target(
      name: "LinuxKernel",
      dependencies: [
        "Architecture", "ELFFormat", "LinuxMM", .product(name: "HashTreeCollections", package: "swift-collections"),
      ], swiftSettings: faultPath),
    .target(name: "Exploration"),
    .target(name: "Debugging", dependencies: ["Architecture", "Decoding", "Machine", "ELFFormat", "Symbols"]),
    .target(name: "CallTrace", dependencies: ["Architecture", "LinuxKernel"]),
    .target(name: "KernelLog", dependencies: ["Architecture", "Decoding", "LinuxKernel", "Debugging"]),
    .target(
      name: "Laboratory",
      dependencies: ["Architecture", "Decoding", "Machine", "ELFFormat", "Symbols", "LinuxMM", "LinuxKernel", "Debugging"],
      swiftSettings: faultPath),
    .target(
      name: "DebugShell",
      dependencies: [
        "JSONDocuments", "Architecture", "Decoding", "Machine", "Symbols", "LinuxMM", "LinuxKernel", "Debugging", "Laboratory",
      ]),
    .target(name: "Serving", dependencies: ["JSONDocuments", "JSONRPC", "LinuxMM", "LinuxKernel", "Laboratory", "DebugShell"]),
    .target(name: "GDBProtocol"),
    .target(
      name: "RemoteDebugging",
      dependencies: ["Architecture", "Machine", "LinuxMM", "LinuxKernel", "Debugging", "Laboratory", "DebugShell", "GDBProtocol"]),
    .target(name: "Differential", dependencies: ["Architecture", "Decoding"]),
    .target(
      name: "FaultlineCommands",
      dependencies: [
        "BuildInformation", "LineEditing", "JSONDocuments", "Architecture", "Decoding", "Machine", "Symbols", "LinuxMM", "LinuxKernel",
        "Debugging", "CallTrace", "KernelLog", "Laboratory", "DebugShell", "Serving", "Differential", "GDBProtocol", "RemoteDebugging",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(name: "faultline", dependencies: ["FaultlineCommands"]),

    .target(
      name: "TestSupport", dependencies: ["Architecture", "Machine", "LinuxMM", "LinuxKernel", "Debugging", "Exploration", "Laboratory"],
      path: "Tests/TestSupport"),
    .testTarget(name: "TidyTests", dependencies: ["TestSupport"]),
    .testTarget(name: "LineEditingTests", dependencies: ["LineEditing"]),
    .testTarget(name: "ArchitectureTests", dependencies: ["Architecture", "TestSupport"]),
    .testTarget(name: "DecodingTests", dependencies: ["Decoding", "Architecture", "TestSupport"]),
    .testTarget(name: "MachineTests", dependencies: ["Machine", "Decoding", "Architecture", "TestSupport"]),
    .testTarget(name: "ELFFormatTests", dependencies: ["ELFFormat", "TestSupport"]),
    .testTarget(name: "SymbolsTests", dependencies: ["Symbols", "ELFFormat", "TestSupport"]),
    .testTarget(name: "LinuxMMTests", dependencies: ["LinuxMM", "Architecture", "Exploration", "TestSupport"]),
    .testTarget(name: "LinuxKernelTests", dependencies: ["LinuxKernel", "LinuxMM", "Debugging", "Laboratory", "TestSupport"]),
    .testTarget(name: "ExplorationTests", dependencies: ["Exploration"]),
    .testTarget(name: "DebuggingTests", dependencies: ["Debugging", "Symbols", "Laboratory", "TestSupport"]),
    .testTarget(name: "CallTraceTests", dependencies: ["CallTrace"]),
    .testTarget(name: "KernelLogTests", dependencies: ["KernelLog", "TestSupport"]),
    .testTarget(name: "DifferentialTests", dependencies: ["Differential", "Architecture", "TestSupport"]),
    .testTarget(name: "LaboratoryTests", dependencies: ["ELFFormat", "Symbols", "Debugging", "Laboratory", "TestSupport"]),
    .testTarget(name: "JSONDocumentsTests", dependencies: ["JSONDocuments", "JSONRPC"]),
    .testTarget(name: "ServingTests", dependencies: ["Serving", "JSONDocuments", "JSONRPC", "DebugShell", "TestSupport"]),
    .testTarget(name: "GDBProtocolTests", dependencies: ["GDBProtocol", "TestSupport"]),
    .testTarget(
      name: "RemoteDebuggingTests", dependencies: ["ELFFormat", "RemoteDebugging", "GDBProtocol", "Debugging", "Laboratory", "TestSupport"]),
    .testTarget(name: "FaultlineCommandsTests", dependencies: ["FaultlineCommands", "LineEditing", "TestSupport"]),
  ]
)
