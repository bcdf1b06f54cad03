// SPDX-License-Identifier: MIT
public import Netlink
public import Wire

/// What came back for a probe.
public struct Answer: Hashable, Sendable {
  public var content: Content
  public var source: IPAddress
  /// Where it was seen first: where it came in, or where this host sends it off.
  public var interface: InterfaceIndex

  /// What was answered.
  public enum Content: Hashable, Sendable {
    /// A SYN-ACK: somebody listens.
    case accepted
    /// A reset: the address is there, and nobody listens.
    case refused
    /// A UDP datagram.
    case datagram
    case echo
    case problem(ICMPProblem)
  }
}

/// An ICMP error about a probe.
public struct ICMPProblem: Hashable, Sendable {
  public var kind: Kind
  /// Whether it is about the probe in its tunnel, and not about the probe itself.
  public var isAboutTunnel: Bool

  /// What is the matter.
  public enum Kind: Hashable, Sendable {
    /// The host has the packet, and nothing that takes packets of this protocol.
    case protocolUnreachable
    /// The host has the packet, and nobody who takes it from this port, or out of this tunnel.
    case portUnreachable
    /// A router, or the host itself, knows no way on.
    case noRoute
    /// A filter refused it.
    case prohibited
    /// The packet is longer than a link on its way carries: at most so many bytes, 0 where the router does not say.
    case tooBig(mtu: Int)
    /// Too many routers on the way; a loop, most often.
    case timeExceeded
    /// Another one, by its type and code.
    case other(type: UInt8, code: UInt8)
  }
}
