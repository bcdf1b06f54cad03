// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// What has to be done so that tunnels are what they shall be. Made by ``TunnelControl``.
public struct TunnelPlan: Hashable, Sendable {
  /// From what there is to what there shall be, of each tunnel that the plan is about.
  let transitions: [TunnelTransition]
  /// In the order they are made in.
  let steps: [TunnelStep]

  /// The same as commands of ip(8), which one could type.
  public var commands: [String] { steps.flatMap(\.commands) }
  /// Whether everything is as it shall be.
  public var isEmpty: Bool { steps.isEmpty }

  /// How many tunnels it makes, changes and removes, and leaves as they are.
  public var counts: (made: Int, changed: Int, removed: Int, kept: Int) {
    let touched = Set(steps.compactMap(\.link))
    func count(_ condition: (TunnelTransition) -> Bool) -> Int { transitions.count(where: condition) }
    return (
      made: count { $0.found == nil && $0.wanted != nil },
      changed: count { $0.found != nil && $0.wanted != nil && touched.contains($0.name) },
      removed: count { $0.found != nil && $0.wanted == nil },
      kept: count { $0.found != nil && $0.wanted != nil && !touched.contains($0.name) }
    )
  }

  /// The steps of all `transitions` on `host`, which closes no port among `kept`.
  init(_ transitions: [TunnelTransition], on host: TunnelHost, keeping kept: [FOUPort] = []) throws {
    let ports = try TunnelPorts(transitions, on: host, keeping: kept)
    self.transitions = transitions
    steps =
      ports.closing.map { .closePort($0) }
      + transitions.compactMap(\.deletion) + transitions.compactMap(\.change) + transitions.compactMap(\.creation)
      + ports.opening.map { .openPort($0) }
      + transitions.flatMap(\.contents)
  }
}

extension TunnelStep {
  /// The link that it is about, if it is about one.
  var link: String? {
    switch self {
    case .closePort, .openPort: nil
    case .createLink(let link), .changeLink(let link, _): link.name
    case .deleteLink(let name), .deleteRoute(_, let name), .deleteAddress(_, let name), .addAddress(_, let name),
      .addRoute(_, let name):
      name
    }
  }
}
