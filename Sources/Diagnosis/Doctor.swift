// SPDX-License-Identifier: MIT
import Linux
public import Provisioning

/// Finds out why a real server does not answer, and puts it right.
public struct Doctor {
  private let control: RealServerControl
  private let stateDirectory: String
  private let question: Question

  /// For the host that the calling thread is on, in its network namespace.
  ///
  /// - Parameters:
  ///   - stateDirectory: Where 'culvert real up' has put on record what the host is to be.
  ///   - question: Who is asked about.
  public init(stateDirectory: String, _ question: Question = Question()) {
    control = RealServerControl(stateDirectory: stateDirectory)
    self.stateDirectory = stateDirectory
    self.question = question
  }

  /// What was found, and what mends it.
  public struct Examination: Hashable, Sendable {
    /// Of every check, in their order.
    public var findings: [Finding]
    /// What mends those that failed, in the same order.
    var mends: [Mend] = []

    /// Whether nothing has failed.
    public var isHealthy: Bool { !findings.contains { $0.verdict == .failed } }
    /// Whether anything can be done about what has failed.
    public var isMendable: Bool { !mends.isEmpty }
  }

  /// Looks at everything, and tries one packet. Needs root.
  public func examine() throws -> Examination {
    try Capability.require(.netAdmin, .netRaw, .bpf, for: "examine a real server")
    guard let expectation = try Expectation(control, question) else { return Self.unrecorded(stateDirectory) }
    let host = Case(expectation: expectation, picture: try HostPicture(of: expectation))
    return Self.examine(host, words: { $0.text(expectation.request, stateDirectory) })
  }

  private static func unrecorded(_ stateDirectory: String) -> Examination {
    let name = CheckName.record
    return Examination(findings: [
      Finding(
        number: name.number, name: name.rawValue, verdict: .failed,
        found: "this host is no real server, by \(stateDirectory)",
        why: "nothing says which virtual addresses and directors there are",
        mend: "culvert real up --vip ADDRESS --director ADDRESS --interface NAME")
    ])
  }

  /// The checks one after the other; one that fails when its cause has failed is a consequence, and no failure of its own.
  static func examine(_ host: Case, _ checks: [Check] = Check.all, words: (Mend) -> String) -> Examination {
    var examination = Examination(findings: [recorded(host)])
    // By the check that has failed, the cause that it leads back to.
    var roots: [CheckName: CheckName] = [:]
    for check in checks {
      var observation = check.examine(host)
      if case .failed(let found, _, _) = observation {
        let root = CheckName.allCases.first { check.causes.contains($0) && roots[$0] != nil }.flatMap { roots[$0] }
        roots[check.name] = root ?? check.name
        if let root { observation = .skipped("\(found), because of \(root.number) (\(root.rawValue))") }
      }
      examination.add(check.name, observation, words)
    }
    return examination
  }

  private static func recorded(_ host: Case) -> Finding {
    let request = host.expectation.request
    return Finding(
      number: CheckName.record.number, name: CheckName.record.rawValue, verdict: .ok,
      found: "a real server for \(list(request.virtualAddresses.map(\.brief))) on \(request.interface)")
  }

  /// Runs what mends the failed findings of `examination`, in their order; `report` gets each command before.
  ///
  /// - Throws: at the first one that does not work.
  public func mend(_ examination: Examination, report: @escaping Report) throws {
    guard let record = try control.record() else { return }
    for mend in examination.mends { try mend.apply(control, record.request, report) }
  }
}

extension Doctor.Examination {
  fileprivate mutating func add(_ name: CheckName, _ observation: Observation, _ words: (Mend) -> String) {
    var finding = Finding(number: name.number, name: name.rawValue, verdict: .ok, found: "")
    switch observation {
    case .ok(let found): finding.found = found
    case .skipped(let found): (finding.verdict, finding.found) = (.skipped, found)
    case .failed(let found, let why, let mend):
      (finding.verdict, finding.found, finding.why, finding.mend) = (.failed, found, why, mend.map(words))
      if let mend { mends.append(mend) }
    case .warning(let found, let why, let mend):
      (finding.verdict, finding.found, finding.why, finding.mend) = (.warning, found, why, mend.map(words))
    }
    findings.append(finding)
  }
}
