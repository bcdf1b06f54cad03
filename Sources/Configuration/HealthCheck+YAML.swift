// SPDX-License-Identifier: MIT
import Health

extension HealthCheck {
  /// Its lines in the file.
  var yaml: [String] {
    let type = CheckType(question)
    let isProbing = CheckType.probing.contains { $0 == type }
    let entries = YAMLEntries(
      [("type", type.word)] + question.entries + [
        ("port", port.map { "\($0)" }), ("path", isProbing ? path.rawValue : nil),
        ("full-size", isProbing ? fullSize.text : nil), ("interval", TimeText.text(of: interval)),
        ("timeout", TimeText.text(of: timeout)), ("rise", "\(rise)"), ("fall", "\(fall)"),
      ])
    return ["  \(name):"] + entries.lines.map { "    \($0)" }
  }
}

extension HealthCheck.FullSize {
  fileprivate var text: String {
    if case .bytes(let count) = self { return "\(count)" }
    return Words.word(self, in: Words.fullSizes) ?? ""
  }
}

extension HealthCheck.Question {
  /// The keys that not all types have.
  fileprivate var entries: [(key: String, value: String?)] {
    switch self {
    case .tcp, .echo: []
    case .http(let http): http.entries
    case .https(let http, let tls): http.entries + tls.entries
    case .tls(let tls): tls.entries
    case .dns(let dns): dns.entries
    case .command(let words): [("command", YAMLEntries.list(words.map(YAMLEntries.plain)))]
    }
  }
}

extension HTTPQuestion {
  fileprivate var entries: [(key: String, value: String?)] {
    let fields = headers.map { (key: YAMLEntries.plain($0.name), value: Optional(YAMLEntries.plain($0.value))) }
    return [
      ("method", method), ("target", YAMLEntries.plain(target)), ("host", host.map(YAMLEntries.plain)),
      ("headers", fields.isEmpty ? nil : YAMLEntries(fields).flow),
      ("status", YAMLEntries.list(status.map(Format.text(ofStatus:)))), ("body", body.map(YAMLEntries.plain)),
    ]
  }
}

extension TLSQuestion {
  fileprivate var entries: [(key: String, value: String?)] {
    [("server-name", serverName.map(YAMLEntries.plain)), ("verify", "\(verifies)")]
  }
}

extension DNSQuestion {
  fileprivate var entries: [(key: String, value: String?)] {
    [
      ("name", YAMLEntries.plain(name)), ("record", Words.word(type, in: Words.records)),
      ("answer", answer.map(YAMLEntries.plain)),
    ]
  }
}
