// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Wire

extension DirectorConfiguration {
  /// The configuration as a file: every key written out, one way of writing it. Reading it gives an equal value.
  public var yaml: String {
    let director = [
      ("interface", Self.plain(interface)), ("engine", engine.rawValue), ("source", source.map { "\($0)" }),
    ]
    var lines = ["director:"]
    lines += Self.entries(director).map { "  \($0)" }
    lines.append("servers:")
    lines += servers.map(\.yaml)
    lines.append("services:")
    lines += services.flatMap(\.yaml)
    return lines.map { $0 + "\n" }.joined()
  }

  /// The entries that have a value, as `key: value`.
  fileprivate static func entries(_ entries: [(key: String, value: String?)]) -> [String] {
    entries.compactMap { key, value in value.map { "\(key): \($0)" } }
  }

  /// Printable text as a YAML scalar: bare if it cannot be taken for anything else.
  private static func plain(_ text: String) -> String {
    if (try? Format.name(text)) != nil { return text }
    let escaped = text.map { "\"\\".contains($0) ? "\\\($0)" : String($0) }
    return "\"\(escaped.joined())\""
  }
}

extension RealServer {
  fileprivate var yaml: String {
    let entries = DirectorConfiguration.entries([
      ("address", "\(address)"), ("site", site),
      ("encapsulation", Schema.word(encapsulation, in: Schema.encapsulations)),
      ("state", administrativeState.rawValue),
    ])
    return "  \(name): { \(entries.joined(separator: ", ")) }"
  }
}

extension Service {
  fileprivate var yaml: [String] {
    let entries = DirectorConfiguration.entries([
      ("address", "\(address)"), ("port", "\(port)"),
      ("protocol", Schema.word(transportProtocol, in: Schema.protocols)),
      ("tracking", Schema.word(tracking, in: Schema.trackings)),
      ("idle-timeout", TimeText.text(of: idleTimeout)), ("drain-timeout", TimeText.text(of: drainTimeout)),
    ])
    return ["  \(name):"] + entries.map { "    \($0)" } + ["    servers:"] + members.map { "      - \($0.yaml)" }
  }
}

extension Member {
  fileprivate var yaml: String {
    weight == 1 ? server.name : "{ name: \(server.name), weight: \(weight) }"
  }
}
