// SPDX-License-Identifier: MIT
import Netlink
import Wire

/// A packet's way through rules and tables, to see which of them decides.
struct RoutingTrial {
  /// The rule that decides; nil if none does.
  private(set) var rule: RoutingRule?
  /// The route that it leads to; nil for a rule that refuses by itself.
  private(set) var route: Route?

  /// Follows the kernel: rules in their order, and of each table the most special route, then the best one. `input` is
  /// the link that the packet came in by; `lo` for one of this host's own.
  init(
    from source: IPAddress, to destination: IPAddress, input: String = "lo", _ picture: HostPicture
  ) {
    for rule in picture.rules where rule.matches(source, destination, input) {
      guard rule.action == .lookUp else {
        self.rule = rule
        return
      }
      guard let route = picture.route(to: destination, in: rule.table), route.type != .throw else { continue }
      self.rule = rule
      self.route = route
      return
    }
  }

  /// Whether a packet goes anywhere.
  var isDelivered: Bool { route.map { $0.type == .unicast || $0.type == .local } ?? false }

  var isLocal: Bool { route?.type == .local }
}

extension HostPicture {
  fileprivate func route(to destination: IPAddress, in table: RouteTable) -> Route? {
    routes.filter { $0.table == table && $0.destination.covers(destination) }
      .max { ($0.destination.length, $1.priority ?? 0) < ($1.destination.length, $0.priority ?? 0) }
  }
}

extension RoutingRule {
  fileprivate func matches(_ source: IPAddress, _ destination: IPAddress, _ input: String) -> Bool {
    version == destination.version && self.source?.covers(source) != false
      && self.destination?.covers(destination) != false && (inputInterface ?? input) == input
      && outputInterface == nil && (mark ?? 0) == 0
  }

  /// Whether it is one of the three that the kernel begins with.
  var isKernels: Bool {
    source == nil && destination == nil && inputInterface == nil && outputInterface == nil && mark == nil
      && action == .lookUp && [RouteTable.local, .main, .default].contains(table)
  }

  /// As ip(8) has it, to be added or deleted.
  var words: String {
    var words = "priority \(priority ?? 0) from \(source.map(\.brief) ?? "all")"
    if let destination { words += " to \(destination.brief)" }
    if let inputInterface { words += " iif \(inputInterface)" }
    if let outputInterface { words += " oif \(outputInterface)" }
    if let mark { words += " fwmark \(mark)" }
    return "\(words) \(actionWords)"
  }

  private var actionWords: String {
    switch action {
    case .lookUp: "lookup \(table)"
    case .blackhole: "blackhole"
    case .unreachable: "unreachable"
    case .prohibit: "prohibit"
    default: ""
    }
  }
}
