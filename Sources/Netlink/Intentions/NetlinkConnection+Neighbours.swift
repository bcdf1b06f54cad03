// SPDX-License-Identifier: MIT
public import Wire

extension NetlinkConnection {
  /// Neighbours of both IP versions or one, on all links or one.
  public func neighbours(
    _ version: IPVersion? = nil, on interface: InterfaceIndex? = nil
  ) throws(NetlinkError) -> [Neighbour] {
    var neighbours: [Neighbour] = []
    for version in version.map({ [$0] }) ?? [.v4, .v6] {
      neighbours += try collect(.neighbours(version, on: interface)) { message throws(MalformedMessage) in
        try Neighbour(message)
      }
    }
    // Kernels before 4.20 do not narrow the list down.
    return neighbours.filter { interface == nil || $0.interface == interface }
  }

  /// What is known about one neighbour, or `nil` if nothing is.
  public func neighbour(_ address: IPAddress, on interface: InterfaceIndex) throws(NetlinkError) -> Neighbour? {
    try neighbours(address.version, on: interface).first { $0.address == address }
  }

  /// Adds a neighbour; refused if the kernel knows something about it.
  public func addNeighbour(_ neighbour: Neighbour) throws(NetlinkError) {
    try transact(.addNeighbour(neighbour, replacing: false))
  }

  /// Adds a neighbour, or changes what the kernel knows about it.
  public func replaceNeighbour(_ neighbour: Neighbour) throws(NetlinkError) {
    try transact(.addNeighbour(neighbour, replacing: true))
  }

  /// Forgets a neighbour; refused if nothing is known about it.
  public func deleteNeighbour(_ neighbour: Neighbour) throws(NetlinkError) {
    try transact(.deleteNeighbour(neighbour))
  }

  /// Makes the kernel find out a neighbour's MAC address, as if a packet were to be sent there; does not wait for it.
  ///
  /// A ``NetlinkMonitor`` tells the outcome. The link must be up; what is known and fresh stays as it is.
  public func solicit(_ address: IPAddress, on interface: InterfaceIndex) throws(NetlinkError) {
    try transact(.solicit(address, on: interface))
  }
}
