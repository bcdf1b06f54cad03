// SPDX-License-Identifier: MIT
import ArgumentParser
import Linux
import Netlink
import Probing
import Wire

/// `culvert tunnel check NAME`: a packet through it and back.
struct TunnelCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Send echo requests through a tunnel, and say how far they came.",
    usage: "culvert tunnel check <name> [<options>]",
    discussion: """
      Small, and as long as the MTU. Asks the only other address of the tunnel's own, such as that of a /30, or what its \
      routes lead to; --to asks another one. Ends with 1 unless both sizes are answered. Works for any link.

      EXAMPLE: culvert tunnel check site-b --to 10.9.0.2
      """)

  @Argument(help: "The name of the tunnel.")
  var name: String

  @Option(help: "Whom to ask at the other end. (default: by addresses and routes)")
  var to: String?

  @OptionGroup var patience: TimeoutOptions

  @OptionGroup var namespace: NamespaceOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    try namespace.enter()
    try Capability.require(.netRaw, for: "send probes")
    let report = try explaining { try probe(NetlinkConnection()) }
    if json { try Output.json(TunnelListing(report)) } else { print("\(name): \(report.sentence)") }
    guard report.sizes.isGood else { throw ExitCode.failure }
  }

  private func probe(_ netlink: NetlinkConnection) throws -> TunnelReport {
    guard let link = try netlink.link(named: name) else {
      throw CommandFailure("there is no link \(name) here; 'culvert tunnel list' shows the tunnels")
    }
    var probe = TunnelProbe(
      through: link, to: try target(on: link, netlink), timeout: patience.timeout, netlink)
    return try probe.run()
  }

  private func target(on link: Link, _ netlink: NetlinkConnection) throws -> IPAddress {
    if let to { return try IPAddress(to, givenTo: "--to") }
    guard let target = try TunnelEnds.peer(on: link, netlink) else {
      throw CommandFailure(
        "neither addresses nor routes of \(name) say who is at its other end: name somebody with --to")
    }
    return target
  }
}

/// A report as JSON; docs/checks.md describes the keys.
private struct TunnelListing: Encodable {
  let name: String
  let mtu: UInt32
  let remote: String?
  let target: String
  let source: String?
  let isGood: Bool
  let stage: String
  let small: SizeEntry
  let full: SizeEntry?
  let largest: Int?
  let sentence: String

  init(_ report: TunnelReport) {
    (name, mtu, isGood) = (report.name, report.mtu, report.sizes.isGood)
    remote = report.outerEnd.map { "\($0)" }
    target = "\(report.target)"
    source = report.source.map { "\($0)" }
    stage = "\(report.sizes.small.outcome.stage)"
    small = SizeEntry(report.sizes.small)
    full = report.sizes.full.map(SizeEntry.init)
    largest = report.sizes.largest
    sentence = report.sentence
  }
}
