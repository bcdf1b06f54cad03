// SPDX-License-Identifier: MIT
import BPF
import DataPlane
import KernelEngine
import Netlink
import Wire

/// Culvert's decapsulator on an interface, kept alive by pins.
struct AttachedDecapsulator: Hashable, Sendable, Codable {
  var interface: String
  /// The BPF file system that its pins are in.
  var bpffs: String
  var endpoints: [IPAddress]
  var directors: [IPAddress]
  var virtualAddresses: [IPAddress]

  /// The parts that each address plays.
  private var roles: [IPAddress: AddressRole] {
    var roles: [IPAddress: AddressRole] = [:]
    for address in endpoints { roles[address, default: []].insert(.endpoint) }
    for address in directors { roles[address, default: []].insert(.director) }
    for address in virtualAddresses { roles[address, default: []].insert(.virtualAddress) }
    return roles
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
    guard try attached(on: netlink) != nil else { return false }
    return try Decapsulator(keptIn: pins()).roles() == roles
  }

  func remembering(on netlink: NetlinkConnection) -> Change { .decapsulator(self) }

  func make(on netlink: NetlinkConnection, _ report: Report) throws {
    let index = try netlink.requireLink(interface).index.rawValue
    let attachment = try Decapsulator(addresses: roles).attach(to: index, pins: pins())
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
