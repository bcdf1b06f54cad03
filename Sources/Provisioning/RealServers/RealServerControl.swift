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
  /// The same request again changes only what is missing by now.
  public func up(_ request: RealServerRequest, report: @escaping Report) throws -> Outcome {
    try request.validate()
    try Capability.require(.netAdmin, for: "set up a real server")
    return try file.locked {
      let netlink = try NetlinkConnection()
      if let journal = try ownJournal() {
        guard journal.arrangement.request == request else {
          throw ProvisioningError(
            "this host is a real server already, with other options (\(file.path)): run 'culvert real down' first")
        }
        return try apply(journal, netlink, report)
      }
      return try start(request, netlink, report)
    }
  }

  /// Takes back what ``up(_:report:)`` has changed, also where that was interrupted.
  ///
  /// - Returns: whether there was anything.
  public func down(report: @escaping Report) throws -> Bool {
    guard try file.read() != nil else { return false }
    try Capability.require(.netAdmin, for: "undo the set-up of a real server")
    return try file.locked {
      guard let journal = try ownJournal() else { return false }
      var transaction = transaction(journal, try NetlinkConnection(), report)
      try transaction.revert()
      return true
    }
  }

  private func start(
    _ request: RealServerRequest, _ netlink: NetlinkConnection, _ report: @escaping Report
  ) throws -> Outcome {
    func start(_ decapsulation: Decapsulation) throws -> Outcome {
      let arrangement = try RealServerArrangement(request, decapsulation, on: netlink)
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
    try transaction.apply(journal.arrangement.changes)
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
