// SPDX-License-Identifier: MIT
import ArgumentParser
import Netlink
import Provisioning

/// Whether to do something, or only to say it.
struct TunnelPlanning: ParsableArguments {
  @Flag(help: "Print the commands of ip(8) that do the same, and change nothing.")
  var plan = false

  @Flag(name: .shortAndLong, help: "Do not print the commands while they are done.")
  var quiet = false

  /// Does what `request` says, or prints what that would be. Remarks go to the standard error, a plan to the output.
  func carryOut(_ request: TunnelRequest) throws {
    let control = TunnelControl(try NetlinkConnection())
    if plan {
      let commands = try control.plan(request).commands
      return commands.isEmpty ? Output.note(Self.nothing) : print(commands.joined(separator: "\n"))
    }
    let done = try control.perform(request) { if !quiet { Output.command($0) } }
    Output.note(Self.summary(done))
  }

  private static let nothing = "nothing to do: everything is as it shall be"

  private static func summary(_ plan: TunnelPlan) -> String {
    guard !plan.isEmpty else { return nothing }
    let counts = plan.counts
    return [
      (counts.made, "made"), (counts.changed, "changed"), (counts.removed, "removed"), (counts.kept, "as before"),
    ].filter { $0.0 > 0 }.map { "\(Output.count($0.0, "tunnel")) \($0.1)" }.joined(separator: ", ")
  }
}
