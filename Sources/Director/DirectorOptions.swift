// SPDX-License-Identifier: MIT
import BPF
import Configuration
import KernelEngine
import Linux
import Logging
import Netlink

/// How a director is to run, besides its configuration.
public struct DirectorOptions: Sendable {
  public var configurationFile: String
  /// Where its files stand.
  public var stateDirectory: String
  /// A BPF file system for what outlives the process.
  public var bpffs: String
  /// Whether the data path goes on forwarding after SIGTERM: for upgrades.
  public var staysForwarding: Bool

  public init(configurationFile: String, stateDirectory: String, bpffs: String, staysForwarding: Bool = false) {
    self.configurationFile = configurationFile
    self.stateDirectory = stateDirectory
    self.bpffs = bpffs
    self.staysForwarding = staysForwarding
  }

  /// Refuses what is going to fail, before anything is touched.
  func checkPrivileges(for configuration: DirectorConfiguration) throws {
    let operation = "run a director on \(configuration.interface)"
    switch configuration.engine {
    case .kernel:
      // Inner maps are opened by their numbers, which takes CAP_SYS_ADMIN.
      try Capability.require(.netAdmin, .bpf, .sysAdmin, for: operation)
    case .userspace:
      try Capability.require(.netAdmin, .netRaw, for: operation)
      guard !staysForwarding else {
        throw DirectorError("--stay needs the kernel engine: the userspace engine forwards in this process")
      }
    }
  }

  /// Where to pin the program that lets `interface` receive what the engine sends; nil where it needs none.
  func receiverPins(for configuration: DirectorConfiguration, interface: String) throws -> PinDirectory? {
    guard configuration.engine == .kernel else { return nil }
    return try PinDirectory.inThisNamespace(root: try BPFFileSystem(at: bpffs), role: .pass, interface: interface)
  }

  /// The engine that `configuration` asks for, with the tables that an earlier run has left.
  func engine(
    for configuration: DirectorConfiguration, directory: RuntimeDirectory, logger: Logger
  ) throws -> any ForwardingEngine {
    switch configuration.engine {
    case .kernel:
      let root = try BPFFileSystem.prepared(at: bpffs) { logger.notice("\($0)") }
      let pins = try PinDirectory.inThisNamespace(root: root, role: .director, interface: configuration.interface)
      return try KernelEngine(interface: configuration.interface, pins: pins)
    case .userspace:
      return try UserspaceForwarding(tables: directory.tables, netlink: try NetlinkConnection())
    }
  }
}
