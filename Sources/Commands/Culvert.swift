// SPDX-License-Identifier: MIT
public import ArgumentParser
import Director

/// `culvert`: one binary for directors and real servers. Nouns show, verbs change.
public struct Culvert: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "culvert",
    abstract: "A tunnelling layer-4 load balancer with direct server return.",
    discussion: """
      On a director:     culvert run --config /etc/culvert.yaml
      On a real server:  culvert real up --vip 203.0.113.80 --director 192.0.2.10 \\
                           --interface eth0
      """,
    version: Version.text,
    subcommands: [
      Run.self, Check.self, List.self, ServerCommand.self, Monitor.self, Failover.self, Where.self, Replay.self,
      TunnelCommand.self, RealCommand.self, Pass.self, Benchmark.self,
    ]
  )

  public init() {}
}
