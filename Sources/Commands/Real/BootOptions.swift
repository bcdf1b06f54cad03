// SPDX-License-Identifier: MIT
import ArgumentParser
import BPF
import Linux
import Provisioning

/// Whether a real server comes back after a boot.
struct BootOptions: ParsableArguments {
  @Flag(help: "Install a unit of systemd that does it again at boot.")
  var boot = false

  @OptionGroup var directory: UnitDirectoryOptions

  /// The unit that runs 'culvert real up' with `options`; nil without `--boot`.
  func unit(_ options: RealOptions, _ state: StateOptions, _ namespace: NamespaceOptions) throws -> BootUnit? {
    guard boot else { return nil }
    let places = [
      ("--netns", namespace.netns), ("--bpffs", state.bpffs == BPFFileSystem.usualPath ? nil : state.bpffs),
      ("--unit-directory", directory.unitDirectory == BootUnit.usualDirectory ? nil : directory.unitDirectory),
    ]
    let command =
      [try ExternalProgram.thisOne(), "real", "up", "--boot"] + options.arguments()
      + places.flatMap { option, value in value.map { [option, $0] } ?? [] }
    return BootUnit(directory: directory.unitDirectory, command: command, stateDirectory: state.stateDirectory)
  }
}

/// Where systemd finds units.
struct UnitDirectoryOptions: ParsableArguments {
  @Option(help: "Where the unit is.")
  var unitDirectory = BootUnit.usualDirectory
}
