// SPDX-License-Identifier: MIT
import Netlink
import SystemPackage
import Wire

/// A UDP port whose datagrams the kernel unwraps and hands to tunnel devices.
struct TunnelPort: Hashable, Sendable, Codable {
  /// The version of the outer header.
  var outer: IPVersion
  var port: UInt16
  var content = Content.gue

  /// What arrives there.
  enum Content: String, Hashable, Sendable, Codable {
    /// GUE of both variants. Foo over UDP with IP in it arrives here too, as variant 1: a port for that alone would take
    /// packets of one IP version only.
    case gue
    /// Foo over UDP with GRE in it, whose first bits GUE would take for a header of its own.
    case gre

    /// What devices of `kind` send in `encapsulation`.
    init(of kind: Tunnel.Kind, in encapsulation: TunnelEncapsulation) {
      self = kind.isGRE && encapsulation == .fou ? .gre : .gue
    }
  }

  /// GRE's number among the protocols of IP.
  private static let gre: UInt8 = 47

  /// As the kernel has it.
  var kernelPort: FOUPort {
    FOUPort(version: outer, port: port, content: content == .gue ? .gue : .direct(Self.gre))
  }

  /// Whether `found` is at the same place, whatever arrives there.
  func collides(with found: FOUPort) -> Bool { found.version == outer && found.port == port }

  /// Whether `link` sends to the port at its other end, and so expects answers at this one.
  func serves(_ link: Link) -> Bool {
    guard case .tunnel(let kind, let tunnel) = link.info, let udp = tunnel.udp, let form = TunnelEncapsulation(udp)
    else { return false }
    return TunnelPort(outer: kind.outer, port: udp.destinationPort, content: .init(of: kind, in: form)) == self
  }

  var opening: String { words("add") + (content == .gue ? " gue" : " ipproto \(Self.gre)") + family }
  var closing: String { words("del") + family }

  private func words(_ verb: String) -> String { "ip fou \(verb) port \(port)" }
  private var family: String { outer == .v6 ? " -6" : "" }

  /// Why it cannot be opened where `found` is.
  func refusal(_ found: FOUPort) -> ProvisioningError {
    let other =
      switch found.content {
      case .gue: "GUE, and for Foo over UDP with IP in it"
      case .direct(let number): "Foo over UDP of IP protocol \(number) alone"
      }
    return ProvisioningError(
      "UDP port \(port) is open for \(other): choose another --port, here and at the other end, or '\(closing)'")
  }

  /// The kernel's refusal in words that say what to do.
  func explain(_ error: NetlinkError) -> any Error {
    guard error.errno == .addressInUse else { return error }
    return ProvisioningError(
      "UDP port \(port) is taken by a program: choose another --port, here and at the other end")
  }
}

extension TunnelPort: Step {
  var commands: [String] { [opening] }

  func isMade(on netlink: NetlinkConnection) throws -> Bool {
    let ports = try FOUConnection()?.ports() ?? []
    guard let found = ports.first(where: collides) else { return false }
    guard found == kernelPort else { throw refusal(found) }
    return true
  }

  func remembering(on netlink: NetlinkConnection) -> Change { .port(self) }

  func make(on netlink: NetlinkConnection, _ report: Report) throws {
    guard let connection = try FOUConnection() else { throw MissingDriver.fou }
    do throws(NetlinkError) {
      try connection.addPort(kernelPort)
    } catch {
      throw explain(error)
    }
  }

  /// Closes the port, unless another tunnel needs it.
  func revert(on netlink: NetlinkConnection, _ report: Report) throws {
    guard let connection = try FOUConnection(), try connection.ports().contains(kernelPort) else { return }
    guard try !netlink.links().contains(where: serves) else {
      return report("# UDP port \(port) stays open for another tunnel")
    }
    report(closing)
    try connection.deletePort(kernelPort)
  }
}
