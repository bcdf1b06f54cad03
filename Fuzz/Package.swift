// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableUpcomingFeature("ImmutableWeakCaptures"),
  .enableExperimentalFeature("Lifetimes"),
  .treatAllWarnings(as: .error),
]

/// Targets reach what is internal, in a release build too.
let testable = settings + [.unsafeFlags(["-enable-testing"])]

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// One of Culvert's own modules, built anew with the fuzzer's instrumentation: `Culvert` is a link to its sources.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Culvert/\(name)", swiftSettings: testable)
}

/// One fuzz target.
func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
  name: "culvert-fuzz",
  dependencies: [
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    fuzzer("packet", ["UserspaceEngine", "Balancing", "DataPlane", "Wire"]),
    fuzzer("decapsulator", ["DataPlane", "Wire"]),
    fuzzer("pcap", ["Capture"]),
    fuzzer("yaml", ["Configuration", yams]),
    fuzzer("netlink", ["Netlink"]),

    .target(name: "CLinux", path: "Culvert/CLinux"),
    .systemLibrary(name: "CMnl", path: "Culvert/CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
    module("Wire"),
    module("DataPlane", ["Wire"]),
    module("Capture"),
    module("Balancing", ["Wire", "DataPlane"]),
    module("Configuration", ["Wire", "DataPlane", "Balancing", yams]),
    module("Linux", ["CLinux", system]),
    module("Netlink", ["Wire", "Linux", "CLinux", "CMnl", system]),
    module("UserspaceEngine", ["Wire", "DataPlane", "Balancing", "Linux", "CLinux", system]),
  ],
  swiftLanguageModes: [.v6]
)
