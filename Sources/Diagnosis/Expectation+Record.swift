// SPDX-License-Identifier: MIT
import Provisioning
public import Wire

extension Expectation {
  /// What `control` has on record; nil if this host was not made a real server, or not by its state directory.
  init?(_ control: RealServerControl, _ question: Question) throws {
    guard let record = try control.record() else { return nil }
    let details = try control.recordedDetails()
    self.init(
      request: record.request, decapsulation: record.decapsulation, endpoints: record.endpoints,
      tunnels: details.tunnels.map { ExpectedTunnel(name: $0.name, kind: $0.kind, tunnel: $0.tunnel) },
      ports: details.ports, interfaces: record.interfaces, holders: record.holders,
      maximumSegments: record.maximumSegments,
      missingRoutes: details.missingRoutes, clients: question.clients, director: question.director)
  }
}

/// What is asked about besides what is on record.
public struct Question: Hashable, Sendable {
  /// Clients whose packets are to be answered; without any of an IP version, a director is asked about in its place.
  public var clients: [IPAddress]
  /// A director whose packets are to be taken.
  public var director: IPAddress?

  public init(clients: [IPAddress] = [], director: IPAddress? = nil) {
    self.clients = clients
    self.director = director
  }
}
