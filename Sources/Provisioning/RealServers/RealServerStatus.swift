// SPDX-License-Identifier: MIT
import BPF
import DataPlane
import KernelEngine
import Linux
import Netlink
public import Wire

/// What a real server is like now, beside what was asked for. As JSON its keys are stable.
public struct RealServerStatus: Hashable, Sendable, Encodable {
  /// Always true: where there is no real server there is no status.
  public let isUp = true
  public var interface: String
  public var decapsulation: Decapsulation
  /// What directors send.
  public var encapsulation: Delivery
  /// The GRE key that packets must carry, if there is one.
  public var key: UInt32?
  /// The UDP port that they arrive at, if they come in UDP.
  public var port: UInt16?
  /// Addresses, or prefixes of them.
  public var directors: [String]
  /// The outer destinations.
  public var endpoints: [IPAddress]
  public var virtualAddresses: [VirtualAddress]
  /// The MSS that clients are told, in bytes, by `IPv4` and `IPv6`; empty where full-size packets fit.
  public var maximumSegments: [String: UInt32]
  /// What keeps others than directors, and packets for others than the virtual addresses, out; nil without a tunnel.
  public var allowList: AllowList?
  /// The unit of systemd that does all of it at boot; nil without one.
  public var bootUnit: String?
  public var settings: [Setting]
  /// `native` or `generic`, where Culvert's decapsulator is attached.
  public var xdpMode: String?
  /// How often Culvert's decapsulator gave each verdict, by its name in the manual.
  public var verdicts: [String: UInt64]?
  /// The kernel's tunnels, where they decapsulate.
  public var tunnels: [TunnelView]?
  /// What is not as it should be, a sentence each.
  public var problems: [String]

  /// Where directors and virtual addresses are listed.
  public enum AllowList: String, Hashable, Sendable, Encodable {
    case bpf
    /// Tunnel devices know their director; the rest is a table of nftables.
    case nftables
  }

  /// A virtual address, or a prefix of them, and the links that hold it.
  public struct VirtualAddress: Hashable, Sendable, Encodable {
    public var address: String
    public var links: [String]
  }

  /// A kernel setting: the larger of the interface's value and that of `all` holds.
  public struct Setting: Hashable, Sendable, Encodable {
    /// As sysctl(8) has it.
    public var key: String
    /// At least.
    public var needed: Int
    /// The value that holds; nil if the interface is gone.
    public var found: Int?
  }
}

extension RealServerControl {
  /// How the real server is; nil if this host was not made one, or not by this state directory.
  public func status() throws -> RealServerStatus? {
    guard let journal = try ownJournal() else { return nil }
    let netlink = try NetlinkConnection()
    let arrangement = journal.arrangement.lookingAgain(at: netlink)
    if arrangement.decapsulation == .bpf { try Capability.require(.bpf, for: "look at the decapsulator") }
    var status = RealServerStatus(
      interface: arrangement.request.interface, decapsulation: arrangement.decapsulation,
      encapsulation: arrangement.request.encapsulation, key: arrangement.request.key, port: arrangement.port,
      directors: arrangement.request.directors.map(\.shortText), endpoints: arrangement.endpoints,
      virtualAddresses: try holders(of: arrangement.request.virtualAddresses, netlink),
      maximumSegments: arrangement.maximumSegments, allowList: arrangement.allowList,
      bootUnit: arrangement.boot?.path, settings: try arrangement.settings(),
      problems: try problems(arrangement, netlink))
    switch arrangement.decapsulation {
    case .kernel: status.tunnels = try arrangement.tunnels(netlink)
    case .bpf: try status.read(arrangement.attachedDecapsulator, netlink)
    case .unneeded: break
    }
    return status
  }

  private func holders(
    of prefixes: [IPPrefix], _ netlink: NetlinkConnection
  ) throws -> [RealServerStatus.VirtualAddress] {
    let names = Dictionary(uniqueKeysWithValues: try netlink.links().map { ($0.index, $0.name) })
    let held = try netlink.addresses().map { (IPPrefix(host: $0.address), $0.interface) }
    let local = try netlink.routes(table: .local, protocol: .culvert).compactMap { route in
      route.interface.map { (route.destination, $0) }
    }
    return prefixes.map { prefix in
      .init(address: prefix.shortText, links: (held + local).filter { $0.0 == prefix }.compactMap { names[$0.1] })
    }
  }

  /// What of the arrangement is missing, and decapsulators that take from anybody.
  private func problems(_ arrangement: RealServerArrangement, _ netlink: NetlinkConnection) throws -> [String] {
    var missing: [Change] = []
    for change in arrangement.changes where try !change.isMade(on: netlink) { missing.append(change) }
    let open = try TunnelView.all(netlink).filter(\.isOpen)
    return missing.flatMap(\.commands).map { "not done: \($0) ('culvert real up', as before, does it)" }
      + open.map { "\($0.name) decapsulates for everybody (CVE-2020-10136): 'ip link set dev \($0.name) down'" }
  }
}

extension RealServerArrangement {
  fileprivate var maximumSegments: [String: UInt32] {
    Dictionary(uniqueKeysWithValues: returns.map { ("IPv\($0.version.rawValue)", $0.maximumSegment) })
  }

  fileprivate var allowList: RealServerStatus.AllowList? {
    switch decapsulation {
    case .kernel: .nftables
    case .bpf: .bpf
    case .unneeded: nil
    }
  }

  fileprivate func settings() throws -> [RealServerStatus.Setting] {
    try changes.compactMap { change in
      guard case .setting(let setting) = change else { return nil }
      return .init(key: setting.key, needed: setting.value, found: try setting.effective())
    }
  }

  fileprivate func tunnels(_ netlink: NetlinkConnection) throws -> [TunnelView] {
    let names = changes.compactMap { change in
      if case .tunnel(let link) = change { link.name } else { nil }
    }
    return try TunnelView.all(netlink).filter { names.contains($0.name) }
  }
}

extension RealServerStatus {
  fileprivate mutating func read(_ decapsulator: AttachedDecapsulator, _ netlink: NetlinkConnection) throws {
    guard let occupant = try decapsulator.attached(on: netlink) else { return }
    xdpMode = occupant.mode?.rawValue
    let counters = try Decapsulator(keptIn: decapsulator.pins()).counters()
    verdicts = Dictionary(uniqueKeysWithValues: counters.map { ("\($0.key)", $0.value) })
  }
}
