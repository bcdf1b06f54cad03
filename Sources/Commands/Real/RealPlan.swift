// SPDX-License-Identifier: MIT
import ArgumentParser
import Provisioning

/// `culvert real plan`
struct RealPlan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Print what 'culvert real up' would do, and change nothing.",
    usage: "culvert real plan --config <file> | --vip <vip> --interface <name> ...",
    discussion: """
      Prints a line of shell for each change that is left to make, and remarks that
      start with '#'. Root is not needed; what only root may see counts as not made.

        culvert real plan --vip 203.0.113.80 --director 192.0.2.10 --interface eth0
        culvert real plan --config /etc/culvert/real.yaml
      """)

  @OptionGroup var options: RealOptions
  @OptionGroup var boot: BootOptions

  @Flag(help: "As JSON, with stable keys.")
  var json = false

  @OptionGroup var state: StateOptions
  @OptionGroup var namespace: NamespaceOptions

  func run() throws {
    try namespace.enter()
    let unit = try boot.unit(options, state, namespace)
    let request = try options.request(bpffs: state.bpffs)
    let plan = try RealServerControl(stateDirectory: state.stateDirectory).plan(request, boot: unit)
    if json { return try Output.json(plan) }
    let lines = plan.remarks + plan.commands + plan.obsolete.flatMap(\.commands).map { "# no longer needed: \($0)" }
    guard !lines.isEmpty else { return Output.note("nothing to do: all of it is done") }
    print(lines.joined(separator: "\n"))
  }
}
