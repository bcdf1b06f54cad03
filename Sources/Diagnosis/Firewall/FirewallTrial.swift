// SPDX-License-Identifier: MIT
import Wire

/// A packet's way through the filters, as far as they can be read.
struct FirewallTrial {
  private let firewall: Firewall
  private(set) var packet: FirewallPacket
  /// What drops the packet for sure.
  private(set) var drop: Culprit?
  /// What drops it unless a condition that Culvert cannot judge says otherwise.
  private(set) var suspects: [Culprit] = []
  /// Whether some rule before may have let it pass.
  private var isDoubtful = false

  /// A rule that drops, or a base chain that drops what no rule lets pass.
  struct Culprit: Hashable, Sendable {
    /// The base chain that the kernel began with.
    var base: FirewallChain
    /// The chain that holds the rule.
    var chain: String
    /// nil for the base chain's policy.
    var rule: String?
  }

  /// Sends `packet` through the chains at `hooks`, in the kernel's order.
  init(_ packet: FirewallPacket, through firewall: Firewall, _ hooks: [FirewallChain.Hook]) {
    self.firewall = firewall
    self.packet = packet
    for hook in hooks {
      for chain in bases(at: hook) where drop == nil { enter(chain) }
    }
  }

  private func bases(at hook: FirewallChain.Hook) -> [FirewallChain] {
    firewall.chains
      .filter { chain in
        guard let base = chain.base, base.hook == hook else { return false }
        return (base.device == nil || base.device == packet.input) && sees(chain.family)
      }
      .sorted { ($0.base?.priority ?? 0) < ($1.base?.priority ?? 0) }
  }

  private func sees(_ family: String) -> Bool {
    family == "inet" || family == "netdev" || family == packet.version.word
  }

  private mutating func enter(_ base: FirewallChain) {
    isDoubtful = false
    let end = walk(base, from: base, depth: 0)
    guard end == .none, base.base?.drops == true else { return }
    accuse(Culprit(base: base, chain: base.name))
  }

  /// What a chain has come to; `.none` where no rule has decided.
  private enum End { case none, decided }

  private mutating func walk(_ chain: FirewallChain, from base: FirewallChain, depth: Int) -> End {
    for rule in chain.rules {
      let fit = fit(rule)
      guard fit != .no else { continue }
      let isSure = fit == .yes
      if !isSure, rule.action == .return { isDoubtful = true }
      if isSure, rule.action == .return { return .none }
      if take(rule, isSure, chain, base, depth) == .decided { return .decided }
      if isSure, case .goto = rule.action { return .none }
    }
    return .none
  }

  private mutating func take(
    _ rule: FirewallRule, _ isSure: Bool, _ chain: FirewallChain, _ base: FirewallChain, _ depth: Int
  ) -> End {
    switch rule.action {
    case .accept where isSure: return .decided
    case .accept: isDoubtful = true
    case .drop, .unknown:
      let culprit = Culprit(base: base, chain: chain.name, rule: rule.text)
      guard isSure, rule.action == .drop else {
        suspects.append(culprit)
        return .none
      }
      accuse(culprit)
      return .decided
    case .jump(let name), .goto(let name): return jump(to: name, isSure, base, depth)
    case .redirect(let address) where isSure && address.version == packet.version: packet.destination = address
    case .redirect, .return, .proceed: break
    }
    return .none
  }

  private mutating func jump(to name: String, _ isSure: Bool, _ base: FirewallChain, _ depth: Int) -> End {
    guard depth < 16, let target = firewall.chain(name, beside: base) else { return .none }
    let wasDoubtful = isDoubtful
    isDoubtful = isDoubtful || !isSure
    let end = walk(target, from: base, depth: depth + 1)
    guard !isSure else { return end }
    // Nobody knows whether the jump was taken.
    isDoubtful = wasDoubtful || end == .decided
    return .none
  }

  private mutating func accuse(_ culprit: Culprit) {
    if isDoubtful { suspects.append(culprit) } else { drop = culprit }
  }

  private func fit(_ rule: FirewallRule) -> Fit {
    let fits = rule.conditions.map { $0.holds(for: packet) }
    return fits.contains(.no) ? .no : fits.contains(.unknown) ? .unknown : .yes
  }
}

extension Firewall {
  /// The chain `name` in the same table as `other`.
  fileprivate func chain(_ name: String, beside other: FirewallChain) -> FirewallChain? {
    chains.first { ($0.tool, $0.family, $0.table, $0.name) == (other.tool, other.family, other.table, name) }
  }
}
