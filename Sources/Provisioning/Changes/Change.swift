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

  private var step: any Step {
    switch self {
    case .port(let step): step
    case .tunnel(let step): step
    case .address(let step): step
    case .route(let step): step
    case .setting(let step): step
    case .decapsulator(let step): step
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

  /// Whether both do the same, whatever was there before.
  func isSame(as other: Change) -> Bool {
    if case .setting(let setting) = self, case .setting(let other) = other { return setting.isSame(as: other) }
    return self == other
  }
}

/// One kind of change; see ``Change`` for what the members promise.
protocol Step {
  var commands: [String] { get }
  func isMade(on netlink: NetlinkConnection) throws -> Bool
  func remembering(on netlink: NetlinkConnection) throws -> Change
  func make(on netlink: NetlinkConnection, _ report: Report) throws
  func revert(on netlink: NetlinkConnection, _ report: Report) throws
}
