// SPDX-License-Identifier: MIT
import Health
import Wire

/// What to say over a connection to find out what `question` asks; nil where there is nothing to say. `host` is the name
/// or address that is asked, for questions that do not name one themselves.
func conversation(for question: HealthCheck.Question, host: String) -> (any StreamConversation)? {
  switch question {
  case .http(let http): HTTPConversation(http, host: host)
  case .https(let http, let tls):
    TLSConversation(tls, host: http.hostName ?? host, inside: HTTPConversation(http, host: host))
  case .tls(let tls): TLSConversation(tls, host: host)
  case .tcp, .dns, .echo, .command: nil
  }
}

extension HTTPQuestion {
  /// The Host header's name or address: without a port, without brackets.
  fileprivate var hostName: String? {
    guard let host, IPv6Address(host) == nil else { return host }
    let isBracketed = host.first == "["
    return host.dropFirst(isBracketed ? 1 : 0).split(separator: isBracketed ? "]" : ":").first.map(String.init)
  }
}
