// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Health
import Wire

/// The words that values of the file are, and what they stand for.
enum Words {
  static let engines: KeyValuePairs = ["kernel": EngineKind.kernel, "userspace": .userspace]
  static let states: KeyValuePairs = ["up": AdministrativeState.up, "drain": .drain, "down": .down]
  /// GRE with a key has no word of its own: it has a key.
  static let encapsulations: KeyValuePairs = [
    "ipip": Encapsulation.ipip, "gre": .gre, "gue": .gue, "fou": .fou, "l2": .l2,
  ]
  static let decapsulations: KeyValuePairs = [
    "auto": RealServerConfiguration.Decapsulation.auto, "kernel": .kernel, "bpf": .bpf,
  ]
  static let protocols: KeyValuePairs = [
    "tcp": TransportProtocol.tcp, "udp": .udp, "sctp": .sctp, "udplite": .udpLite, "esp": .esp,
    "ah": .authentication,
  ]
  static let trackings: KeyValuePairs = ["transitions": Tracking.transitions, "always": .always, "none": .none]
  static let affinities: KeyValuePairs = [
    "flow": Affinity.Kind.flow, "source": .source, "source-destination": .sourceAndDestination,
  ]
  static let unconfiguredPorts: KeyValuePairs = [
    "pass": UnconfiguredPortPolicy.pass, "drop": .drop, "reset": .reset,
  ]
  static let echoes: KeyValuePairs = [
    "never": VirtualAddressPolicy.Echo.never, "while-serving": .whileServing, "always": .always,
  ]
  /// Whether fragments are hashed.
  static let fragments: KeyValuePairs = ["track": false, "hash": true]
  /// Whether fragmentation is forbidden.
  static let fragmentation: KeyValuePairs = ["forbid": true, "allow": false]
  static let shortPools: KeyValuePairs = ["overflow": ShortPoolAnswer.overflow, "takeover": .takeover]
  static let allDown: KeyValuePairs = ["drop": AllDownAnswer.drop, "reset": .reset, "fail-open": .failOpen]
  static let checkTypes: KeyValuePairs = [
    "tcp": CheckType.tcp, "http": .http, "https": .https, "tls": .tls, "dns": .dns, "icmp": .icmp, "command": .command,
  ]
  static let paths: KeyValuePairs = ["tunnel": HealthCheck.Path.tunnel, "direct": .direct, "both": .both]
  static let fullSizes: KeyValuePairs = ["auto": HealthCheck.FullSize.automatic, "off": .off]
  static let records: KeyValuePairs = [
    "a": DNSQuestion.RecordType.a, "aaaa": .aaaa, "ns": .ns, "soa": .soa, "txt": .txt,
  ]
  static let truths: KeyValuePairs = ["true": true, "false": false]

  /// What the file calls `choice`; `nil` if it has no word for it.
  static func word<Choice: Equatable>(_ choice: Choice, in words: KeyValuePairs<String, Choice>) -> String? {
    words.first { $0.value == choice }?.key
  }

  static func word(_ transport: TransportProtocol) -> String {
    word(transport, in: protocols) ?? "\(transport.rawValue)"
  }

  static func word(_ encapsulation: Encapsulation) -> String {
    word(encapsulation == .greKey ? .gre : encapsulation, in: encapsulations) ?? "\(encapsulation)"
  }

  /// `a, b or c`.
  static func alternatives(_ words: [String]) -> String {
    [words.dropLast().joined(separator: ", "), words.last ?? ""].joined(separator: " or ")
  }
}

extension IPPrefix {
  /// As the file writes it: one address without its length.
  var text: String { isHost ? "\(address)" : "\(self)" }

  /// Whether it holds one address.
  var isHost: Bool { length == address.version.addressWidth }

  /// Whether all of `other` is in it.
  func contains(_ other: IPPrefix) -> Bool {
    address.version == other.address.version && length <= other.length
      && IPPrefix(address: other.address, length: length)?.virtualAddress == virtualAddress
  }

  /// Whether some address is in both.
  func overlaps(_ other: IPPrefix) -> Bool { contains(other) || other.contains(self) }
}

extension IPVersion {
  /// `IPv4` or `IPv6`.
  var name: String { "IPv\(rawValue)" }
}
