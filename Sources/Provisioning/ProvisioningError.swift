// SPDX-License-Identifier: MIT

/// Why something was not set up or removed, in one sentence that says what to do about it.
public struct ProvisioningError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}

/// A kernel without a driver that a tunnel needs.
public struct MissingDriver: Error, Hashable, Sendable, CustomStringConvertible {
  /// What it drives, as ip(8) calls it.
  public let driver: String
  /// The module that holds it.
  public let module: String

  public var description: String {
    """
    the kernel has no \(driver) driver: load it with 'modprobe \(module)', in a container on its host; where there is no \
    such module, 'culvert real up --decapsulate bpf' receives on a real server without it, and a director needs none
    """
  }

  /// That of UDP around tunnels, which never comes by itself.
  static let fou = MissingDriver(driver: "fou", module: "fou")
}
