// SPDX-License-Identifier: MIT
import Balancing
import Configuration
import Control
import DataPlane
import Director
import Wire

/// What `culvert list` shows. Its JSON is stable: docs/commands.md describes it.
struct Listing: Encodable {
  let interface: String
  let engine: String
  /// The process that supervises the tables; none where the data path goes on alone.
  let process: Int32?
  var services: [ServiceListing]
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
      ServiceListing(
        status, director.runtime, verdicts: Self.byName(after.verdicts[status.entry.index]), before: before,
        after: after)
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
  /// What is known of its pools; empty where no director wrote it down.
  var pools: [PoolReport] = []
  /// `fail-open`, `reset` or `drop` while no member is up.
  var allDown: String?
  /// Packets that were not sent, by reason.
  let verdicts: [String: UInt64]
}

extension ServiceListing {
  init(
    _ status: ServiceStatus, _ runtime: RuntimeState?, verdicts: [String: UInt64], before: Sample?, after: Sample
  ) {
    name = status.name
    address = status.match.addressText
    port = status.match.portText
    `protocol` = status.match.transportProtocol.name
    table = "\(status.tableHash)"
    unsettled = status.unsettledSlots
    servers = status.members.map { member in
      ServerListing(member, Standing(of: member, in: status, runtime), before: before, after: after)
    }
    let report = runtime?.services.first { $0.name == status.name }
    pools = report?.pools ?? []
    allDown = report?.allDown
    self.verdicts = verdicts
  }
}
