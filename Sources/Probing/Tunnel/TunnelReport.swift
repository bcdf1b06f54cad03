// SPDX-License-Identifier: MIT
import Netlink
public import Wire

/// How far echo requests through a tunnel came.
public struct TunnelReport: Hashable, Sendable {
  /// The link's name.
  public var name: String
  /// The link's, in bytes.
  public var mtu: UInt32
  public var target: IPAddress
  /// nil where nothing was sent.
  public var source: IPAddress?
  /// The remote address of the outer header; nil for a link that is no tunnel.
  public var outerEnd: IPAddress?
  public var sizes: SizedOutcomes

  init(through link: Link, to target: IPAddress, source: IPAddress?, _ sizes: SizedOutcomes) {
    name = link.name
    mtu = link.mtu
    outerEnd = link.outerEnd
    self.target = target
    self.source = source
    self.sizes = sizes
  }

  /// How far it came, and what to do.
  public var sentence: String {
    guard sizes.small.outcome.isGood else { return sentence(sizes.small.outcome) }
    guard let full = sizes.full, !full.outcome.isGood else { return "answered, \(sizes.text)" }
    let passing = sizes.largest ?? sizes.small.bytes
    return """
      answered for small packets, but not for those of \(full.bytes) bytes, which is the MTU of \(name): \(passing) bytes \
      are the most that pass: 'ip link set \(name) mtu \(passing)'
      """
  }

  private func sentence(_ outcome: Outcome) -> String {
    switch outcome {
    case .unrouted(let reason): "not routed: \(reason)"
    case .silent where outerEnd == nil: "nothing comes back: see whether \(target) is up and answers pings"
    case .silent:
      """
      routed, and nothing comes back, not even for a ping of the other end, \(outerEnd ?? target): see whether it is up, \
      and whether a firewall drops what the tunnel sends
      """
    case .swallowed:
      """
      arrived, as it seems: the other end, \(outerEnd ?? target), answers pings, but nothing comes back through the \
      tunnel: see whether the tunnel there has this kind, key, port and local address, whether \(target) is there, \
      and what rp_filter and firewalls drop
      """
    case .tunnelRefused(let kind):
      "arrived: the other end says \"\(kind)\" of the tunnel: make one there, of this kind and to this address"
    case .stopped(let kind, let router): "routed as far as \(router), which says \"\(kind)\": look there"
    case .refused, .unanswered, .answered: "\(outcome.stage)"
    }
  }
}
