// SPDX-License-Identifier: MIT

/// Why something was not set up or removed, in one sentence that says what to do about it.
public struct ProvisioningError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}

/// A kernel without the driver for a kind of tunnel.
public struct MissingDriver: Error, Hashable, Sendable, CustomStringConvertible {
  public let tunnelProtocol: TunnelProtocol

  public var description: String {
    """
    the kernel has no \(tunnelProtocol.rawValue) driver: load it with 'modprobe \(tunnelProtocol.module)', or, to \
    receive on a real server without it, use 'culvert real up --decapsulate bpf'
    """
  }
}
