// SPDX-License-Identifier: MIT
import Balancing
public import Wire

/// What an operator asks for to make this host a real server.
public struct RealServerRequest: Hashable, Sendable, Codable {
  /// The virtual addresses (VIPs) that it serves.
  public var virtualAddresses: [IPPrefix]
  /// Whom it takes encapsulated packets from: the outer sources. A director may send from a range.
  public var directors: [IPPrefix]
  /// Where encapsulated packets arrive, and where neighbours ask for addresses.
  public var interface: String
  /// What directors send.
  public var encapsulation: Delivery
  /// The key that GRE packets must carry; nil for packets without.
  public var key: UInt32?
  /// The UDP port that directors send to; nil for the usual one of GUE and FOU.
  public var port: UInt16?
  /// The largest packet that comes through from every director, outer header included, in bytes; nil for what the
  /// routes to them say.
  public var mtu: UInt32?
  public var decapsulation: Choice
  /// The outer destinations; empty for the addresses of the interface.
  public var endpoints: [IPAddress]
  /// Where pins go if the decapsulator is Culvert's.
  public var bpffs: String
  /// What the host is to listen on at the virtual addresses; empty if nobody said. Nothing is set up for them: they tell
  /// 'culvert real doctor' what to look for.
  public var services: [ServicePort]

  /// Who decapsulates, as far as the operator says.
  public enum Choice: String, Hashable, Sendable, Codable, CaseIterable {
    /// The kernel where it has the driver, else Culvert.
    case auto
    case kernel
    case bpf
  }

  public init(
    virtualAddresses: [IPPrefix], directors: [IPPrefix], interface: String, encapsulation: Delivery = .ipip,
    key: UInt32? = nil, port: UInt16? = nil, mtu: UInt32? = nil, decapsulation: Choice = .auto,
    endpoints: [IPAddress] = [], bpffs: String,
    services: [ServicePort] = []
  ) {
    self.virtualAddresses = virtualAddresses
    self.directors = directors
    self.interface = interface
    self.encapsulation = encapsulation
    self.key = key
    self.port = port
    self.mtu = mtu
    self.decapsulation = decapsulation
    self.endpoints = endpoints
    self.bpffs = bpffs
    self.services = services
  }

  /// What is wrong with it on any host.
  func validate() throws {
    guard !virtualAddresses.isEmpty else {
      throw ProvisioningError("a real server needs a virtual address: give --vip")
    }
    if let tunnel = encapsulation.tunnel {
      guard !directors.isEmpty else { throw ProvisioningError("a real server needs a director: give --director") }
      try tunnel.validate(key: key, port: port, option: "--encapsulation")
    } else {
      try validateWithoutTunnel()
    }
    if let mtu, !(576...65_535).contains(mtu) {
      throw ProvisioningError("an MTU of \(mtu) is not between 576 and 65535: leave --mtu out, or give one that is")
    }
    try validatePrefixes()
    if decapsulation == .kernel, let refusal = refusalByKernel { throw refusal }
  }

  private func validateWithoutTunnel() throws {
    let options = [
      ("--director", !directors.isEmpty), ("--local", !endpoints.isEmpty), ("--key", key != nil),
      ("--port", port != nil), ("--mtu", mtu != nil), ("--decapsulate", decapsulation != .auto),
    ]
    guard let (option, _) = options.first(where: \.1) else { return }
    throw ProvisioningError("l2 has no tunnel, which \(option) is about: leave \(option) out")
  }

  private func validatePrefixes() throws {
    let prefixes = virtualAddresses + directors
    if let untidy = prefixes.first(where: { $0.masked != $0 }) {
      throw ProvisioningError("\(untidy) has bits behind its length: give \(untidy.masked), or the address alone")
    }
    var seen: Set<IPPrefix> = []
    if let twice = (prefixes + endpoints.map(IPPrefix.init(host:))).first(where: { !seen.insert($0).inserted }) {
      throw ProvisioningError("\(twice.shortText) is given twice: virtual addresses, directors and --local all differ")
    }
  }

  /// What the kernel's tunnel devices cannot do of it.
  var refusalByKernel: ProvisioningError? {
    if let range = directors.first(where: { !$0.isHost }) {
      return ProvisioningError(
        "a tunnel device of the kernel takes packets from one address, and \(range) is many: use --decapsulate bpf")
    }
    guard let range = virtualAddresses.first(where: { !$0.isHost }) else { return nil }
    return ProvisioningError(
      "a tunnel device of the kernel holds each virtual address by itself, and \(range) is many: use --decapsulate bpf")
  }
}

/// Who decapsulates.
public enum Decapsulation: String, Hashable, Sendable, Codable {
  /// Tunnel devices of the kernel, one for each director.
  case kernel
  /// Culvert's own program at the interface.
  case bpf
  /// Nobody: packets come without a tunnel.
  case unneeded = "none"
}
