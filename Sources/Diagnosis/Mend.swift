// SPDX-License-Identifier: MIT
import Linux
import Provisioning

/// What puts something right: commands of a shell, then what Culvert does by itself.
struct Mend: Hashable, Sendable {
  /// Run one after the other.
  var shell: [String] = []
  var then = Step.nothing

  enum Step: Hashable, Sendable {
    case nothing
    /// 'culvert real up' makes again what is on record.
    case restore
    /// 'culvert real down', and 'culvert real up' with other options.
    case restart(RealServerRequest)
  }

  /// What is on record is made again.
  static let restoring = Mend(then: .restore)

  static func shell(_ commands: String...) -> Mend { Mend(shell: commands) }

  /// What is on record is made again, after what is in its way is gone.
  static func restoring(after commands: String...) -> Mend { Mend(shell: commands, then: .restore) }
}

extension Mend {
  /// One line of shell, for a host with `request` on record in `stateDirectory`.
  func text(_ request: RealServerRequest, _ stateDirectory: String) -> String {
    let state = stateDirectory == "/run/culvert" ? "" : " --state-directory \(stateDirectory)"
    func up(_ request: RealServerRequest) -> String { "culvert real up \(request.options)\(state)" }
    let own =
      switch then {
      case .nothing: [] as [String]
      case .restore: [up(request)]
      case .restart(let other): ["culvert real down\(state)", up(other)]
      }
    return (shell + own).joined(separator: " && ")
  }

  /// Does it in the calling thread's network namespace.
  func apply(_ control: RealServerControl, _ request: RealServerRequest, _ report: @escaping Report) throws {
    for command in shell {
      report(command)
      let ending = try ExternalProgram("sh").run(["-c", command])
      guard ending.status == 0 else {
        throw ProvisioningError("'\(command)' ended with status \(ending.status): \(ending.output)")
      }
    }
    switch then {
    case .nothing: break
    case .restore: _ = try control.up(request, report: report)
    case .restart(let other):
      _ = try control.down(report: report)
      _ = try control.up(other, report: report)
    }
  }
}
