// SPDX-License-Identifier: MIT
public import DataPlane
public import Wire

/// A machine that answers clients: named once, used by any number of services.
public struct RealServer: Hashable, Sendable {
  /// What the configuration calls it.
  public var name: String
  /// Where encapsulated packets go: the outer destination.
  public var address: IPAddress
  /// How clients' packets travel to it.
  public var outer: OuterHeader
  /// The site it stands in, for people.
  public var site: String?
  public var administrativeState: AdministrativeState

  public init(
    name: String, address: IPAddress, outer: OuterHeader, site: String? = nil,
    administrativeState: AdministrativeState = .up
  ) {
    self.name = name
    self.address = address
    self.outer = outer
    self.site = site
    self.administrativeState = administrativeState
  }

  /// A real server with an outer header as it is where nobody chooses anything.
  public init(
    name: String, address: IPAddress, encapsulation: Encapsulation, site: String? = nil,
    administrativeState: AdministrativeState = .up
  ) {
    self.init(
      name: name, address: address, outer: OuterHeader(encapsulation), site: site,
      administrativeState: administrativeState)
  }
}

/// What an operator wants of a real server.
public enum AdministrativeState: String, Hashable, Sendable, CaseIterable {
  /// Takes its share of new flows.
  case up
  /// Takes no new flows; those it has go on.
  case drain
  /// Takes nothing: its flows are handed over at once.
  case down
}

/// A real server's place in one service.
public struct Member: Hashable, Sendable {
  public var server: RealServer
  /// The share of new flows, relative to the other members'; 1 to 65,535.
  public var weight: Int
  /// What `Selection` has chosen for it to do; nil where only the configuration decides.
  public var chosenPart: Part?

  public init(server: RealServer, weight: Int = 1, chosenPart: Part? = nil) {
    self.server = server
    self.weight = weight
    self.chosenPart = chosenPart
  }

  /// What it does.
  public var part: Part { chosenPart ?? Part(server.administrativeState) }

  /// What a member does for its service.
  public enum Part: Hashable, Sendable {
    /// Takes its share of new flows.
    case serving
    /// Takes no new flows, for another pool does; those it has go on for as long as they like.
    case standby
    /// Takes no new flows; those it has go on until the service's drain timeout.
    case draining
    /// Takes nothing: its flows are handed over at once.
    case down

    init(_ state: AdministrativeState) {
      self =
        switch state {
        case .up: .serving
        case .drain: .draining
        case .down: .down
        }
    }
  }
}

/// Members of a service that stand in for each other. A service has them in an order, the nearest first.
public struct Pool: Hashable, Sendable {
  /// What the configuration calls it.
  public var name: String
  public var members: [Member]
  /// The part of the pool's weight, in percent, that must be up: with less it is short, and the next pool helps.
  public var threshold: Int
  /// The part of the pool's weight, in percent, from which on it is short no more; `threshold` at least.
  public var recovery: Int
  /// Whether it serves only where nobody else can.
  public var isLastResort: Bool
  /// The share of each site relative to the others' (1 to 65,535) while all its members are up; they divide it by their
  /// weights. A site that is not here, and all members where this is empty, go by their weights alone.
  public var siteWeights: [String: Int]

  public init(
    name: String, members: [Member], threshold: Int = 0, recovery: Int? = nil, isLastResort: Bool = false,
    siteWeights: [String: Int] = [:]
  ) {
    self.name = name
    self.members = members
    self.threshold = threshold
    self.recovery = max(recovery ?? threshold, threshold)
    self.isLastResort = isLastResort
    self.siteWeights = siteWeights
  }
}

/// Virtual addresses, a protocol and ports, and the real servers behind them.
public struct Service: Hashable, Sendable {
  /// What the configuration calls it.
  public var name: String
  /// The packets it is for.
  public var match: ServiceMatch
  public var tracking: Tracking
  public var affinity: Affinity
  /// Whether all fragments of a packet fall into the slot of their addresses, so that none need be remembered.
  public var hashesFragments: Bool
  /// A slot settles when nobody but its owner was sent a packet for so long; a flow that is tracked always is forgotten
  /// when it was silent for so long.
  public var idleTimeout: Duration
  /// How long a server that was taken out keeps the flows it has.
  public var drainTimeout: Duration
  /// The nearest first; those of last resort are last.
  public var pools: [Pool]
  /// What a pool that is short does.
  public var whenShort: ShortPoolAnswer
  public var whenAllDown: AllDownAnswer
  /// How long the weight of a server that has come up grows, from a tenth to all of it.
  public var slowStart: Duration
  /// The health checks that a member must pass, by name; without any it is taken to be healthy.
  public var checks: [String]

  public init(
    name: String, match: ServiceMatch, tracking: Tracking, affinity: Affinity = .flow, hashesFragments: Bool = false,
    idleTimeout: Duration, drainTimeout: Duration, pools: [Pool], whenShort: ShortPoolAnswer = .overflow,
    whenAllDown: AllDownAnswer = .drop, slowStart: Duration = .zero, checks: [String] = []
  ) {
    self.name = name
    self.match = match
    self.tracking = tracking
    self.affinity = affinity
    self.hashesFragments = hashesFragments
    self.idleTimeout = idleTimeout
    self.drainTimeout = drainTimeout
    self.pools = pools
    self.whenShort = whenShort
    self.whenAllDown = whenAllDown
    self.slowStart = slowStart
    self.checks = checks
  }

  /// A service of one pool.
  public init(
    name: String, match: ServiceMatch, tracking: Tracking, affinity: Affinity = .flow, hashesFragments: Bool = false,
    idleTimeout: Duration, drainTimeout: Duration, members: [Member]
  ) {
    self.init(
      name: name, match: match, tracking: tracking, affinity: affinity, hashesFragments: hashesFragments,
      idleTimeout: idleTimeout, drainTimeout: drainTimeout, pools: [Pool(name: Self.onlyPool, members: members)])
  }

  /// A service of one address, one port and one pool.
  public init(
    name: String, address: IPAddress, port: UInt16, transportProtocol: TransportProtocol, tracking: Tracking,
    idleTimeout: Duration, drainTimeout: Duration, members: [Member]
  ) {
    self.init(
      name: name, match: ServiceMatch(address: address, port: port, transportProtocol: transportProtocol),
      tracking: tracking, idleTimeout: idleTimeout, drainTimeout: drainTimeout, members: members)
  }

  /// The name of the pool of a service that has one without a name.
  public static let onlyPool = "servers"

  /// The members of all pools.
  public var members: [Member] { pools.flatMap(\.members) }
}

/// What a pool that is short does.
public enum ShortPoolAnswer: String, Hashable, Sendable, CaseIterable {
  /// It goes on with what it can carry, and the next pool takes the rest.
  case overflow
  /// The next pool takes all new flows.
  case takeover
}

/// What becomes of new flows where no member of any pool is up.
public enum AllDownAnswer: String, Hashable, Sendable, CaseIterable {
  /// They go to all members as if they were up, those in maintenance aside.
  case failOpen = "fail-open"
  /// They are answered with a TCP reset, or ICMP's port unreachable.
  case reset
  /// They are dropped.
  case drop
}
