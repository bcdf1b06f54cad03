// SPDX-License-Identifier: MIT
import Linux
import Netlink
import Wire

/// What the kernel's tunnels do not look at, as a table of nftables: a device takes packets from its director alone, but
/// for anybody; and the open port of GUE and FOU takes from everybody, whatever protocol is inside.
///
/// One transaction of the kernel makes or removes the table: nobody sees half of it.
struct TunnelFilter: Hashable, Sendable, Codable {
  /// The table's family and name.
  static let table = "inet culvert"

  /// The devices.
  var tunnels: [String]
  /// What packets that leave them may be for.
  var virtualAddresses: [IPPrefix]
  /// Who may send to the port.
  var directors: [IPPrefix]
  /// The UDP port of GUE and FOU; nil for none.
  var port: UInt16?

  /// The chains. Before connections are tracked, so that what is dropped leaves no trace there.
  private var chains: String {
    let port = port.map { port in
      directors.map { "\($0.nft("saddr")) udp dport \(port) accept" } + ["udp dport \(port) drop"]
    }
    let incoming =
      ["type filter hook prerouting priority -450; policy accept"]
      + tunnels.map { "iifname \"\($0)\" jump tunnelled" } + (port ?? [])
    let tunnelled = virtualAddresses.map { "\($0.nft("daddr")) accept" } + ["drop"]
    return chain("tunnelled", tunnelled) + " " + chain("incoming", incoming)
  }

  private func chain(_ name: String, _ rules: [String]) -> String {
    "chain \(name) { \(rules.joined(separator: "; ")); };"
  }

  private var definition: String { "table \(Self.table) { \(chains) }" }

  /// The table as the kernel has it; nil where there is none, or nobody may look.
  private static func found() throws -> String? {
    guard ExternalProgram.nft.file != nil else { return nil }
    let ending = try ExternalProgram.nft.run(["list table \(table)"])
    return ending.status == 0 ? ending.output : nil
  }

  /// nft(8) lists with lines and tabs what is written here with semicolons.
  private static func words(_ text: String) -> [Substring] { text.split { " \t\n;".contains($0) } }

  private static func run(_ commands: String) throws {
    guard ExternalProgram.nft.file != nil else { throw MissingProgram.nft }
    let ending = try ExternalProgram.nft.run([commands])
    guard ending.status != 0 else { return }
    throw ProvisioningError("nft(8) cannot do '\(commands)': \(ending.output)")
  }
}

extension TunnelFilter: Step {
  var commands: [String] { ["nft '\(definition)'"] }

  func isMade(on netlink: NetlinkConnection) throws -> Bool {
    try Self.found().map(Self.words) == Self.words(definition)
  }

  func remembering(on netlink: NetlinkConnection) throws -> Change {
    guard ExternalProgram.nft.file != nil else { throw MissingProgram.nft }
    return .filter(self)
  }

  /// In the place of one with other contents, if need be.
  func make(on netlink: NetlinkConnection, _ report: Report) throws {
    try Self.run("table \(Self.table); delete table \(Self.table); \(definition)")
  }

  func revert(on netlink: NetlinkConnection, _ report: Report) throws {
    guard try Self.found() != nil else { return }
    report("nft delete table \(Self.table)")
    try Self.run("delete table \(Self.table)")
  }
}

/// A program of the system that a change needs.
struct MissingProgram: Error, Hashable, Sendable, CustomStringConvertible {
  static let nft = Self(name: "nft", package: "nftables")

  let name: String
  /// Debian's.
  let package: String

  var description: String {
    """
    there is no \(name), which limits the kernel's tunnels to the virtual addresses: 'apt-get install \(package)', or \
    use --decapsulate bpf, which does so by itself
    """
  }
}

extension ExternalProgram {
  static let nft = ExternalProgram("nft")
}

extension IPPrefix {
  /// A match of nftables, such as `ip saddr 192.0.2.10`.
  fileprivate func nft(_ field: String) -> String {
    "\(address.version == .v6 ? "ip6" : "ip") \(field) \(shortText)"
  }
}
