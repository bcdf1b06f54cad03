// SPDX-License-Identifier: MIT
public import Wire

/// What an operator asks for to make this host a real server.
public struct RealServerRequest: Hashable, Sendable, Codable {
  /// The virtual addresses (VIPs) that it serves.
  public var virtualAddresses: [IPAddress]
  /// Whom it takes encapsulated packets from: the outer sources.
  public var directors: [IPAddress]
  /// Where encapsulated packets arrive, and where neighbours ask for addresses.
  public var interface: String
  /// What a tunnel device of the kernel is to decapsulate; Culvert's own decapsulator takes both.
  public var encapsulation: TunnelProtocol
  public var decapsulation: Choice
  /// The outer destinations; empty for all IPv4 addresses of the interface.
  public var endpoints: [IPAddress]
  /// Where pins go if the decapsulator is Culvert's.
  public var bpffs: String

  /// Who decapsulates, as far as the operator says.
  public enum Choice: String, Hashable, Sendable, Codable, CaseIterable {
    /// The kernel where it has the driver, else Culvert.
    case auto
    case kernel
    case bpf
  }

  public init(
    virtualAddresses: [IPAddress], directors: [IPAddress], interface: String, encapsulation: TunnelProtocol = .ipip,
    decapsulation: Choice = .auto, endpoints: [IPAddress] = [], bpffs: String
  ) {
    self.virtualAddresses = virtualAddresses
    self.directors = directors
    self.interface = interface
    self.encapsulation = encapsulation
    self.decapsulation = decapsulation
    self.endpoints = endpoints
    self.bpffs = bpffs
  }

  /// What is wrong with it on any host.
  func validate() throws {
    guard !virtualAddresses.isEmpty else {
      throw ProvisioningError("a real server needs a virtual address: give --vip")
    }
    guard !directors.isEmpty else { throw ProvisioningError("a real server needs a director: give --director") }
    let all = virtualAddresses + directors + endpoints
    if let six = all.first(where: { $0.version == .v6 }) {
      throw ProvisioningError("\(six) is an IPv6 address: real servers serve IPv4 in IPv4 so far")
    }
    var seen: Set<IPAddress> = []
    if let twice = all.first(where: { !seen.insert($0).inserted }) {
      throw ProvisioningError("\(twice) is given twice: virtual addresses, directors and --local all differ")
    }
  }
}

/// Who decapsulates.
public enum Decapsulation: String, Hashable, Sendable, Codable {
  /// Tunnel devices of the kernel, one for each director.
  case kernel
  /// Culvert's own program at the interface.
  case bpf
}
