// SPDX-License-Identifier: MIT
import Wire

/// Whom a packet is for.
struct Match {
  /// Whether it is for a virtual address.
  @inline(__always) var isForUs: Bool { service != nil || virtualAddress != nil }

  /// Nil where no service is configured for it.
  let service: ServiceEntry?
  /// Nil where it was not looked up, for a service of one address and port was found at once, or there is none.
  let virtualAddress: VirtualAddressEntry?
}

/// Finds the service of a flow.
///
/// A service of one address and one port is found by both at once. Otherwise the longest prefix that the address is in
/// decides, and among its services the smallest range of ports.
@inline(always)
func match<E: Environment>(_ flow: FlowTuple, hasPorts: Bool, _ environment: E) -> Match {
  if hasPorts, let service = unsafe environment.service(flow.serviceKey) {
    return Match(service: unsafe service.pointee, virtualAddress: nil)
  }
  guard let virtualAddress = virtualAddress(of: flow.address, environment), virtualAddress.isVirtual else {
    return Match(service: nil, virtualAddress: nil)
  }
  let key = PortTableKey(number: virtualAddress.number, transportProtocol: flow.transportProtocol)
  guard let table = unsafe environment.portTable(key) else {
    return Match(service: nil, virtualAddress: virtualAddress)
  }
  let service =
    hasPorts
    ? unsafe service(of: flow.port, in: table) : unsafe table.pointee.portless.service
  return Match(service: service?.index == 0 ? nil : service, virtualAddress: virtualAddress)
}

/// The service of the smallest range that has `port`: they stand in that order.
@inline(always)
private func service(of port: UInt16, in table: UnsafePointer<PortTable>) -> ServiceEntry? {
  let portless = unsafe UnsafeRawPointer(table).assumingMemoryBound(to: PortRange.self)
  for number in 1..<PortTable.limit &+ 1 {
    let range = unsafe portless + number
    if unsafe range.pointee.contains(port) { return unsafe range.pointee.service }
  }
  return nil
}

/// The entry of the longest prefix that `address` is in.
@inline(__always)
func virtualAddress<E: Environment>(of address: IPv6Address, _ environment: E) -> VirtualAddressEntry? {
  guard let settings = unsafe environment.settings else { return nil }
  // The lengths stand at the settings' beginning.
  let lengths = unsafe UnsafeRawPointer(settings).assumingMemoryBound(to: PrefixLength.self)
  for place in 0..<Settings.prefixLengthLimit {
    let length = unsafe lengths + place
    guard unsafe length.pointee.length != 0 else { return nil }
    if let entry = unsafe environment.virtualAddress(length.pointee.prefix(of: address)) {
      return unsafe entry.pointee
    }
  }
  return nil
}

/// Whether a packet of a client has the source address of a service, or of the host itself.
@inline(always)
func isSpoofed<E: Environment>(_ source: IPv6Address, _ environment: E) -> Bool {
  let bit = SourceFilter.bit(of: source)
  guard environment.sourceFilter(bit >> 6) &>> UInt64(bit & 63) & 1 != 0 else { return false }
  return virtualAddress(of: source, environment) != nil
}
