// SPDX-License-Identifier: MIT
import ArgumentParser
import Linux

/// Where a command works: in the caller's network namespace, or in another one.
struct NamespaceOptions: ParsableArguments {
  @Option(help: "The network namespace to work in: a name of 'ip netns', or a path.")
  var netns: String?

  /// Moves the process there. To be called before anything else, while it has one thread.
  func enter() throws {
    guard let netns else { return }
    try NetworkNamespace(path: netns.contains("/") ? netns : "/run/netns/\(netns)").enter()
  }
}
