// SPDX-License-Identifier: MIT
import BPF
import KernelEngine
import Linux
import Netlink

/// What ``RealServerControl/up(_:boot:report:)`` would do now. As JSON its keys are stable.
public struct RealServerPlan: Hashable, Sendable, Encodable {
  public var decapsulation: Decapsulation
  /// What to know about it, as remarks of shell.
  public var remarks: [String]
  /// In the order in which they are made; those that are made already too.
  public var changes: [PlannedChange]
  /// What would be taken back, since the host has changed.
  public var obsolete: [PlannedChange]

  /// What is left to do, as lines of shell.
  public var commands: [String] { changes.filter { !$0.isMade }.flatMap(\.commands) }
}

extension RealServerControl {
  /// What ``up(_:boot:report:)`` would do now, as far as the caller may look: nothing is changed, and root is not needed.
  public func plan(_ request: RealServerRequest, boot: BootUnit? = nil) throws -> RealServerPlan {
    try request.validate()
    let netlink = try NetlinkConnection()
    if let journal = try ownJournal() {
      let continued = try journal.continued(for: request, boot, file, on: netlink)
      return try continued.arrangement.plan(after: journal.changes, on: netlink)
    }
    let (decapsulation, reason) = try expectedDecapsulation(request, netlink)
    var plan = try RealServerArrangement(request, decapsulation, boot, on: netlink).plan(on: netlink)
    plan.remarks = reason.map { [$0] } ?? []
    return plan
  }
}

extension RealServerArrangement {
  fileprivate func plan(after made: [Change] = [], on netlink: NetlinkConnection) throws -> RealServerPlan {
    let changes = changes
    let obsolete = made.filter { recorded in !changes.contains { $0.isSame(as: recorded) } }
    return RealServerPlan(
      decapsulation: decapsulation, remarks: [],
      changes: try mount() + changes.map { try $0.planned(on: netlink) },
      obsolete: try obsolete.map { try $0.planned(on: netlink) })
  }

  private func mount() throws -> [PlannedChange] {
    guard decapsulation == .bpf, try !BPFFileSystem.isMounted(at: request.bpffs) else { return [] }
    return [PlannedChange(commands: [BPFFileSystem.mountCommand(at: request.bpffs)], isMade: false)]
  }
}

extension RealServerControl {
  /// Who would decapsulate, and why it is not the kernel: drivers are looked for, not loaded.
  private func expectedDecapsulation(
    _ request: RealServerRequest, _ netlink: NetlinkConnection
  ) throws -> (Decapsulation, String?) {
    guard request.encapsulation.tunnel != nil else { return (.unneeded, nil) }
    guard request.decapsulation == .auto else { return (request.decapsulation == .bpf ? .bpf : .kernel, nil) }
    if let refusal = request.refusalByKernel { return (.bpf, "# \(refusal)") }
    let arrangement = try RealServerArrangement(request, .kernel, on: netlink)
    if let missing = arrangement.drivers.first(where: { !KernelModule($0.module).isAvailable }) {
      return (.bpf, "# the kernel has no \(missing) driver, it seems: Culvert's own decapsulator takes its place")
    }
    if arrangement.port != nil, try FOUConnection() == nil {
      return (.bpf, "# the kernel has no fou driver: Culvert's own decapsulator takes its place")
    }
    return (.kernel, nil)
  }
}
