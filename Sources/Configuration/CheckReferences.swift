// SPDX-License-Identifier: MIT
import Balancing
import Health
import Wire

/// The checks that a service names.
struct CheckReferences {
  /// The number of checks that a service can name.
  private static let limit = 16

  let service: Value
  /// `nil` where it cannot be read.
  let transport: TransportProtocol?
  /// `nil` where they cannot be read.
  let ports: ClosedRange<UInt16>?
  /// By name; `nil` where they cannot be read.
  let checks: [String: Entry<HealthCheck>]?

  /// Reads `check` or `checks`.
  func read(_ fields: inout Fields) -> [String] {
    let one = fields.optional("check", reference)
    let reason = "is not needed besides \"check\": write all of them in one list"
    let several = fields.optional("checks", where: !fields.has("check"), otherwise: reason, list)
    return several ?? one.map { [$0] } ?? []
  }

  private func list(_ value: Value) -> [String]? {
    var seen: [String: Position] = [:]
    return value.list(of: "check", in: service.label, limit: Self.limit) { item -> String? in
      guard let name = reference(item) else { return nil }
      if let first = seen[name] {
        service.reading.report(
          "check \(quoted(name)) is in \(service.label) twice, first at \(first)", at: item.node.position)
      }
      seen[name] = seen[name] ?? item.node.position
      return name
    }?.compactMap(\.content)
  }

  private func reference(_ value: Value) -> String? {
    guard let name = value.text(), let checks else { return nil }
    guard let entry = checks[name] else {
      value.reading.report(
        "unknown check \(quoted(name)) in \(service.label)", at: value.node.position,
        suggestion: suggestion(for: name, among: checks.keys.sorted()))
      return nil
    }
    if let check = entry.content { checkAsksService(check, at: value.node.position) }
    return name
  }

  /// A check without a port of its own asks at the service's, and must speak its protocol.
  private func checkAsksService(_ check: HealthCheck, at position: Position) {
    guard check.port == nil, let asked = check.question.transport, let transport else { return }
    let what = "check \(quoted(check.name)) (\(CheckType(check.question).word))"
    if transport != asked {
      service.reading.report(
        """
        \(what) can never pass: it asks over \(Words.word(asked)), and \(service.label) is for \
        \(Words.word(transport)); give the check a "port" where the real servers answer it
        """, at: position)
    } else if let ports, ports.count > 1 {
      service.reading.report(
        """
        \(what) needs a "port": \(service.label) has the ports \(Format.text(of: ports)), and one of them is asked
        """, at: position, suggestion: "port: \(max(ports.lowerBound, 1))")
    }
  }
}

extension HealthCheck.Question {
  /// What carries it to a port; `nil` if it asks none.
  fileprivate var transport: TransportProtocol? {
    switch self {
    case .tcp, .http, .https, .tls: .tcp
    case .dns: .udp
    case .echo, .command: nil
    }
  }
}
