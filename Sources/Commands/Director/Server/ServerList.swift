// SPDX-License-Identifier: MIT
import ArgumentParser
import Control
import Health

/// `culvert server list`
struct ServerList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List real servers: their state, since when, on whose word, and why.",
    usage: "culvert server [list] [--json]",
    discussion: """
      A server that does different things in different services has a line for each; 'culvert server show' has more.

        culvert server list
      """)

  @Flag(help: "Print JSON, as the API has it.")
  var json = false

  @OptionGroup var director: DirectorSocket

  func run() throws {
    let servers = try explaining { try director.client().servers() }
    if json { return try Output.json(servers) }
    print(Self.text(servers, at: .now))
  }

  static func text(_ servers: [ServerReport], at now: Timestamp) -> String {
    var table = TextTable(
      ("NAME", .left), ("ADDRESS", .left), ("SITE", .left), ("STATE", .left), ("SINCE", .right), ("BY", .left),
      ("WHY", .left))
    for server in servers {
      let doings = server.doings
      for doing in doings {
        table.add(
          server.name.shortened(to: 15), server.address, (server.site ?? "").shortened(to: 8), doing.state.rawValue,
          "\(Age(of: doing.since, at: now))", doing.by.shortened(to: 15),
          doings.count > 1 ? server.serviceText(doing) : doing.reason)
      }
    }
    return table.text.split(separator: "\n").map { $0.count > 80 ? $0.prefix(79) + "…" : $0 }.joined(separator: "\n")
  }
}

extension ServerReport {
  /// What it does, once for all services in which it does the same.
  var doings: [MembershipReport] {
    memberships.reduce(into: []) { doings, membership in
      if !doings.contains(where: { $0.isLike(membership) }) { doings.append(membership) }
    }
  }

  /// `in web, mail: kernel upgrade`
  fileprivate func serviceText(_ doing: MembershipReport) -> String {
    let services = memberships.filter { $0.isLike(doing) }.map(\.service)
    return "in \(services.joined(separator: ", "))" + (doing.reason.isEmpty ? "" : ": \(doing.reason)")
  }
}

extension MembershipReport {
  fileprivate func isLike(_ other: MembershipReport) -> Bool {
    (state, by, reason) == (other.state, other.by, other.reason)
  }
}
