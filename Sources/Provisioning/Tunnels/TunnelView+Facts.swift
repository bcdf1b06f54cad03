// SPDX-License-Identifier: MIT
import Netlink
import Wire

extension TunnelView {
  /// One thing to know about a tunnel, in ip(8)'s words.
  public struct Fact: Hashable, Sendable {
    public let name: String
    public let value: String
  }

  /// What ip(8) writes where there is nothing.
  private static let absent = "none"

  /// How the tunnel is set up, without its name: what tells two tunnels apart. The order is stable.
  public var facts: [Fact] {
    [
      Fact(name: "kind", value: kind.rawValue), Fact(name: "mode", value: mode ?? Self.absent),
      Fact(name: "encap", value: encapsulation?.rawValue ?? Self.absent), Fact(name: "port", port),
      Fact(name: "local", value: local?.description ?? "any"),
      Fact(name: "remote", value: remote?.description ?? "any"),
      Fact(name: "key", key), Fact(name: "ttl", value: ttl == 0 ? "inherit" : "\(ttl)"),
      Fact(name: "tos", value: tos?.description ?? "inherit"),
      Fact(name: "pmtudisc", value: pathMTUDiscovery == false ? "off" : "on"),
      Fact(name: "encaplimit", encapsulationLimit), Fact(name: "mtu", mtu), Fact(name: "device", device),
      Fact(name: "state", value: isUp ? "up" : "down"),
      Fact(name: "addresses", addresses), Fact(name: "routes", routes),
    ]
  }

  /// All of it for scripts: name, owner, the facts, the counters. New columns come at the end.
  public var columns: [String] {
    let counters = [receivedPackets, receivedBytes, receiveErrors, sentPackets, sentBytes, sendErrors]
    return [name, owner.rawValue] + facts.map(\.value) + counters.map(\.description)
  }

  /// Two facts of one name that are not the same; read as `ttl is 64, not 32`.
  struct Difference: Hashable, CustomStringConvertible {
    let found: Fact
    let wanted: Fact

    var description: String { "\(wanted.name) is \(found.value), not \(wanted.value)" }
  }

  /// Where `wanted` is set up in another way; addresses and routes aside, of which there may be more or fewer.
  func differences(from wanted: TunnelView) -> [Difference] {
    zip(facts, wanted.facts).filter { $0 != $1 && !["addresses", "routes"].contains($0.name) }
      .map { Difference(found: $0, wanted: $1) }
  }
}

extension TunnelView.Fact {
  fileprivate init(name: String, _ value: (some CustomStringConvertible)?) {
    self.init(name: name, value: value?.description ?? TunnelView.absent)
  }

  fileprivate init(name: String, _ values: [some CustomStringConvertible]) {
    self.init(
      name: name, value: values.isEmpty ? TunnelView.absent : values.map(\.description).joined(separator: ", "))
  }
}
