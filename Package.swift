// swift-tools-version: 6.3
import PackageDescription

let base: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableUpcomingFeature("ImmutableWeakCaptures"),
  .enableExperimentalFeature("Lifetimes"),
  .treatAllWarnings(as: .error),
]
/// Every target but tests: what is unsafe says so.
let strict = base + [.strictMemorySafety()]
/// Compiled for the kernel as well, by the BPFCompiler plugin: what Embedded Swift lacks is an error here too.
/// The packet path is specialised across modules in release builds.
let dataPlane =
  strict + [
    .treatWarning("EmbeddedRestrictions", as: .error)
  ]
/// Specialises the data plane for the engine's own tables across module boundaries.
let crossModule: [SwiftSetting] = [
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))
]

/// File descriptors and error numbers.
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "culvert",
  products: [
    .executable(name: "culvert", targets: ["culvert"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C: what the importer cannot see, and the system libraries.
    .target(name: "CLinux"),
    .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
    .systemLibrary(name: "CLibbpf", pkgConfig: "libbpf", providers: [.apt(["libbpf-dev"])]),
    .systemLibrary(name: "CSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),

    // Pure; compiled for the host here and for the kernel by the plugin.
    .target(name: "Wire", swiftSettings: dataPlane + crossModule),
    .target(name: "DataPlane", dependencies: ["Wire"], swiftSettings: dataPlane + crossModule),

    // Pure: values in, values out.
    .target(name: "Capture", swiftSettings: strict),
    .target(name: "Balancing", dependencies: ["Wire", "DataPlane"], swiftSettings: strict + crossModule),
    .target(name: "Health", swiftSettings: strict),
    .target(
      name: "Configuration",
      dependencies: ["Wire", "DataPlane", "Balancing", "Health", .product(name: "Yams", package: "Yams")],
      swiftSettings: strict),

    // The kernel's interfaces.
    .target(name: "Linux", dependencies: ["CLinux", system], swiftSettings: strict),
    .target(name: "Netlink", dependencies: ["Wire", "Linux", "CLinux", "CMnl", system], swiftSettings: strict),
    .target(name: "BPF", dependencies: ["Linux", "CLinux", "CLibbpf", system], swiftSettings: strict),

    // The engines: each runs the data plane on tables of its own kind.
    .target(
      name: "KernelEngine",
      dependencies: ["Wire", "DataPlane", "Balancing", "BPF", "Linux", system],
      swiftSettings: strict,
      plugins: ["BPFCompiler"]),
    .target(
      name: "UserspaceEngine",
      dependencies: ["Wire", "DataPlane", "Balancing", "Linux", "CLinux", system],
      swiftSettings: strict + crossModule),

    // The application.
    .target(
      name: "Provisioning",
      dependencies: ["Wire", "DataPlane", "Balancing", "Netlink", "BPF", "Linux", "KernelEngine", system],
      swiftSettings: strict),
    .target(
      name: "Probing",
      dependencies: [
        "Wire", "DataPlane", "Netlink", "BPF", "Linux", "CLinux", "KernelEngine", "UserspaceEngine", system,
      ],
      swiftSettings: strict),
    .target(
      name: "Diagnosis",
      dependencies: [
        "Wire", "DataPlane", "Netlink", "BPF", "Linux", "KernelEngine", "Provisioning", "Probing", system,
      ],
      swiftSettings: strict),
    .target(
      name: "HealthChecking",
      dependencies: [
        "Wire", "DataPlane", "Balancing", "Health", "Netlink", "Linux", "CLinux", "CSSL", "UserspaceEngine", "Probing",
        system, .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .target(
      name: "Control",
      dependencies: [
        "Health", "Linux", system, .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .target(
      name: "Director",
      dependencies: [
        "Wire", "DataPlane", "Balancing", "Health", "Configuration", "Netlink", "Linux", "BPF", "KernelEngine", system,
        "UserspaceEngine", "HealthChecking", "Control", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "Commands",
      dependencies: [
        "Wire", "DataPlane", "Balancing", "Capture", "Configuration", "Netlink", "Linux", "BPF", system,
        "KernelEngine", "UserspaceEngine", "Provisioning", "Probing", "Diagnosis", "Health", "HealthChecking",
        "Control", "Director",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "culvert",
      dependencies: ["Commands", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: strict),

    .plugin(name: "BPFCompiler", capability: .buildTool()),

    // Tests.
    .target(
      name: "TestSupport", dependencies: ["Wire", "Linux", "CLinux"], path: "Tests/TestSupport", swiftSettings: base),
    .testTarget(name: "WireTests", dependencies: ["Wire", "TestSupport"], swiftSettings: base),
    .testTarget(name: "DataPlaneTests", dependencies: ["Wire", "DataPlane", "TestSupport"], swiftSettings: base),
    .testTarget(name: "LinuxTests", dependencies: ["Linux", "TestSupport"], swiftSettings: base),
    .testTarget(name: "NetlinkTests", dependencies: ["Wire", "Linux", "Netlink", "TestSupport"], swiftSettings: base),
    .testTarget(name: "BPFTests", dependencies: ["BPF", "Linux", "TestSupport", system], swiftSettings: base),
    .testTarget(name: "CaptureTests", dependencies: ["Capture", "TestSupport"], swiftSettings: base),
    .testTarget(
      name: "BalancingTests", dependencies: ["Wire", "DataPlane", "Balancing", "TestSupport"], swiftSettings: base),
    .testTarget(name: "HealthTests", dependencies: ["Health", "TestSupport"], swiftSettings: base),
    .testTarget(
      name: "HealthCheckingTests",
      dependencies: [
        "Wire", "DataPlane", "Balancing", "Health", "HealthChecking", "KernelEngine", "Netlink", "BPF", "Linux",
        "CLinux", "TestSupport", system,
      ],
      swiftSettings: base),
    .testTarget(
      name: "ControlTests", dependencies: ["Health", "Control", "Linux", "TestSupport", system], swiftSettings: base),
    .testTarget(
      name: "ConfigurationTests",
      dependencies: [
        "Wire", "DataPlane", "Balancing", "Health", "Configuration", "TestSupport",
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: base
    ),
    .testTarget(
      name: "EngineTests",
      dependencies: [
        "Wire", "DataPlane", "Balancing", "Configuration", "KernelEngine", "UserspaceEngine", "BPF", "Linux",
        "TestSupport", system,
      ],
      swiftSettings: base),
    .testTarget(
      name: "UserspaceEngineTests",
      dependencies: [
        "Wire", "DataPlane", "Balancing", "UserspaceEngine", "Linux", "CLinux", "Netlink", "TestSupport", system,
      ],
      swiftSettings: base),
    .testTarget(
      name: "ProvisioningTests",
      dependencies: [
        "Wire", "DataPlane", "Netlink", "BPF", "Linux", "KernelEngine", "Provisioning", "TestSupport", system,
      ],
      swiftSettings: base),
    .testTarget(
      name: "ProbingTests",
      dependencies: ["Wire", "DataPlane", "Netlink", "BPF", "Linux", "KernelEngine", "Probing", "TestSupport", system],
      swiftSettings: base),
    .testTarget(
      name: "DiagnosisTests",
      dependencies: [
        "Wire", "DataPlane", "Netlink", "Linux", "Provisioning", "Probing", "Diagnosis", "TestSupport", system,
      ],
      swiftSettings: base),
    .testTarget(
      name: "DirectorTests",
      dependencies: [
        "Wire", "DataPlane", "Balancing", "Health", "HealthChecking", "Control", "Configuration", "Director", "Netlink",
        "KernelEngine", "BPF", "Linux", "TestSupport", system,
      ],
      swiftSettings: base),
    .testTarget(
      name: "CommandsTests",
      dependencies: [
        "Wire", "DataPlane", "Balancing", "Configuration", "Health", "Control", "Director", "Capture", "KernelEngine",
        "Commands", "Linux", "TestSupport", system,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: base),
  ],
  swiftLanguageModes: [.v6]
)
