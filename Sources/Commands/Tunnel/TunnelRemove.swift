// SPDX-License-Identifier: MIT
import ArgumentParser
import Provisioning

/// `culvert tunnel remove`
struct TunnelRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Remove tunnels that Culvert made, with their addresses and routes.",
    usage: "culvert tunnel remove <name> ... | --all [--plan]",
    discussion: """
      All of them or none. Those of other programs, and of a real server, stay.

        culvert tunnel remove site-b
      """)

  @Argument(help: "The names of the tunnels.")
  var names: [String] = []

  @Flag(help: "All that 'culvert tunnel' made.")
  var all = false

  @OptionGroup var planning: TunnelPlanning

  @OptionGroup var namespace: NamespaceOptions

  func validate() throws {
    guard all == names.isEmpty else { throw ValidationError("name the tunnels to remove, or give --all") }
  }

  func run() throws {
    try namespace.enter()
    try planning.carryOut(all ? .removeAll : .remove(names))
  }
}
