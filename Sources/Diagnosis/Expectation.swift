// SPDX-License-Identifier: MIT
import Netlink
import Provisioning
import Wire

/// What a real server is to be like, as 'culvert real up' has put it on record, and who is asked about.
struct Expectation: Hashable, Sendable {
  var request: RealServerRequest
  var decapsulation: Decapsulation
  /// The outer destinations.
  var endpoints: [IPAddress] = []
  /// The kernel's tunnel devices; none where they do not decapsulate.
  var tunnels: [ExpectedTunnel] = []
  /// Where datagrams of GUE and FOU arrive for them.
  var ports: [FOUPort] = []
  /// The interfaces on which neighbours may ask for addresses of this host.
  var interfaces: [String] = []
  /// The links that hold the virtual addresses of each version.
  var holders: [IPVersion: [String]] = [:]
  /// The segment sizes that clients are to be told, in bytes, where their links would give larger ones.
  var maximumSegments: [IPVersion: UInt32] = [:]
  /// Commands that add routes of answers that are on record, and not there now.
  var missingRoutes: [String] = []
  /// Clients whose packets are to be answered.
  var clients: [IPAddress] = []
  /// A director that is asked about.
  var director: IPAddress?

  /// A tunnel device with both ends given.
  struct ExpectedTunnel: Hashable, Sendable {
    var name: String
    var kind: Tunnel.Kind
    var tunnel: Tunnel

    /// Whether `link` decapsulates what this one would.
    func isLike(_ link: Link) -> Bool {
      guard case .tunnel(kind, let found) = link.info else { return false }
      return found.local == tunnel.local && found.remote == tunnel.remote && found.inputKey == tunnel.inputKey
        && found.payload == tunnel.payload && found.udp?.format == tunnel.udp?.format
        && found.udp?.destinationPort == tunnel.udp?.destinationPort
    }
  }
}

extension Expectation {
  var virtualAddresses: [IPPrefix] { request.virtualAddresses }
  var services: [ServicePort] { request.services }
  var interface: String { request.interface }

  /// The versions of what is inside the tunnels.
  var innerVersions: [IPVersion] {
    [.v4, .v6].filter { version in virtualAddresses.contains { $0.address.version == version } }
  }

  var outerVersions: [IPVersion] {
    [.v4, .v6].filter { version in endpoints.contains { $0.version == version } }
  }

  /// Where clients' packets seem to come in once they are out of their tunnel.
  var arrivals: [String] { decapsulation == .kernel ? tunnels.map(\.name) : [interface] }

  /// A client of this IP version to be answered: the first that is asked about, else a director.
  func client(_ version: IPVersion) -> IPAddress? {
    (clients + request.directors.map(\.address)).first { $0.version == version }
  }

  /// The ways of answers that are looked at: from each virtual address to a client of its version.
  var answerWays: [AnswerWay] {
    virtualAddresses.compactMap { prefix in
      client(prefix.address.version).map { AnswerWay(source: prefix.address, destination: $0) }
    }
  }

  /// Each end here with each director that it can have packets from.
  var outerWays: [(endpoint: IPAddress, director: IPPrefix)] {
    endpoints.flatMap { endpoint in
      request.directors.filter { $0.address.version == endpoint.version }.map { (endpoint, $0) }
    }
  }
}
