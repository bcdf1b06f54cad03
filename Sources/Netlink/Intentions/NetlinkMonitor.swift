// SPDX-License-Identifier: MIT
import CLinux
public import SystemPackage

/// Something that changed in the kernel's network tables.
public enum NetlinkEvent: Hashable, Sendable {
  /// What happened to the entry.
  public enum Change: Hashable, Sendable {
    /// It is new or different.
    case set
    case removed
  }

  case link(Change, Link)
  case address(Change, InterfaceAddress)
  case route(Change, Route)
  case neighbour(Change, Neighbour)
  /// Events were lost because nobody read them in time.
  case overrun
}

/// Tells what changes in links, addresses, routes and neighbours of one network namespace.
///
/// Open it before reading the tables, so that no change falls between, and read them anew after any event: then what
/// was read last is what there is, unless another event waits, whether the kernel told every change, lost some, or never
/// tells them, such as the routes that disappear with their link.
public struct NetlinkMonitor: ~Copyable {
  private var socket: NetlinkSocket

  private static let groups = [
    RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_NEIGH,
  ]

  /// Room for thousands of changes that wait to be read, in bytes; the kernel counts its own overhead too.
  private static let usualReserve: CInt = 4 << 20

  /// Listens in the network namespace of the calling thread. Needs no privilege; without, the host's limit for receive
  /// buffers holds, and events are lost earlier.
  public init() throws(NetlinkError) {
    try self.init(reserve: Self.usualReserve)
  }

  init(reserve: CInt) throws(NetlinkError) {
    let socket = try NetlinkSocket(isBlocking: false)
    socket.reserve(reserve)
    for group in Self.groups { try socket.set(NETLINK_ADD_MEMBERSHIP, to: CInt(group.rawValue)) }
    self.socket = socket
  }

  /// Readable when something has changed; on loan.
  public var borrowed: FileDescriptor { socket.descriptor }

  /// What has changed since the last call, oldest first; does not block.
  ///
  /// A message that cannot be understood counts as ``NetlinkEvent/overrun``: it stands for a change we do not know.
  public mutating func events() throws(NetlinkError) -> [NetlinkEvent] {
    var events: [NetlinkEvent] = []
    while true {
      do throws(NetlinkError) {
        try socket.receive("follow changes of the network") { message throws(NetlinkError) in
          do throws(MalformedMessage) {
            if let event = try NetlinkEvent(message) { events.append(event) }
          } catch {
            events.append(.overrun)
          }
        }
      } catch {
        switch error.errno {
        case .wouldBlock: return events
        case .noBufferSpace, .badMessage, .noSpace: events.append(.overrun)
        default: throw error
        }
      }
    }
  }
}

extension NetlinkEvent {
  /// Reads a notification; `nil` for those that are about something else.
  init?(_ message: Message) throws(MalformedMessage) {
    let event: NetlinkEvent? =
      switch message.type {
      case .newLink: try Link(message).map { .link(.set, $0) }
      case .deleteLink: try Link(message).map { .link(.removed, $0) }
      case .newAddress: try InterfaceAddress(message).map { .address(.set, $0) }
      case .deleteAddress: try InterfaceAddress(message).map { .address(.removed, $0) }
      case .newRoute: try Route(message).map { .route(.set, $0) }
      case .deleteRoute: try Route(message).map { .route(.removed, $0) }
      case .newNeighbour: try Neighbour(message).map { .neighbour(.set, $0) }
      case .deleteNeighbour: try Neighbour(message).map { .neighbour(.removed, $0) }
      default: nil
      }
    guard let event else { return nil }
    self = event
  }
}
