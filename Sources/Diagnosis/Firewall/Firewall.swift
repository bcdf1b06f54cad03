// SPDX-License-Identifier: MIT
import Wire

/// The packet filters of this network namespace, as far as Culvert reads them: nftables and the older iptables.
struct Firewall: Hashable, Sendable {
  var chains: [FirewallChain] = []
  /// What could not be read, a sentence each.
  var gaps: [String] = []
}

/// A list of rules, of which base chains are where the kernel begins.
struct FirewallChain: Hashable, Sendable {
  var tool: Tool
  /// `ip`, `ip6`, `inet` or `netdev`.
  var family: String
  var table: String
  var name: String
  /// nil for chains that rules jump to.
  var base: Base?
  var rules: [FirewallRule] = []

  enum Tool: Hashable, Sendable {
    case nft
    /// With the program that speaks for it: `iptables-legacy` or `ip6tables-legacy`.
    case legacy(String)
  }

  /// Where the kernel comes to the chain, and what becomes of packets that no rule decides about.
  struct Base: Hashable, Sendable {
    var hook: Hook
    var priority: Int
    var drops = false
    /// The interface of an `ingress` hook.
    var device: String?
  }

  enum Hook: String, Hashable, Sendable {
    case ingress
    case prerouting
    case input
    case output
    case postrouting
  }
}

/// Conditions, and what is done where all of them hold.
struct FirewallRule: Hashable, Sendable {
  var conditions: [FirewallCondition] = []
  var action: Action
  /// As people write it.
  var text: String

  enum Action: Hashable, Sendable {
    case accept
    /// In silence or not.
    case drop
    case jump(String)
    case goto(String)
    case `return`
    /// The destination is changed to another address, the port is not.
    case redirect(IPAddress)
    /// Nothing that decides.
    case proceed
    /// Something that Culvert does not know, which may well drop.
    case unknown
  }
}

/// One thing that a rule looks at.
struct FirewallCondition: Hashable, Sendable {
  var field: Field
  var isNegated = false
  /// One of them.
  var values: [Value] = []
  /// Only packets of this version have the field.
  var version: IPVersion?
  /// Only packets of this protocol have it.
  var carries: UInt8?

  enum Field: Hashable, Sendable {
    case version
    case transport
    case source
    case destination
    case sourcePort
    case destinationPort
    case input
    case output
    case connectionState
    case unknown
  }

  enum Value: Hashable, Sendable {
    case numbers(ClosedRange<Int>)
    case prefix(IPPrefix)
    /// A name, of an interface with a star for any end.
    case name(String)
  }
}

/// Whether something holds, if that can be told.
enum Fit: Hashable, Sendable {
  case yes
  case no
  case unknown

  init(_ value: Bool) { self = value ? .yes : .no }

  static prefix func ! (fit: Fit) -> Fit {
    switch fit {
    case .yes: .no
    case .no: .yes
    case .unknown: .unknown
    }
  }
}
