// SPDX-License-Identifier: MIT
import Balancing
import DataPlane
import Linux
import Logging
import Netlink
import SystemPackage
import UserspaceEngine
import Wire

/// The userspace engine as the director runs it: with routes that keep the host's own stack from answering.
///
/// A packet socket sees a copy of each packet; the host's stack has the other one, and would forward or refuse it. A
/// blackhole route makes it drop packets for the virtual addresses without a word.
final class UserspaceForwarding: ForwardingEngine {
  private let engine: UserspaceEngine
  private let netlink: NetlinkConnection
  /// Virtual addresses with a route of ours; one that was killed may have left some.
  private var claimed: Set<IPAddress>
  let isTakenOver: Bool

  init(tables: FilePath, netlink: NetlinkConnection) throws {
    engine = try UserspaceEngine(tablesFile: tables)
    let services = engine.contents().services.keys
    isTakenOver = !services.isEmpty
    self.netlink = netlink
    claimed = []
    let standing = try blackholes()
    claimed = Set(services.map { IPAddress(mapped: $0.address) }.filter { standing.contains(IPPrefix(host: $0)) })
  }

  private func blackholes() throws(NetlinkError) -> [IPPrefix] {
    try netlink.routes(protocol: .culvert).filter { $0.type == .blackhole }.map(\.destination)
  }

  func start(at link: Link, logger: Logger) throws {
    try engine.start(interface: CInt(link.index.rawValue), name: link.name) { error in
      logger.error("forwarding", metadata: ["error": "\(error)"])
    }
  }

  func claim(_ addresses: Set<IPAddress>, logger: Logger) throws {
    let standing = try blackholes()
    for address in addresses.subtracting(claimed) {
      do {
        let route = Self.blackhole(address)
        if !standing.contains(route.destination) { try netlink.addRoute(route) }
        claimed.insert(address)
      } catch {
        logger.warning(
          "the host's own stack may answer for a virtual address",
          metadata: ["service.address": "\(address)", "reason": "\(error)"])
      }
    }
    for address in claimed.subtracting(addresses) { release(address) }
  }

  private func release(_ address: IPAddress) {
    try? netlink.deleteRoute(Self.blackhole(address))
    claimed.remove(address)
  }

  private static func blackhole(_ address: IPAddress) -> Route {
    Route(destination: IPPrefix(host: address), protocol: .culvert, type: .blackhole)
  }

  func stop() {
    engine.stop()
    for address in claimed { release(address) }
  }
}

// The tables are the engine's.
extension UserspaceForwarding {
  var kind: String { engine.kind }
  var description: String { engine.description }
  func commit(_ update: TableUpdate) throws(EngineError) { try engine.commit(update) }
  func observedTransitions() -> [UInt32: [UInt32: Tick]] { engine.observedTransitions() }
  func traffic() -> [DestinationIndex: TrafficCounter] { engine.traffic() }
  func verdicts() -> [UInt32: [Verdict: UInt64]] { engine.verdicts() }
  func forgetIdleFlows(olderThan point: Tick) { engine.forgetIdleFlows(olderThan: point) }
  func flow(_ key: FlowKey) -> Flow? { engine.flow(key) }
  func contents() -> TableContents { engine.contents() }
}
