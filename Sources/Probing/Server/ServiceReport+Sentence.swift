// SPDX-License-Identifier: MIT
public import DataPlane
public import Wire

/// A real server, as sentences about it call it.
public struct ProbedServer: Hashable, Sendable {
  public var name: String
  public var address: IPAddress
  public var outer: OuterHeader

  public init(name: String, address: IPAddress, outer: OuterHeader) {
    self.name = name
    self.address = address
    self.outer = outer
  }

  /// What a firewall would know its packets by.
  fileprivate var traffic: String {
    switch outer.encapsulation {
    case .ipip: "IP protocol 4 or 41"
    case .gre, .greKey: "IP protocol 47"
    case .gue, .fou: "UDP port \(outer.port)"
    case .l2: "packets for the virtual address"
    }
  }

  fileprivate var doctor: String { "run 'culvert real doctor' on \(name)" }
}

extension ServiceReport {
  /// How far it came, and what to do.
  public func sentence(_ server: ProbedServer) -> String {
    guard sizes.small.outcome.isGood else { return sizes.small.outcome.sentence(server, service) }
    guard let full = sizes.full, !full.outcome.isGood else { return goodSentence }
    return tooLongSentence(full, server)
  }

  private var goodSentence: String {
    guard [sizes.small.outcome, sizes.full?.outcome].contains(.unanswered) else { return "answered, \(sizes.text)" }
    return """
      decapsulated, \(sizes.text); whether the service itself answers cannot be told: nothing has to answer \
      an empty packet of its protocol
      """
  }

  private func tooLongSentence(_ full: SizedOutcome, _ server: ProbedServer) -> String {
    let overhead = server.outer.encapsulation.overhead(outer: server.address.version)
    let passing = sizes.largest ?? sizes.small.bytes
    return """
      \(sizes.small.outcome.stage) for small packets, but not for those of \(full.bytes) bytes, which the route is said to \
      carry: \(passing) bytes are the most that pass. Give the route to \(server.address) 'mtu \(passing + overhead)', \
      or \(server.doctor)
      """
  }
}

extension SizedOutcomes {
  /// Which sizes passed.
  var text: String { full.map { "small and full size (\($0.bytes) bytes)" } ?? "at the one size that fits" }
}

extension Outcome {
  fileprivate func sentence(_ server: ProbedServer, _ service: ProbedService) -> String {
    switch self {
    case .unrouted(let reason):
      "not routed: \(reason). Mend that on this director: nothing leaves it for \(server.name)"
    case .silent:
      """
      routed, and nothing comes back, not even for a ping of \(server.address): see whether \(server.name) is up and has \
      a way back to this director, and whether a firewall drops \(server.traffic); then \(server.doctor)
      """
    case .stopped(let kind, let router):
      "routed as far as \(router), which says \"\(kind)\" of \(server.address): look there; then \(server.doctor)"
    case .swallowed:
      """
      arrived, as it seems: \(server.address) answers pings, but nothing comes out of the tunnel. Perhaps this director is \
      not among those that it takes packets from; \(server.doctor)
      """
    case .tunnelRefused(let kind):
      """
      arrived: \(server.address) says "\(kind)" of the tunnel, so there is none from this director. 'culvert real up' makes \
      it; if it was run, \(server.doctor)
      """
    case .refused:
      """
      decapsulated: \(service.virtualAddress) answers, but nobody listens at port \(service.port) there: start the \
      service, or \(server.doctor)
      """
    case .unanswered, .answered: "\(stage)"
    }
  }
}

extension ICMPProblem.Kind: CustomStringConvertible {
  /// In the words of RFC 792 and RFC 4443.
  public var description: String {
    switch self {
    case .protocolUnreachable: "protocol unreachable"
    case .portUnreachable: "port unreachable"
    case .noRoute: "host unreachable"
    case .prohibited: "administratively prohibited"
    case .tooBig(let mtu): mtu == 0 ? "packet too big" : "packet too big, at most \(mtu) bytes"
    case .timeExceeded: "time exceeded"
    case .other(let type, let code): "ICMP type \(type) code \(code)"
    }
  }
}
