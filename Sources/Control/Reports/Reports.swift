// SPDX-License-Identifier: MIT
public import Health

// What a director tells of itself. The JSON of these types is stable: docs/api.md describes it.

/// A director as a whole.
public struct DirectorReport: Hashable, Sendable, Codable {
  public var version: String
  public var interface: String
  public var engine: String
  public var process: Int32
  public var started: Timestamp
  public var configurationFile: String
  public var services: Int
  public var servers: Int

  public init(
    version: String, interface: String, engine: String, process: Int32, started: Timestamp, configurationFile: String,
    services: Int, servers: Int
  ) {
    self.version = version
    self.interface = interface
    self.engine = engine
    self.process = process
    self.started = started
    self.configurationFile = configurationFile
    self.services = services
    self.servers = servers
  }
}

/// What a member does in its service.
public enum MemberState: String, Hashable, Sendable, Codable, CaseIterable {
  case up
  /// Healthy, and another pool takes new flows.
  case standby
  case drain
  case maintenance
  case down
}

/// A real server, in all services that it is in.
public struct ServerReport: Hashable, Sendable, Codable {
  public var name: String
  public var address: String
  public var site: String?
  /// What an operator said; nil where nobody did.
  public var override: ServerOverride?
  public var memberships: [MembershipReport]
  public var checks: [CheckReport]

  public init(
    name: String, address: String, site: String?, override: ServerOverride?, memberships: [MembershipReport],
    checks: [CheckReport]
  ) {
    self.name = name
    self.address = address
    self.site = site
    self.override = override
    self.memberships = memberships
    self.checks = checks
  }
}

/// A real server's place in one service.
public struct MembershipReport: Hashable, Sendable, Codable {
  public var service: String
  public var pool: String
  public var state: MemberState
  /// Since when, on whose word (`configuration`, `check NAME`, `pool NAME`, or a user), and why.
  public var since: Timestamp
  public var by: String
  public var reason: String
  /// Of the configuration, or an operator's.
  public var weight: Int
  /// The part of it that counts, in percent: less than 100 while it starts slowly.
  public var ramp: Int
  /// Slots that it owns, of 65,537.
  public var slots: Int
  /// Unsettled slots in which flows of its may still live: 0 when it has drained.
  public var remainingSlots: Int
  /// Flows that are remembered at it.
  public var rememberedFlows: Int

  public init(
    service: String, pool: String, state: MemberState, since: Timestamp, by: String, reason: String, weight: Int,
    ramp: Int, slots: Int, remainingSlots: Int, rememberedFlows: Int
  ) {
    self.service = service
    self.pool = pool
    self.state = state
    self.since = since
    self.by = by
    self.reason = reason
    self.weight = weight
    self.ramp = ramp
    self.slots = slots
    self.remainingSlots = remainingSlots
    self.rememberedFlows = rememberedFlows
  }
}

/// What a check says of a server.
public struct CheckReport: Hashable, Sendable, Codable {
  public var check: String
  /// Where it asks: an address, and a port if the question has one.
  public var address: String
  /// nil before the first round ended.
  public var up: Bool?
  public var since: Timestamp
  public var streak: Int
  /// Rounds that must succeed in a row until it is up; more than usual while it is damped for flapping.
  public var neededSuccesses: Int
  public var isDamped: Bool
  public var roundTripMilliseconds: Double?
  /// What each way came to, where several are tried.
  public var ways: [String: Bool]
  public var lastFailure: Event?
  public var history: [Event]

  /// A round that is worth telling.
  public struct Event: Hashable, Sendable, Codable {
    public var at: Timestamp
    /// `CheckFailure.Kind`; nil for a success.
    public var failure: String?
    public var way: String?
    public var detail: String?

    public init(at: Timestamp, failure: String?, way: String?, detail: String?) {
      self.at = at
      self.failure = failure
      self.way = way
      self.detail = detail
    }
  }

  public init(
    check: String, address: String, up: Bool?, since: Timestamp, streak: Int, neededSuccesses: Int, isDamped: Bool,
    roundTripMilliseconds: Double?, ways: [String: Bool], lastFailure: Event?, history: [Event]
  ) {
    self.check = check
    self.address = address
    self.up = up
    self.since = since
    self.streak = streak
    self.neededSuccesses = neededSuccesses
    self.isDamped = isDamped
    self.roundTripMilliseconds = roundTripMilliseconds
    self.ways = ways
    self.lastFailure = lastFailure
    self.history = history
  }
}

/// A service and its pools.
public struct ServiceReport: Hashable, Sendable, Codable {
  public var name: String
  /// A hash of who owns which slot: the same on every director with the same configuration and health.
  public var table: String
  public var unsettledSlots: Int
  public var pools: [PoolReport]
  /// `fail-open`, `reset` or `drop` while no member is up; nil otherwise.
  public var allDown: String?

  public init(name: String, table: String, unsettledSlots: Int, pools: [PoolReport], allDown: String?) {
    self.name = name
    self.table = table
    self.unsettledSlots = unsettledSlots
    self.pools = pools
    self.allDown = allDown
  }
}

/// A pool of a service.
public struct PoolReport: Hashable, Sendable, Codable {
  public var name: String
  /// The part of its weight that is up, in percent.
  public var up: Int
  public var isShort: Bool
  /// The part of new flows that it takes, in percent.
  public var share: Int

  public init(name: String, up: Int, isShort: Bool, share: Int) {
    self.name = name
    self.up = up
    self.isShort = isShort
    self.share = share
  }
}
