// SPDX-License-Identifier: MIT
import DataPlane
import Wire

extension RealServerConfiguration {
  /// The configuration as a file, in one way of writing it: what was not said is left out where nobody can know it
  /// beforehand. Reading it gives an equal value.
  public var yaml: String {
    let isTunnel = encapsulation != .l2
    let entries = YAMLEntries([
      ("interface", YAMLEntries.plain(interface)), ("virtual-addresses", Self.list(virtualAddresses.map(\.yaml))),
      ("directors", Self.list(directors.map(\.yaml))), ("encapsulation", Words.word(encapsulation)),
      ("key", key.map { "\($0)" }), ("port", port.map { "\($0)" }), ("mtu", mtu.map { "\($0)" }),
      ("decapsulate", isTunnel ? decapsulation.rawValue : nil),
      ("local", Self.list(local.map { IPPrefix(host: $0).yaml })), ("services", Self.list(services.map(\.description))),
      ("bpffs", bpffs.map(YAMLEntries.plain)),
    ])
    return entries.lines.map { $0 + "\n" }.joined()
  }

  private static func list(_ items: [String]) -> String? { items.isEmpty ? nil : "[\(items.joined(separator: ", "))]" }
}
