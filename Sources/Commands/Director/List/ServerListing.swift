// SPDX-License-Identifier: MIT
import Balancing
import Control
import DataPlane
import Health

/// A real server of a service, as `culvert list` shows it.
struct ServerListing: Encodable {
  let name: String?
  let address: String
  let site: String?
  let encapsulation: String
  /// The configuration's, or an operator's.
  let weight: Int
  /// Slots that it owns, of 65,537.
  let slots: Int
  /// `up`, `standby`, `drain`, `maintenance` or `down`.
  let state: String
  /// Whether the way there is known.
  let reachable: Bool
  let packets: UInt64
  let bytes: UInt64
  let flows: UInt64
  /// None where they were not measured.
  let rates: Rates?
  // What follows is known where a director wrote it down.
  var pool: String?
  var since: Timestamp?
  var by: String?
  var reason: String?
  /// The part of its weight that counts, in percent.
  var ramp: Int?
  /// What an operator said of it.
  var override: ServerOverride?
  var checks: [CheckReport]?

  /// A second's traffic.
  struct Rates: Encodable {
    let flows: Double
    let packets: Double
    let bytes: Double
  }
}

extension ServerListing {
  /// Whether it should get packets and cannot.
  var isMissed: Bool { !reachable && state != "down" && state != "maintenance" }

  init(_ member: MemberStatus, _ standing: Standing?, before: Sample?, after: Sample) {
    let destination = member.destination
    let total = after.traffic[member.index] ?? TrafficCounter()
    self.init(
      name: destination.name, address: "\(destination.address)", site: destination.site,
      encapsulation: destination.outer.name, weight: standing?.membership.weight ?? destination.weight,
      slots: member.slots, state: standing?.membership.state.rawValue ?? destination.lifecycle.name,
      reachable: destination.row.isReachable, packets: total.packets, bytes: total.bytes, flows: total.flows,
      rates: before.map { before in
        Rates(from: before.traffic[member.index] ?? TrafficCounter(), to: total, in: after.time - before.time)
      },
      pool: standing?.membership.pool, since: standing?.membership.since, by: standing?.membership.by,
      reason: standing?.membership.reason, ramp: standing?.membership.ramp, override: standing?.server.override,
      checks: standing?.server.checks)
  }
}

/// What a director wrote down of a member.
struct Standing {
  let server: ServerReport
  let membership: MembershipReport

  init?(of member: MemberStatus, in service: ServiceStatus, _ runtime: RuntimeState?) {
    guard let server = runtime?.servers.first(where: { $0.name == member.destination.name }),
      let membership = server.memberships.first(where: { $0.service == service.name })
    else { return nil }
    self.server = server
    self.membership = membership
  }
}

extension ServerListing.Rates {
  init(from old: TrafficCounter, to new: TrafficCounter, in duration: Duration) {
    let seconds = duration / .seconds(1)
    // A counter that starts anew has an index that was given to another server meanwhile.
    func rate(_ counter: KeyPath<TrafficCounter, UInt64>) -> Double {
      Double(new[keyPath: counter] - min(old[keyPath: counter], new[keyPath: counter])) / seconds
    }
    self.init(flows: rate(\.flows), packets: rate(\.packets), bytes: rate(\.bytes))
  }
}

extension Lifecycle {
  /// The configuration's word for it.
  var name: String {
    switch self {
    case .serving: "up"
    case .draining: "drain"
    case .down: "down"
    }
  }
}
