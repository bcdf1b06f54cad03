// SPDX-License-Identifier: MIT
import BPF
import DataPlane
import KernelEngine
import Netlink
import Provisioning
import Wire

extension AttachedProgram {
  /// What is at the interface that directors' packets come in by; nil if nothing is.
  init?(_ expectation: Expectation, _ links: [Netlink.Link]) throws {
    guard expectation.decapsulation == .bpf,
      let index = links.first(where: { $0.name == expectation.interface })?.index.rawValue,
      let occupant = try XDP.query(interface: index)
    else { return nil }
    self.init(isOurs: false, description: "\(occupant)")
    guard let root = try? BPFFileSystem(at: expectation.request.bpffs),
      let pins = try? PinDirectory.inThisNamespace(root: root, role: .real, interface: expectation.interface),
      let info = try? BPF.Link.openPinned(at: "\(pins.path)/link").info(), info.interface == index
    else { return }
    isOurs = true
    try read(Decapsulator(keptIn: pins))
  }

  private mutating func read(_ decapsulator: borrowing Decapsulator) throws {
    let list = try decapsulator.allowList()
    func playing(_ role: AddressRole) -> [IPPrefix] {
      list.roles.filter { $0.value.has(role) }.keys.sorted { $0.description < $1.description }
    }
    (directors, endpoints, virtualAddresses) = (playing(.director), playing(.endpoint), playing(.virtualAddress))
    (port, key) = (list.port, list.key)
    let counters = try decapsulator.counters()
    decapsulated = counters[.decapsulated] ?? 0
    fromStrangers = counters[.unknownDirector] ?? 0
  }
}
