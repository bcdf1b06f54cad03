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
      A setting that somebody has changed since is left as it is.
      """)

  @OptionGroup var state: StateOptions

  func run() throws {
    let control = RealServerControl(stateDirectory: state.stateDirectory)
    guard try !control.down(report: Output.command) else { return }
    print("not a real server: nothing to undo in \(state.stateDirectory)")
  }
}
