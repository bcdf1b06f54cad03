// SPDX-License-Identifier: MIT
public import Wire

/// A layer-3 tunnel, or Ethernet over GRE: the ends and what the outer header carries.
public struct Tunnel: Hashable, Sendable {
  /// The drivers that share these settings. The raw value is the driver's name.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// IPv4 in IPv4 (RFC 2003).
    case ipip
    /// IPv6, and IPv4 too, in IPv4 (RFC 4213).
    case sit
    /// IPv4 and IPv6 in IPv6 (RFC 2473).
    case ip6tnl
    /// IP in GRE in IPv4 (RFC 2784).
    case gre
    /// Ethernet in GRE in IPv4.
    case gretap
    /// IP in GRE in IPv6.
    case ip6gre
    /// Ethernet in GRE in IPv6.
    case ip6gretap

    /// Whether a GRE header stands between the outer and the inner one.
    public var isGRE: Bool {
      switch self {
      case .gre, .gretap, .ip6gre, .ip6gretap: true
      case .ipip, .sit, .ip6tnl: false
      }
    }

    /// The version of the outer header.
    public var outer: IPVersion {
      switch self {
      case .ipip, .sit, .gre, .gretap: .v4
      case .ip6tnl, .ip6gre, .ip6gretap: .v6
      }
    }

    /// Whether a change leaves ``Tunnel/payload`` as it was when the tunnel was made, in silence.
    public var keepsPayload: Bool { self == .sit }

    /// Whether ``Tunnel/payload`` narrows down what the driver carries.
    var choosesPayload: Bool { self == .sit || self == .ip6tnl }
  }

  /// What a tunnel carries that could carry more. The raw value is the number of the IP protocol in the outer header.
  public enum Payload: UInt8, Hashable, Sendable, Codable, CaseIterable {
    /// Both.
    case any = 0
    case ipv4 = 4
    case ipv6 = 41
  }

  /// The outer source address; `nil` lets the route decide.
  public var local: IPAddress?
  /// The outer destination address; `nil` takes packets from anywhere.
  public var remote: IPAddress?
  /// The link that outer packets leave through; `nil` lets the route decide.
  public var underlying: InterfaceIndex?
  /// The outer time to live or hop limit; 0 copies the inner one.
  public var ttl: UInt8
  /// The outer type of service or traffic class; 1 copies the inner one.
  public var tos: UInt8
  /// Whether the outer header forbids fragmentation and follows the path's MTU; if not, it forbids what the inner one
  /// forbids. IPv4 outer only. `ipip` and `sit` always do unless `ttl` is 0: in a loop of tunnels, packets that begin
  /// every round with a fresh time to live, and may be divided, would become more and more.
  public var discoversPathMTU: Bool
  /// How deeply packets may be nested further, in a destination option of the outer header (RFC 2473, 4.1.1); `nil`
  /// adds no such option. IPv6 outer only.
  public var encapsulationLimit: UInt8?
  /// The outer flow label, 20 bits: 0 leaves it to the kernel, which gives every flow one of its own; `nil` copies the
  /// inner one. IPv6 outer only.
  public var flowLabel: UInt32?
  /// What is carried; `sit` and `ip6tnl` only.
  public var payload: Payload
  /// The GRE key that packets must carry to be received; GRE only.
  public var inputKey: UInt32?
  /// The GRE key that packets are sent with; GRE only.
  public var outputKey: UInt32?
  /// A UDP header between the outer header and what follows; `nil` for none.
  public var udp: UDPEncapsulation?

  public init(
    local: IPAddress? = nil, remote: IPAddress? = nil, underlying: InterfaceIndex? = nil, ttl: UInt8 = 0,
    tos: UInt8 = 0, discoversPathMTU: Bool = true, encapsulationLimit: UInt8? = nil, flowLabel: UInt32? = 0,
    payload: Payload = .any, inputKey: UInt32? = nil, outputKey: UInt32? = nil, udp: UDPEncapsulation? = nil
  ) {
    self.local = local
    self.remote = remote
    self.underlying = underlying
    self.ttl = ttl
    self.tos = tos
    self.discoversPathMTU = discoversPathMTU
    self.encapsulationLimit = encapsulationLimit
    self.flowLabel = flowLabel
    self.payload = payload
    self.inputKey = inputKey
    self.outputKey = outputKey
    self.udp = udp
  }
}

extension Tunnel {
  /// The settings as the driver `kind` keeps them: what it does not have is as if it had not been given.
  ///
  /// A tunnel that was made or changed reads back as this.
  public func kept(by kind: Kind) -> Tunnel {
    var kept = self
    if !kind.isGRE { (kept.inputKey, kept.outputKey) = (nil, nil) }
    if !kind.choosesPayload { kept.payload = .any }
    switch kind.outer {
    case .v4:
      (kept.encapsulationLimit, kept.flowLabel) = (nil, 0)
      if ttl != 0, !kind.isGRE { kept.discoversPathMTU = true }
    case .v6:
      kept.discoversPathMTU = true
    }
    return kept
  }
}
