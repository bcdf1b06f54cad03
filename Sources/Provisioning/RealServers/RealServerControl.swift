// SPDX-License-Identifier: MIT
import BPF
import KernelEngine
import Linux
import Netlink
import SystemPackage

/// Makes the host, as far as it is in the calling thread's network namespace, a real server, and undoes it.
public struct RealServerControl {
  let file: JournalFile

  /// The one that keeps its journal in `stateDirectory`, which is made when it is needed.
  public init(stateDirectory: String) {
    file = JournalFile(directory: FilePath(stateDirectory))
  }

  /// How ``up(_:report:)`` ended.
  public struct Outcome: Hashable, Sendable {
    public let decapsulation: Decapsulation
    /// Whether anything had to be done.
    public let isChanged: Bool
  }

  /// Makes this host what `request` says, or fails and leaves everything as it was.
  ///
  /// The same request again changes only what is missing by now, and follows what has changed on the host. With `boot`,
  /// that is installed as well; one that was installed before stays.
  public func up(_ request: RealServerRequest, boot: BootUnit? = nil, report: @escaping Report) throws -> Outcome {
    try request.validate()
    try Capability.require(.netAdmin, for: "set up a real server")
    return try file.locked {
      let netlink = try NetlinkConnection()
      guard let journal = try ownJournal() else { return try start(request, boot, netlink, report) }
      return try apply(journal.continued(for: request, boot, file, on: netlink), netlink, report)
    }
  }

  /// Takes back what ``up(_:boot:report:)`` has changed, also where that was interrupted.
  ///
  /// - Parameters:
  ///   - unitDirectory: Where to look for a unit that no journal tells of, since a boot has removed that.
  ///   - report: Gets each command.
  /// - Returns: whether there was anything.
  /// - Throws: ``ProvisioningError`` with all that could not be taken back; it stays recorded.
  public func down(unitDirectory: String = BootUnit.usualDirectory, report: @escaping Report) throws -> Bool {
    var isChanged = false
    if try file.read() != nil {
      try Capability.require(.netAdmin, for: "undo the set-up of a real server")
      isChanged = try file.locked { try takeBack(report) }
    }
    return try BootUnit.removeLeftover(in: unitDirectory, of: file.directory, report) || isChanged
  }

  private func takeBack(_ report: @escaping Report) throws -> Bool {
    guard let journal = try ownJournal() else { return false }
    var transaction = transaction(journal, try NetlinkConnection(), report)
    try transaction.revert()
    return true
  }

  private func start(
    _ request: RealServerRequest, _ boot: BootUnit?, _ netlink: NetlinkConnection, _ report: @escaping Report
  ) throws -> Outcome {
    func start(_ decapsulation: Decapsulation) throws -> Outcome {
      let arrangement = try RealServerArrangement(request, decapsulation, boot, on: netlink)
      let journal = Journal(namespace: try NetworkNamespace.current().number(), arrangement: arrangement)
      return try apply(journal, netlink, report)
    }
    guard request.encapsulation.tunnel != nil else { return try start(.unneeded) }
    switch request.decapsulation {
    case .kernel: return try start(.kernel)
    case .bpf: return try start(.bpf)
    case .auto:
      guard request.refusalByKernel == nil else { return try start(.bpf) }
      do {
        return try start(.kernel)
      } catch let missing as MissingDriver {
        report("# the kernel has no \(missing.driver) driver: Culvert's own decapsulator takes its place")
        return try start(.bpf)
      } catch let missing as MissingProgram {
        report(
          "# there is no \(missing.name) to limit the kernel's tunnels: Culvert's own decapsulator takes their place")
        return try start(.bpf)
      }
    }
  }

  private func apply(
    _ journal: Journal, _ netlink: NetlinkConnection, _ report: @escaping Report
  ) throws -> Outcome {
    if journal.arrangement.decapsulation == .bpf {
      try Capability.require(.bpf, for: "attach the decapsulator")
      _ = try BPFFileSystem.prepared(at: journal.arrangement.request.bpffs, report: report)
    }
    var isChanged = false
    var transaction = transaction(journal, netlink) { line in
      isChanged = true
      report(line)
    }
    try transaction.converge(to: journal.arrangement.changes)
    return Outcome(decapsulation: journal.arrangement.decapsulation, isChanged: isChanged)
  }

  /// A transaction that goes on from `journal`, and keeps the file in step.
  func transaction(
    _ journal: Journal, _ netlink: NetlinkConnection, _ report: @escaping Report
  ) -> Transaction {
    Transaction(netlink, continuing: journal.changes, report: report) { changes in
      var journal = journal
      journal.changes = changes
      try file.write(journal)
    }
  }

  /// The journal, which must be about the calling thread's network namespace.
  func ownJournal() throws -> Journal? {
    guard let journal = try file.read() else { return nil }
    guard try journal.namespace == NetworkNamespace.current().number() else {
      throw ProvisioningError(
        """
        \(file.path) is about another network namespace: run this there, or give --state-directory for this one's own
        """)
    }
    return journal
  }
}
