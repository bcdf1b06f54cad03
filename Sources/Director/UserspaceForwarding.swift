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
  private var claimed: Set<IPPrefix>
  let isTakenOver: Bool

  init(tables: FilePath, netlink: NetlinkConnection) throws {
    engine = try UserspaceEngine(tablesFile: tables)
    let prefixes = engine.contents().matching.entries.keys.map(\.prefix)
    isTakenOver = !prefixes.isEmpty
    self.netlink = netlink
    claimed = []
    let standing = try blackholes()
    claimed = Set(prefixes.filter(standing.contains))
  }

  private func blackholes() throws(NetlinkError) -> [IPPrefix] {
    try netlink.routes(protocol: .culvert).filter { $0.type == .blackhole }.map(\.destination)
  }

  func start(at link: Link, logger: Logger) throws {
    try engine.start(interface: CInt(link.index.rawValue), name: link.name) { error in
      logger.error("forwarding", metadata: ["error": "\(error)"])
    }
  }

  func claim(_ prefixes: Set<IPPrefix>, logger: Logger) throws {
    let standing = try blackholes()
    for prefix in prefixes.subtracting(claimed) {
      do {
        if !standing.contains(prefix) { try netlink.addRoute(Self.blackhole(prefix)) }
        claimed.insert(prefix)
      } catch {
        logger.warning(
          "the host's own stack may answer for a virtual address",
          metadata: ["service.address": "\(prefix)", "reason": "\(error)"])
      }
    }
    for prefix in claimed.subtracting(prefixes) { release(prefix) }
  }

  private func release(_ prefix: IPPrefix) {
    try? netlink.deleteRoute(Self.blackhole(prefix))
    claimed.remove(prefix)
  }

  private static func blackhole(_ prefix: IPPrefix) -> Route {
    Route(destination: prefix, protocol: .culvert, type: .blackhole)
  }

  func stop() {
    engine.stop()
    for prefix in claimed { release(prefix) }
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
  func forgetFlows(idleFor ticks: UInt32, now: Tick) { engine.forgetFlows(idleFor: ticks, now: now) }
  func flow(hash: UInt64) -> Flow? { engine.flow(hash: hash) }
  func flowCounts() -> [DestinationIndex: Int] { engine.flowCounts() }
  func contents() -> TableContents { engine.contents() }
}
