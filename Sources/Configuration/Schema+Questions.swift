// SPDX-License-Identifier: MIT
import Health
import Wire

/// What a check asks: the keys that are for some types alone.
extension Schema {
  /// `nil` where its type, or what that must have, cannot be read.
  func question(_ keys: CheckKeys, of check: Value, _ fields: inout Fields) -> HealthCheck.Question? {
    let http = self.http(keys, of: check, &fields)
    let tls = self.tls(keys, of: check, host: http.host, &fields)
    let dns = self.dns(keys, &fields)
    let command = keys.require("command", of: .command, &fields) { self.command($0, of: check) }
    return switch keys.type {
    case .tcp: .tcp
    case .http: .http(http)
    case .https: .https(http, tls)
    case .tls: .tls(tls)
    case .dns: dns.map { .dns($0) }
    case .icmp: .echo
    case .command: command.map { .command($0) }
    case nil: nil
    }
  }

  private func http(_ keys: CheckKeys, of check: Value, _ fields: inout Fields) -> HTTPQuestion {
    let types = CheckType.speakingHTTP
    var http = HTTPQuestion()
    http.host = keys.read("host", of: types, &fields, scalar(Format.host))
    if let method = keys.read("method", of: types, &fields, scalar(Format.method)) { http.method = method }
    if let target = keys.read("target", of: types, &fields, scalar(Format.target)) { http.target = target }
    http.headers = keys.read("headers", of: types, &fields, headers) ?? []
    let status = keys.read("status", of: types, &fields) {
      $0.several(of: "status", in: check.label, limit: 32, read: scalar(Format.status))
    }
    if let status { http.status = status.compactMap(\.content) }
    http.body = keys.read("body", of: types, &fields, scalar(Format.body))
    if http.method == "HEAD", http.body != nil {
      check.reading.report(
        "\"body\" of \(check.label) can never be found: the answer to HEAD has none (RFC 9110, 9.3.2)",
        at: check.position(of: "body"))
    }
    return http
  }

  private func headers(_ value: Value) -> [HTTPQuestion.Header]? {
    value.table(of: "header", limit: 32, form: Format.headerName) { name, value in
      if let reason = Self.ownHeaders[name.lowercased()] {
        value.reading.report("\(value.label) \(reason)", at: value.start)
      }
      return scalar(Format.headerValue)(value).map { HTTPQuestion.Header(name: name, value: $0) }
    }?.compactMap(\.content)
  }

  /// Header fields that are not the file's to choose.
  private static let ownHeaders = [
    "host": #"has a key of its own: "host""#,
    "connection": "is the check's own: it asks once and closes",
    "content-length": "is for requests with a body, which a check has not",
    "transfer-encoding": "is for requests with a body, which a check has not",
  ]

  private func tls(_ keys: CheckKeys, of check: Value, host: String?, _ fields: inout Fields) -> TLSQuestion {
    let types = CheckType.speakingTLS
    let name = keys.read("server-name", of: types, &fields, scalar(Format.serverName))
    let verifies = keys.read("verify", of: types, &fields, scalar(Format.choice(Words.truths))) ?? false
    if verifies, !fields.has("server-name"), keys.mayBe(types) {
      check.reading.report(
        "\(check.label) verifies a certificate, but no \"server-name\" says whose it must be",
        at: check.position(of: "verify"),
        suggestion: host.flatMap { try? Format.serverName($0) }.map { "server-name: \($0)" })
    }
    return TLSQuestion(serverName: name, verifies: verifies)
  }

  private func dns(_ keys: CheckKeys, _ fields: inout Fields) -> DNSQuestion? {
    let name = keys.require("name", of: .dns, &fields, scalar(Format.domainName))
    let record = keys.read("record", of: [.dns], &fields, scalar(Format.choice(Words.records))) ?? .a
    let answer = keys.read("answer", of: [.dns], &fields, scalar(Format.answer(of: record)))
    return name.map { DNSQuestion(name: $0, type: record, answer: answer) }
  }

  private func command(_ value: Value, of check: Value) -> [String]? {
    if value.isSingle, let text = value.text() {
      let words = text.split(separator: " ").joined(separator: ", ")
      value.refuse("must be a list of the program and its arguments: no shell reads it", suggestion: "[\(words)]")
      return nil
    }
    var isFirst = true
    return value.list(of: "word", in: "\"command\" of \(check.label)", limit: 64) { word -> String? in
      defer { isFirst = false }
      return isFirst ? scalar(Format.program)(word) : scalar(Format.argument)(word)
    }?.compactMap(\.content)
  }
}

extension Format {
  /// What a record of this type can be.
  fileprivate static func answer(of record: DNSQuestion.RecordType) -> (String) throws(Refusal) -> String {
    { text throws(Refusal) in
      switch record {
      case .a where IPv4Address(text) == nil:
        throw Refusal(reason: "must be an IPv4 address, as in a record of type a, not \(quoted(text))")
      case .aaaa where IPv6Address(text) == nil:
        throw Refusal(reason: "must be an IPv6 address, as in a record of type aaaa, not \(quoted(text))")
      case .ns, .soa: return try domainName(text)
      default: return try headerValue(text)
      }
    }
  }
}
