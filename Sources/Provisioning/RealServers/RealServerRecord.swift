// SPDX-License-Identifier: MIT
import Netlink
public import Wire

/// What ``RealServerControl/up(_:boot:report:)`` has written down about this host: how it should be.
public struct RealServerRecord: Hashable, Sendable {
  public let request: RealServerRequest
  public let decapsulation: Decapsulation
  /// The outer destinations; empty without a tunnel.
  public let endpoints: [IPAddress]
  /// The UDP port that directors send to, if they send UDP.
  public let port: UInt16?
  /// The kernel's tunnel devices, by name; none where Culvert decapsulates, or nobody does.
  public let tunnels: [String]
  /// The interfaces on which neighbours may ask for addresses of this host, the one of the request first.
  public let interfaces: [String]
  /// The link that holds the virtual addresses of each version; of several devices, each holds all of them.
  public let holders: [IPVersion: [String]]
  /// The MSS that clients are told, for each version that has a smaller one than its links would give; in bytes.
  public let maximumSegments: [IPVersion: UInt32]
  /// The systemd unit that does all this at boot; nil without one.
  public let bootUnit: String?
  /// In the order in which they are made.
  public let changes: [PlannedChange]
}

/// A change that a real server needs, and whether it is made now. As JSON its keys are stable.
public struct PlannedChange: Hashable, Sendable, Encodable {
  /// What it does, as lines of shell; a remark, which starts with `#`, where no shell can do it.
  public let commands: [String]
  public let isMade: Bool
}

extension RealServerControl {
  /// How this host should be, beside how it is; nil if it was not made a real server, or not by this state directory.
  ///
  /// Needs no privilege; what only root may look at then counts as not made.
  public func record() throws -> RealServerRecord? {
    guard let journal = try ownJournal() else { return nil }
    let netlink = try NetlinkConnection()
    return try journal.arrangement.lookingAgain(at: netlink).record(on: netlink)
  }
}

extension RealServerArrangement {
  fileprivate func record(on netlink: NetlinkConnection) throws -> RealServerRecord {
    RealServerRecord(
      request: request, decapsulation: decapsulation, endpoints: endpoints, port: port,
      tunnels: tunnelNames, interfaces: interfaces, holders: holders,
      maximumSegments: Dictionary(uniqueKeysWithValues: returns.map { ($0.version, $0.maximumSegment) }),
      bootUnit: boot?.path,
      changes: changes.map { change in
        // What is in the way of a change is no reason not to tell about it.
        (try? change.planned(on: netlink)) ?? PlannedChange(commands: change.commands, isMade: false)
      })
  }

  private var holders: [IPVersion: [String]] {
    [.v4: decapsulation == .kernel ? tunnelNames : [Self.addressLink], .v6: [Self.addressLink]]
  }
}

extension Change {
  /// The change with the values from before it, as far as it is not made.
  func planned(on netlink: NetlinkConnection) throws -> PlannedChange {
    let isMade = try isMade(on: netlink)
    let change = isMade ? self : (try? remembering(on: netlink)) ?? self
    return PlannedChange(commands: change.commands, isMade: isMade)
  }
}
