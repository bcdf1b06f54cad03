// SPDX-License-Identifier: MIT
import Health

/// The word that says which keys a check has.
enum CheckType {
  case tcp
  case http
  case https
  case tls
  case dns
  case icmp
  case command

  /// Those that speak HTTP.
  static let speakingHTTP: [Self] = [.http, .https]
  /// Those that speak TLS.
  static let speakingTLS: [Self] = [.https, .tls]
  /// Those that ask a port.
  static let askingPort: [Self] = [.tcp, .http, .https, .tls, .dns]
  /// Those whose packets Culvert sends.
  static let probing: [Self] = [.tcp, .http, .https, .tls, .dns, .icmp]

  /// What the file calls it.
  var word: String { Words.word(self, in: Words.checkTypes) ?? "" }

  init(_ question: HealthCheck.Question) {
    self =
      switch question {
      case .tcp: .tcp
      case .http: .http
      case .https: .https
      case .tls: .tls
      case .dns: .dns
      case .echo: .icmp
      case .command: .command
      }
  }
}
