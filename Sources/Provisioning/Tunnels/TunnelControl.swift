// SPDX-License-Identifier: MIT
import Glibc
import Linux
public import Netlink
import SystemPackage
import Wire

/// Makes, changes and removes tunnels, each request as a whole or not at all.
///
/// It works on the network namespace in which `netlink` was opened, which has to be the calling thread's.
public struct TunnelControl {
  let netlink: NetlinkConnection

  public init(_ netlink: NetlinkConnection) {
    self.netlink = netlink
  }

  /// What would be done now. Changes nothing, and needs no privilege.
  ///
  /// - Throws: ``ProvisioningError`` with what would be right, if the request cannot be meant like this.
  public func plan(_ request: TunnelRequest) throws -> TunnelPlan {
    try plan(request, on: TunnelHost(netlink))
  }

  /// Does it, or fails and leaves everything as it was. Signals that end the process wait meanwhile; what has been done
  /// is taken back then.
  ///
  /// - Returns: what was done.
  @discardableResult
  public func perform(_ request: TunnelRequest, report: @escaping Report) throws -> TunnelPlan {
    try Capability.require(.netAdmin, for: "change tunnels")
    let claim = try Self.claim()
    defer { withExtendedLifetime(claim) {} }
    let before = try TunnelHost(netlink)
    let plan = try plan(request, on: before)
    try TunnelRun(netlink, report: report).run(plan, from: before)
    return plan
  }
}

extension TunnelControl {
  private static let claimName = "culvert tunnel"
  /// How long another process may take with its tunnels, in seconds, and how often it is looked for, in microseconds.
  private static let patience = (deadline: 30, interval: UInt32(20_000))

  /// Makes sure that no other process changes tunnels of this network namespace meanwhile.
  private static func claim() throws -> NameClaim {
    let deadline = ContinuousClock.now + .seconds(patience.deadline)
    while true {
      do throws(LinuxError) {
        return try NameClaim(claimName)
      } catch {
        guard error.errno == .addressInUse else { throw error }
        guard ContinuousClock.now < deadline else {
          let holder = NameClaim.holder(of: claimName).map { "process \($0)" } ?? "another process"
          throw ProvisioningError("\(holder) is changing tunnels for \(patience.deadline) s: try again after it")
        }
        usleep(patience.interval)
      }
    }
  }
}
