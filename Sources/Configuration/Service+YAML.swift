// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Wire

extension Service {
  /// Its lines in the file.
  var yaml: [String] {
    let entries = YAMLEntries([
      ("address", match.prefix.yaml),
      ("port", match.transportProtocol.hasPorts ? Format.text(of: match.ports) : nil),
      ("protocol", Words.word(match.transportProtocol)), ("tracking", Words.word(tracking, in: Words.trackings)),
      ("affinity", Words.word(affinity.kind, in: Words.affinities)), ("affinity-prefix", affinityPrefix),
      ("fragments", Words.word(hashesFragments, in: Words.fragments)),
      ("idle-timeout", TimeText.text(of: idleTimeout)), ("drain-timeout", TimeText.text(of: drainTimeout)),
      ("checks", checks.isEmpty ? nil : YAMLEntries.list(checks)), ("slow-start", TimeText.text(of: slowStart)),
      ("when-short", hasPlainServers ? nil : whenShort.rawValue), ("all-down", whenAllDown.rawValue),
    ])
    return ["  \(name):"] + entries.lines.map { "    \($0)" } + poolLines
  }

  private var affinityPrefix: String? {
    affinity.kind == .source
      ? "\(Int(affinity.clientBits) - 128 + match.prefix.address.version.addressWidth)" : nil
  }

  /// Whether its servers can be written without a pool around them.
  private var hasPlainServers: Bool {
    pools.count == 1 && whenShort == .overflow
      && pools[0] == Pool(name: Self.onlyPool, members: pools[0].members)
  }

  private var poolLines: [String] {
    if hasPlainServers { return pools[0].memberLines(indent: 4) }
    return ["    pools:"]
      + pools.enumerated().flatMap { index, pool in
        let lines = pool.lines(number: index + 1)
        return lines.enumerated().map { ($0.offset == 0 ? "      - " : "        ") + $0.element }
      }
  }
}

extension Pool {
  /// Its lines in a list, without their indent.
  fileprivate func lines(number: Int) -> [String] {
    let sites = siteWeights.sorted { $0.key < $1.key }.map { (key: $0.key, value: Optional("\($0.value)")) }
    let entries = YAMLEntries([
      ("name", name == Self.name(number: number) ? nil : name), ("threshold", "\(threshold)%"),
      ("recovery", "\(recovery)%"), ("last-resort", "\(isLastResort)"),
      ("site-weights", sites.isEmpty ? nil : YAMLEntries(sites).flow),
    ])
    return entries.lines + memberLines(indent: 0)
  }

  fileprivate func memberLines(indent: Int) -> [String] {
    let lines = ["servers:"] + members.map { "  - \($0.yaml)" }
    return lines.map { String(repeating: " ", count: indent) + $0 }
  }
}

extension Member {
  fileprivate var yaml: String {
    weight == 1 ? server.name : YAMLEntries([("name", server.name), ("weight", "\(weight)")]).flow
  }
}
