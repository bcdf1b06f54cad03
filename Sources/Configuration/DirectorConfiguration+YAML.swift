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
    ])
    var lines = ["director:"] + director.lines.map { "  \($0)" }
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

/// The entries of a mapping that have a value.
struct YAMLEntries {
  let lines: [String]

  init(_ entries: [(key: String, value: String?)]) {
    lines = entries.compactMap { key, value in value.map { "\(key): \($0)" } }
  }

  /// On one line, between braces.
  var flow: String { "{ \(lines.joined(separator: ", ")) }" }

  /// Printable text as a YAML scalar: bare if it cannot be taken for anything else.
  static func plain(_ text: String) -> String {
    if (try? Format.name(text)) != nil { return text }
    let escaped = text.map { "\"\\".contains($0) ? "\\\($0)" : String($0) }
    return "\"\(escaped.joined())\""
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

extension Service {
  fileprivate var yaml: [String] {
    let entries = YAMLEntries([
      ("address", match.prefix.yaml),
      ("port", match.transportProtocol.hasPorts ? Format.text(of: match.ports) : nil),
      ("protocol", Words.word(match.transportProtocol)), ("tracking", Words.word(tracking, in: Words.trackings)),
      ("affinity", Words.word(affinity.kind, in: Words.affinities)), ("affinity-prefix", affinityPrefix),
      ("fragments", Words.word(hashesFragments, in: Words.fragments)),
      ("idle-timeout", TimeText.text(of: idleTimeout)), ("drain-timeout", TimeText.text(of: drainTimeout)),
    ])
    return ["  \(name):"] + entries.lines.map { "    \($0)" } + ["    servers:"]
      + members.map { "      - \($0.yaml)" }
  }

  private var affinityPrefix: String? {
    affinity.kind == .source
      ? "\(Int(affinity.clientBits) - 128 + match.prefix.address.version.addressWidth)" : nil
  }
}

extension Member {
  fileprivate var yaml: String {
    weight == 1 ? server.name : YAMLEntries([("name", server.name), ("weight", "\(weight)")]).flow
  }
}
