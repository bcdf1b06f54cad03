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
  public var directors: [IPAddress]
  /// The outer destinations.
  public var endpoints: [IPAddress]
  public var virtualAddresses: [VirtualAddress]
  public var settings: [Setting]
  /// `native` or `generic`, where Culvert's decapsulator is attached.
  public var xdpMode: String?
  /// How often Culvert's decapsulator gave each verdict, by its name in the manual.
  public var verdicts: [String: UInt64]?
  /// The kernel's tunnels, where they decapsulate.
  public var tunnels: [TunnelView]?
  /// What is not as it should be, a sentence each.
  public var problems: [String]

  /// A virtual address and the links that hold it.
  public struct VirtualAddress: Hashable, Sendable, Encodable {
    public var address: IPAddress
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
    let arrangement = journal.arrangement
    if arrangement.decapsulation == .bpf { try Capability.require(.bpf, for: "look at the decapsulator") }
    let netlink = try NetlinkConnection()
    var status = RealServerStatus(
      interface: arrangement.request.interface, decapsulation: arrangement.decapsulation,
      directors: arrangement.request.directors, endpoints: arrangement.endpoints,
      virtualAddresses: try holders(of: arrangement.request.virtualAddresses, netlink),
      settings: try arrangement.settings(), problems: try problems(arrangement, netlink))
    switch arrangement.decapsulation {
    case .kernel: status.tunnels = try arrangement.tunnels(netlink)
    case .bpf: try status.read(arrangement.attachedDecapsulator, netlink)
    }
    return status
  }

  private func holders(
    of addresses: [IPAddress], _ netlink: NetlinkConnection
  ) throws -> [RealServerStatus.VirtualAddress] {
    let names = Dictionary(uniqueKeysWithValues: try netlink.links().map { ($0.index, $0.name) })
    let held = try netlink.addresses(.v4)
    return addresses.map { address in
      .init(address: address, links: held.filter { $0.address == address }.compactMap { names[$0.interface] })
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
