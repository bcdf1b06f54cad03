// SPDX-License-Identifier: MIT
import ArgumentParser
import Netlink
import Provisioning

/// What `culvert tunnel add` and `culvert tunnel change` say alike about a tunnel. What is not given stays as it is.
struct TunnelOptions: ParsableArguments {
  @Option(
    help: """
      What it carries, where the kind leaves a choice; sit: any, ipip, ip6ip; ip6tnl: any, ipip6, ip6ip6. \
      (default: any)
      """)
  var mode: String?

  @Option(help: "Put it into UDP: fou for nothing but UDP, gue for a header more, none. (default: none)")
  var encap: UDPForm?

  @Option(help: "The UDP port of both ends, with --encap. (default: 6080)")
  var port: UInt16?

  @Option(help: "A number that both ends agree on, gre kinds only, or none. (default: none)")
  var key: String?

  @Option(help: "The outer time to live, 1 to 255, or inherit: that of the packet inside. (default: 64)")
  var ttl: String?

  @Option(help: "The outer type of service, 0 to 252, or inherit: that of the packet inside. (default: inherit)")
  var tos: String?

  @Flag
  var pathMTU: PathMTUDiscovery?

  @Option(help: "How deeply packets may be nested further, 0 to 255, or none; over IPv6. (default: none)")
  var encaplimit: String?

  @Option(help: "The MTU in bytes, or auto: that of the route to the other end, less what is added. (default: auto)")
  var mtu: String?

  @Option(help: "The interface to send through, or none: that of the route. (default: none)")
  var device: String?

  /// `--pmtudisc` or `--no-pmtudisc`.
  enum PathMTUDiscovery: EnumerableFlag {
    case pmtudisc, noPmtudisc

    static func help(for value: Self) -> ArgumentHelp? {
      switch value {
      case .pmtudisc: "Forbid fragments and follow the path's MTU; as by default."
      case .noPmtudisc: "Let routers divide outer packets, over IPv4."
      }
    }
  }

  enum UDPForm: String, ExpressibleByArgument, CaseIterable {
    case fou, gue, none
  }
}

extension TunnelOptions {
  /// Puts what is given into `link`.
  func apply(to link: inout TunnelLink) throws {
    if let mode { link.mode = try Tunnel.Payload(mode: mode, of: link.kind) }
    try applyOuterHeader(to: &link)
    if let key { link.key = try Self.number(key, or: "none", "--key", in: 0...UInt32.max) }
    if let device { link.device = device == "none" ? nil : device }
    applyEncapsulation(to: &link)
    if changesOverhead { link.mtu = nil }
    if let mtu { link.mtu = try Self.number(mtu, or: "auto", "--mtu", in: 0...UInt32.max) }
  }

  /// Whether another MTU may be right, unless one is given.
  private var changesOverhead: Bool { encap != nil || key != nil || encaplimit != nil || device != nil }

  private func applyOuterHeader(to link: inout TunnelLink) throws {
    if let ttl { link.ttl = try Self.number(ttl, or: "inherit", "--ttl", in: 1...UInt8.max) ?? 0 }
    if let tos { link.tos = try Self.number(tos, or: "inherit", "--tos", in: 0...UInt8.max) }
    if let pathMTU { link.discoversPathMTU = pathMTU == .pmtudisc }
    if let encaplimit {
      link.encapsulationLimit = try Self.number(encaplimit, or: "none", "--encaplimit", in: 0...UInt8.max)
    }
  }

  private func applyEncapsulation(to link: inout TunnelLink) {
    if let encap {
      link.encapsulation = TunnelEncapsulation(rawValue: encap.rawValue)
      if link.encapsulation == nil { link.port = nil }
    }
    link.port = port ?? link.port ?? link.usualPort
  }

  /// The number that `text` is; nil for `word`.
  private static func number<Number: FixedWidthInteger>(
    _ text: String, or word: String, _ option: String, in range: ClosedRange<Number>
  ) throws -> Number? {
    if text == word { return nil }
    // As ip(8) writes some of them.
    let number = text.hasPrefix("0x") ? Number(text.dropFirst(2), radix: 16) : Number(text)
    guard let number, range.contains(number) else {
      throw CommandFailure(
        "\(option) \(text): neither \(word) nor a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
