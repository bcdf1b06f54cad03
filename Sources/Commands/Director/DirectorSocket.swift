// SPDX-License-Identifier: MIT
import ArgumentParser
import Control
import Director

/// Which director is talked to.
struct DirectorSocket: ParsableArguments {
  @Option(help: "The interface of the director, where several run.")
  var interface: String?

  @Option(name: .customLong("state-directory"), help: "Where running state is kept.")
  var stateDirectory = "/run/culvert"

  /// A client of that director, which may have ended meanwhile.
  func client() throws -> ControlClient {
    ControlClient(at: try RuntimeDirectory(below: stateDirectory, choosing: interface).socket)
  }
}
