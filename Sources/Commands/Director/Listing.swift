// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import DataPlane
import Director
import Wire

/// What `culvert list` shows. Its JSON is stable: docs/commands.md describes it.
struct Listing: Encodable {
  let interface: String
  let engine: String
  /// The process that supervises the tables; none where the data path goes on alone.
  let process: Int32?
  let services: [ServiceListing]
  /// Packets that are for no service, by reason.
  let verdicts: [String: UInt64]
}

extension Listing {
  init(_ director: RunningDirector, before: Sample?, after: Sample) throws {
    interface = director.configuration.interface
    engine = director.configuration.engine.rawValue
    process = director.process
    verdicts = Self.byName(after.verdicts[0])
    services = try director.state().status.map { status in
      ServiceListing(status, verdicts: Self.byName(after.verdicts[status.entry.index]), before: before, after: after)
    }
  }

  private static func byName(_ verdicts: [Verdict: UInt64]?) -> [String: UInt64] {
    Dictionary(uniqueKeysWithValues: (verdicts ?? [:]).map { ("\($0.key)", $0.value) })
  }
}

struct ServiceListing: Encodable {
  let name: String?
  /// One virtual address, or a prefix of them.
  let address: String
  /// One port, a range such as `8000-8099`, `all`, or none for a protocol without ports.
  let port: String?
  let `protocol`: String
  let scheduler = "maglev"
  /// A hash of who owns which slot: the same on every director with the same configuration.
  let table: String
  /// Slots in which flows of somebody else than the owner may still live.
  let unsettled: Int
  let servers: [ServerListing]
  /// Packets that were not sent, by reason.
  let verdicts: [String: UInt64]
}

extension ServiceListing {
  init(_ status: ServiceStatus, verdicts: [String: UInt64], before: Sample?, after: Sample) {
    name = status.name
    address = status.match.addressText
    port = status.match.portText
    `protocol` = status.match.transportProtocol.name
    table = "\(status.tableHash)"
    unsettled = status.unsettledSlots
    servers = status.members.map { ServerListing($0, before: before, after: after) }
    self.verdicts = verdicts
  }
}

struct ServerListing: Encodable {
  let name: String?
  let address: String
  let site: String?
  let encapsulation: String
  let weight: Int
  /// Slots that it owns, of 65,537.
  let slots: Int
  /// `up`, `drain` or `down`.
  let state: String
  /// Whether the way there is known.
  let reachable: Bool
  let packets: UInt64
  let bytes: UInt64
  let flows: UInt64
  /// None where they were not measured.
  let rates: Rates?

  /// A second's traffic.
  struct Rates: Encodable {
    let flows: Double
    let packets: Double
    let bytes: Double
  }
}

extension ServerListing {
  /// Whether it should get packets and cannot.
  var isMissed: Bool { !reachable && state != "down" }

  init(_ member: MemberStatus, before: Sample?, after: Sample) {
    let destination = member.destination
    let total = after.traffic[member.index] ?? TrafficCounter()
    name = destination.name
    address = "\(destination.address)"
    site = destination.site
    encapsulation = destination.outer.name
    weight = destination.weight
    slots = member.slots
    state = destination.lifecycle.name
    reachable = destination.row.isReachable
    (packets, bytes, flows) = (total.packets, total.bytes, total.flows)
    rates = before.map { before in
      Rates(from: before.traffic[member.index] ?? TrafficCounter(), to: total, in: after.time - before.time)
    }
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
