// SPDX-License-Identifier: MIT
import Netlink

/// Gets each command that is run, as a line of shell, and remarks that start with `#`.
public typealias Report = (String) -> Void

/// A change to this host that can be undone, also by another process: what a journal holds.
enum Change: Hashable, Sendable, Codable {
  case port(TunnelPort)
  case tunnel(TunnelLink)
  case address(LinkAddress)
  case route(LinkRoute)
  case setting(InterfaceSetting)
  case decapsulator(AttachedDecapsulator)
  case filter(TunnelFilter)
  case returnRoutes(ReturnRoutes)
  case rule(SourceRule)
  case boot(BootUnit)

  private var step: any Step {
    switch self {
    case .port(let step): step
    case .tunnel(let step): step
    case .address(let step): step
    case .route(let step): step
    case .setting(let step): step
    case .decapsulator(let step): step
    case .filter(let step): step
    case .returnRoutes(let step): step
    case .rule(let step): step
    case .boot(let step): step
    }
  }

  /// What it does, as shell.
  var commands: [String] { step.commands }

  /// Whether nothing is left to do.
  func isMade(on netlink: NetlinkConnection) throws -> Bool { try step.isMade(on: netlink) }

  /// The change with what it takes to undo it. To be asked for before it is made.
  func remembering(on netlink: NetlinkConnection) throws -> Change { try step.remembering(on: netlink) }

  /// Makes the change, or fails and leaves everything as it is.
  func make(on netlink: NetlinkConnection, _ report: Report) throws { try step.make(on: netlink, report) }

  /// Takes the change back as far as it is there, and was not changed again by somebody else.
  func revert(on netlink: NetlinkConnection, _ report: Report) throws { try step.revert(on: netlink, report) }

  /// Whether both are about the same thing, so that only one of them can be made.
  func isSame(as other: Change) -> Bool {
    switch (self, other) {
    case (.setting(let setting), .setting(let other)): setting.isSame(as: other)
    case (.returnRoutes(let routes), .returnRoutes(let others)): routes.version == others.version
    case (.filter, .filter): true
    case (.boot(let unit), .boot(let other)): unit.isSame(as: other)
    default: self == other
    }
  }

  /// What to record for `change`, of which an earlier process has recorded this: that alone knows what was before.
  func renewed(as change: Change) -> Change {
    switch (self, change) {
    case (.boot(let recorded), .boot(var unit)):
      unit.hadLinks = recorded.hadLinks
      return .boot(unit)
    case (.returnRoutes, _), (.filter, _): return change
    default: return self
    }
  }

  /// Whether it is Culvert's also where no journal tells so: after a boot there is none.
  var outlivesJournal: Bool { if case .boot = self { true } else { false } }
}

/// One kind of change; see ``Change`` for what the members promise.
protocol Step {
  var commands: [String] { get }
  func isMade(on netlink: NetlinkConnection) throws -> Bool
  func remembering(on netlink: NetlinkConnection) throws -> Change
  func make(on netlink: NetlinkConnection, _ report: Report) throws
  func revert(on netlink: NetlinkConnection, _ report: Report) throws
}
