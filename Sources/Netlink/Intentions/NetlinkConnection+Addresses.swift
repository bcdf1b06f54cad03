// SPDX-License-Identifier: MIT
public import Wire

extension NetlinkConnection {
  /// Addresses of both IP versions or one, of all links or one, added by anybody or somebody.
  public func addresses(
    _ version: IPVersion? = nil, on interface: InterfaceIndex? = nil, protocol: AddressProtocol? = nil
  ) throws(NetlinkError) -> [InterfaceAddress] {
    var addresses: [InterfaceAddress] = []
    for version in version.map({ [$0] }) ?? [.v4, .v6] {
      addresses += try collect(.addresses(version, on: interface)) { message throws(MalformedMessage) in
        try InterfaceAddress(message)
      }
    }
    // Kernels before 4.20 do not narrow the list down.
    return addresses.filter {
      (interface ?? $0.interface) == $0.interface && (`protocol` ?? $0.protocol) == $0.protocol
    }
  }

  /// Adds an address; refused if the link has it.
  public func addAddress(_ address: InterfaceAddress) throws(NetlinkError) {
    try transact(.addAddress(address, replacing: false))
  }

  /// Adds an address, or changes the flags of one that the link has.
  public func replaceAddress(_ address: InterfaceAddress) throws(NetlinkError) {
    try transact(.addAddress(address, replacing: true))
  }

  /// Removes an address; refused if the link does not have it.
  public func deleteAddress(_ address: InterfaceAddress) throws(NetlinkError) {
    try transact(.deleteAddress(address))
  }
}
