// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import Health
import Wire

extension HealthCheck {
  /// A check that breaks no rule.
  static func random(number: Int, using random: inout some RandomNumberGenerator) -> HealthCheck {
    let question = Question.random(using: &random)
    let interval = Int.random(in: 100...3_600_000, using: &random)
    var check = HealthCheck(
      name: "\(number)" + .random("aZ09-_.", 0...62, using: &random), question: question, path: .anyCase(&random),
      fullSize: [.off, .automatic, .bytes(.random(in: 100...65_535, using: &random))].randomElement(using: &random)
        ?? .off,
      interval: .milliseconds(interval), timeout: .milliseconds(Int.random(in: 10...interval, using: &random)),
      rise: .random(in: 1...100, using: &random), fall: .random(in: 1...100, using: &random))
    if case .command = question { (check.path, check.fullSize) = (.tunnel, .off) }
    if question.transport != nil, Bool.random(using: &random) { check.port = .random(in: 1 ... .max, using: &random) }
    return check
  }

  /// Whether a service of this match may name it.
  func suits(_ match: ServiceMatch) -> Bool {
    guard let transport = question.transport, port == nil else { return true }
    return transport == match.transportProtocol && match.ports.count == 1
  }
}

extension HealthCheck.Question {
  fileprivate var transport: TransportProtocol? {
    switch self {
    case .tcp, .http, .https, .tls: .tcp
    case .dns: .udp
    case .echo, .command: nil
    }
  }

  fileprivate static func random(using random: inout some RandomNumberGenerator) -> Self {
    switch Int.random(in: 0...6, using: &random) {
    case 0: .tcp
    case 1: .http(.random(using: &random))
    case 2: .https(.random(using: &random), .random(using: &random))
    case 3: .tls(.random(using: &random))
    case 4: .dns(.random(using: &random))
    case 5: .echo
    default:
      .command(
        ["/" + .random("ab /\"\\'", 0...20, using: &random) + "x"]
          + (0..<Int.random(in: 0...3, using: &random)).map { _ in .random("-x{}[]: #\n\t\"é~", 0...9, using: &random) }
      )
    }
  }
}

extension HTTPQuestion {
  fileprivate static func random(using random: inout some RandomNumberGenerator) -> HTTPQuestion {
    HTTPQuestion(
      method: ["GET", "POST", "OPTIONS"].randomElement(using: &random) ?? "GET",
      target: "/" + .random("aZ?&=%20{}[]:,\"\\'/~", 0...20, using: &random),
      host: Bool.random(using: &random) ? "[" + .random("aZ09.-:]", 0...20, using: &random) : nil,
      headers: (0..<Int.random(in: 0...2, using: &random)).map {
        Header(
          name: "!\($0)" + .random("aZ#~|", 0...5, using: &random), value: .random("a:{}é\"\\", 0...9, using: &random))
      },
      status: (0..<Int.random(in: 1...3, using: &random)).map { _ in
        let first = Int.random(in: 200...599, using: &random)
        return first...Int.random(in: first...599, using: &random)
      },
      body: Bool.random(using: &random) ? .random("ok \n\r\t\"\\\u{1}\u{85}\u{200B}é😀", 1...20, using: &random) : nil)
  }
}

extension TLSQuestion {
  fileprivate static func random(using random: inout some RandomNumberGenerator) -> TLSQuestion {
    let name = Bool.random(using: &random) ? "x" + .random("aZ09", 0...20, using: &random) + ".example" : nil
    return TLSQuestion(serverName: name, verifies: name != nil && Bool.random(using: &random))
  }
}

extension DNSQuestion {
  fileprivate static func random(using random: inout some RandomNumberGenerator) -> DNSQuestion {
    let type = RecordType.anyCase(&random)
    let answer =
      switch type {
      case .a: "192.0.2.1"
      case .aaaa: "2001:db8::"
      case .ns, .soa: "ns._x.example."
      case .txt: "v=spf1 -all\" \\ é"
      }
    return DNSQuestion(
      name: [".", "example.com.", "_sip._tcp.x"].randomElement(using: &random) ?? ".", type: type,
      answer: Bool.random(using: &random) ? answer : nil)
  }
}
