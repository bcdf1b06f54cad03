// SPDX-License-Identifier: MIT
import ArgumentParser
import Provisioning

/// `culvert real down`
struct RealDown: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "down",
    abstract: "Undo what 'culvert real up' has done, and nothing else.",
    discussion: """
      What was there before stays, such as a virtual address that the host had already.
      A setting that somebody has changed since is left as it is. It works after a
      crash half-way too, and removes the unit of 'up --boot'.

        culvert real down
      """)

  @OptionGroup var directory: UnitDirectoryOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var namespace: NamespaceOptions

  func run() throws {
    try namespace.enter()
    let control = RealServerControl(stateDirectory: state.stateDirectory)
    guard try !control.down(unitDirectory: directory.unitDirectory, report: Output.command) else { return }
    print("not a real server: nothing to undo in \(state.stateDirectory)")
  }
}
