// SPDX-License-Identifier: MIT
import Linux
import Netlink
import SystemPackage
import Wire

/// Makes the steps of a plan, many of one nature at once, or takes back what it made.
struct TunnelRun {
  private let netlink: NetlinkConnection
  private let report: Report

  init(_ netlink: NetlinkConnection, report: @escaping Report) {
    self.netlink = netlink
    self.report = report
  }

  /// How many steps are made before the next look whether a signal waits.
  private static let stride = 1024

  /// Makes `plan`, or leaves everything as it was at `before`.
  func run(_ plan: TunnelPlan, from before: TunnelHost) throws {
    try requireDrivers(plan)
    try SignalHold.during { hold in
      do {
        try make(plan.steps) {
          if let signal = hold.waiting { throw Interruption(signal: signal) }
        }
        try verify(plan)
      } catch let failure {
        try takeBack(plan, to: before, after: failure)
        throw failure
      }
    }
  }

  /// Refuses before anything is done what would be refused in the middle.
  private func requireDrivers(_ plan: TunnelPlan) throws {
    let opensPorts = plan.steps.contains { if case .openPort = $0 { true } else { false } }
    guard try !opensPorts || FOUConnection() != nil else { throw MissingDriver.fou }
  }

  private func make(_ steps: [TunnelStep], asking check: () throws -> Void) throws {
    for steps in Self.portions(of: steps) {
      try check()
      steps.flatMap(\.commands).forEach(report)
      switch steps.first?.nature {
      case .ports: try steps.forEach(changePort)
      case .deletion: try deleteLinks(steps)
      case .creation: try createLinks(steps)
      case .changes: try changeLinks(steps)
      case .contents: try changeContents(steps)
      case nil: break
      }
    }
  }

  /// Consecutive steps of one nature, not too many at once. Any number of links is removed at once.
  static func portions(of steps: [TunnelStep]) -> [[TunnelStep]] {
    var portions: [[TunnelStep]] = []
    for step in steps {
      let isFull = portions.last.map { $0.count >= stride } ?? true
      if let last = portions.last?.last, last.nature == step.nature, !isFull || step.nature == .deletion {
        portions[portions.count - 1].append(step)
      } else {
        portions.append([step])
      }
    }
    return portions
  }

  /// Whether the kernel took everything: some drivers pass over what they cannot change.
  private func verify(_ plan: TunnelPlan) throws {
    let host = try TunnelHost(netlink)
    for wanted in plan.transitions.compactMap(\.wanted) {
      let differences = host.find(wanted.name)?.differences(from: TunnelView(wanted)).map(\.description)
      guard let differences, differences.isEmpty else {
        let found = differences?.joined(separator: ", ") ?? "it is gone"
        throw ProvisioningError(
          "the kernel did not make \(wanted.name) as it shall be (\(found)): leave out what it does not take")
      }
    }
  }

  /// Makes of what there is by now what there was before, as far as it belongs to `culvert tunnel`.
  private func takeBack(_ plan: TunnelPlan, to before: TunnelHost, after failure: any Error) throws {
    do {
      let now = try TunnelHost(netlink)
      let back = plan.transitions.filter { now.links[$0.name] == nil || now.find($0.name)?.owner == .tunnel }
        .map { TunnelTransition(name: $0.name, found: now.find($0.name), wanted: $0.found?.setup) }
      try make(TunnelPlan(back, on: now, keeping: before.ports ?? []).steps) {}
    } catch {
      throw ProvisioningError("\(failure); then, taking back what was done: \(error)")
    }
  }
}

extension TunnelRun {
  private func changePort(_ step: TunnelStep) throws {
    guard let ports = try FOUConnection() else { throw MissingDriver.fou }
    switch step {
    case .closePort(let port): try ports.deletePort(port.kernelPort)
    case .openPort(let port):
      do throws(NetlinkError) { try ports.addPort(port.kernelPort) } catch { throw port.explain(error) }
    default: break
    }
  }

  private func deleteLinks(_ steps: [TunnelStep]) throws {
    let indices = try indices()
    try netlink.deleteLinks(steps.compactMap { $0.link.flatMap { indices[$0] } })
  }

  private func createLinks(_ steps: [TunnelStep]) throws {
    let indices = try indices()
    let links = steps.compactMap { step in if case .createLink(let link) = step { link } else { nil } }
    do throws(NetlinkBatchError) {
      try netlink.createLinks(
        links.map { link in
          let tunnel = link.settings(underlying: link.device.flatMap { indices[$0] })
          return NewLink(
            link.name, .tunnel(link.kind, tunnel),
            LinkSettings(isUp: link.isUp, mtu: link.mtu, alias: link.owner.mark))
        })
    } catch {
      throw links[error.refusals.first?.position ?? 0].explain(error.first)
    }
  }

  private func changeLinks(_ steps: [TunnelStep]) throws {
    let indices = try indices()
    var batch = NetlinkBatch()
    var links: [TunnelLink] = []
    for case .changeLink(let link, _) in steps {
      guard let index = indices[link.name] else { continue }
      let tunnel = link.settings(underlying: link.device.flatMap { indices[$0] })
      try batch.changeLink(
        index, .tunnel(link.kind, tunnel), LinkSettings(isUp: link.isUp, mtu: link.mtu))
      links.append(link)
    }
    do throws(NetlinkBatchError) {
      try netlink.commit(batch)
    } catch {
      throw links[error.refusals.first?.position ?? 0].explain(error.first)
    }
  }

  private func changeContents(_ steps: [TunnelStep]) throws {
    let indices = try indices()
    var batch = NetlinkBatch()
    for step in steps {
      guard let index = step.link.flatMap({ indices[$0] }) else { continue }
      switch step {
      case .deleteRoute(let route, _): try batch.deleteRoute(route.route(through: index))
      case .deleteAddress(let prefix, _): try batch.deleteAddress(InterfaceAddress(interface: index, prefix: prefix))
      case .addAddress(let prefix, _): try batch.addAddress(InterfaceAddress(interface: index, prefix: prefix))
      case .addRoute(let route, _): try batch.addRoute(route.route(through: index))
      default: break
      }
    }
    do throws(NetlinkBatchError) { try netlink.commit(batch) } catch { throw Self.explain(error.first) }
  }

  /// The refusal of an address or a route in words that say what to do.
  private static func explain(_ error: NetlinkError) -> any Error {
    guard error.errno == .fileExists, error.operation.hasPrefix("add route") else { return error }
    return ProvisioningError(
      "\(error): another route leads there already; give one of the two a metric: --route 'PREFIX metric 100'")
  }

  private func indices() throws -> [String: InterfaceIndex] {
    Dictionary(try netlink.links().map { ($0.name, $0.index) }) { first, _ in first }
  }
}
