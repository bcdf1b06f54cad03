// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Wire

extension DirectorConfiguration {
  /// The configuration as a file: every key written out, one way of writing it. Reading it gives an equal value.
  public var yaml: String {
    let director = YAMLEntries([
      ("interface", YAMLEntries.plain(interface)), ("engine", engine.rawValue), ("source", sourceText),
      ("replies-per-second", "\(limits.replies)"), ("new-flows-per-second", "\(limits.flows)"),
      ("probes-per-second", "\(probesPerSecond)"), ("socket", socket.yaml),
    ])
    var lines = ["director:"] + director.lines.map { "  \($0)" }
    if !checks.isEmpty { lines += ["checks:"] + checks.flatMap(\.yaml) }
    lines += ["servers:"] + servers.map(\.yaml)
    if !policies.isEmpty { lines += ["virtual-addresses:"] + policies.map(\.yaml) }
    lines += ["services:"] + services.flatMap(\.yaml)
    return lines.map { $0 + "\n" }.joined()
  }

  private var sourceText: String? {
    switch sources.count {
    case 0: nil
    case 1: sources[0].yaml
    default: "[\(sources.map(\.yaml).joined(separator: ", "))]"
    }
  }
}

extension SocketAccess {
  fileprivate var yaml: String {
    YAMLEntries([("group", group.map(YAMLEntries.plain)), ("mode", String(mode, radix: 8))]).flow
  }
}

extension IPPrefix {
  /// IPv6 between quotes, for a colon at the end would make it a key.
  var yaml: String { address.version == .v6 ? "\"\(text)\"" : text }
}

extension RealServer {
  fileprivate var yaml: String {
    let isTunnel = outer.encapsulation != .l2
    let isOverUDP = outer.encapsulation.isOverUDP
    let entries = YAMLEntries([
      ("address", IPPrefix(host: address).yaml), ("site", site),
      ("encapsulation", Words.word(outer.encapsulation)),
      ("key", outer.encapsulation == .greKey ? "\(outer.key)" : nil),
      ("port", isOverUDP ? "\(outer.port)" : nil), ("udp-checksum", isOverUDP ? "\(outer.computesUDPChecksum)" : nil),
      ("ttl", isTunnel ? "\(outer.timeToLive)" : nil),
      ("fragmentation", isTunnel && address.version == .v4 ? fragmentation : nil),
      ("state", administrativeState.rawValue),
    ])
    return "  \(name): \(entries.flow)"
  }

  private var fragmentation: String? { Words.word(outer.forbidsFragmentation, in: Words.fragmentation) }
}

extension VirtualAddressPolicy {
  fileprivate var yaml: String {
    let entries = YAMLEntries([
      ("address", prefix.yaml), ("unconfigured-ports", Words.word(unconfiguredPorts, in: Words.unconfiguredPorts)),
      ("echo", Words.word(echo, in: Words.echoes)),
    ])
    return "  - \(entries.flow)"
  }
}
