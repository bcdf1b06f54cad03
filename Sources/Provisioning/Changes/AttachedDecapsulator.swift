// SPDX-License-Identifier: MIT
import BPF
import KernelEngine
import Netlink
import Wire

/// Culvert's decapsulator on an interface, kept alive by pins.
struct AttachedDecapsulator: Hashable, Sendable, Codable {
  var interface: String
  /// The BPF file system that its pins are in.
  var bpffs: String
  /// The outer destinations.
  var endpoints: [IPAddress]
  /// The outer sources.
  var directors: [IPPrefix]
  var virtualAddresses: [IPPrefix]
  /// The UDP port of GUE and FOU; nil for none.
  var port: UInt16?
  /// The key that GRE has to carry; nil for any, or none.
  var key: UInt32?

  private var allowList: AllowList {
    AllowList(endpoints: endpoints, directors: directors, virtualAddresses: virtualAddresses, port: port, key: key)
  }

  func pins() throws -> PinDirectory {
    try .inThisNamespace(root: BPFFileSystem(at: bpffs), role: .real, interface: interface)
  }

  /// The program on the interface, if the pins keep one there.
  func attached(on netlink: NetlinkConnection) throws -> XDPOccupant? {
    guard let link = try netlink.link(named: interface), let pins = try? pins(),
      let info = try? BPF.Link.openPinned(at: "\(pins.path)/link").info(), info.interface == link.index.rawValue
    else { return nil }
    return try XDP.query(interface: link.index.rawValue)
  }
}

extension AttachedDecapsulator: Step {
  /// No other tool loads what is inside Culvert, so this is a remark.
  var commands: [String] { ["# attach Culvert's decapsulator to \(interface), with pins below \(bpffs)"] }

  func isMade(on netlink: NetlinkConnection) throws -> Bool {
    // Tables of another version, which cannot be read, are as good as none: the new ones take their place.
    guard try attached(on: netlink) != nil, let kept = try? Decapsulator(keptIn: pins()) else { return false }
    return try kept.allowList() == allowList
  }

  func remembering(on netlink: NetlinkConnection) -> Change { .decapsulator(self) }

  func make(on netlink: NetlinkConnection, _ report: Report) throws {
    let index = try netlink.requireLink(interface).index.rawValue
    let attachment = try Decapsulator(allowList).attach(to: index, pins: pins())
    guard let refusal = attachment.nativeRefusal else { return }
    report("# attached in generic mode, which is slower, since native mode was refused: \(refusal)")
  }

  func revert(on netlink: NetlinkConnection, _ report: Report) throws {
    guard let root = try? BPFFileSystem(at: bpffs) else { return }
    let pins = try PinDirectory.inThisNamespace(root: root, role: .real, interface: interface)
    if try attached(on: netlink) != nil { report("# detach Culvert's decapsulator from \(interface)") }
    try pins.detach()
  }
}
