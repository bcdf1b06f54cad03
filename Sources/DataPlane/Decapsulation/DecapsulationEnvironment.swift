// SPDX-License-Identifier: MIT
public import Wire

/// What surrounds the decapsulator: the packet, and the addresses that it is for.
public protocol DecapsulationEnvironment {
  /// The packet as it is now: taken anew after `shrinkHead`.
  var packet: PacketBytes { get }

  /// Takes `count` bytes off the packet's head. False, and nothing changed, where the packet is shorter.
  mutating func shrinkHead(by count: Int) -> Bool

  /// `none` where there are none yet.
  var settings: DecapsulationSettings { get }

  /// The parts that the addresses of exactly this prefix play in tunnels to this host, if any.
  func role(of prefix: PrefixKey) -> AddressRole?

  /// Counts a packet.
  mutating func count(_ verdict: DecapsulationVerdict)
}

extension DecapsulationEnvironment {
  /// Whether `address`, or a prefix that it is in, plays a part: nobody's prefix takes anything from a longer one.
  @inline(always)
  func plays(_ role: AddressRole, _ address: IPv6Address, _ settings: DecapsulationSettings) -> Bool {
    for place in 0..<DecapsulationSettings.prefixLengthLimit {
      let length = settings.prefixLength(place)
      guard length != 0 else { return false }
      if let roles = self.role(of: PrefixKey(address, length: length)), roles.has(role) { return true }
    }
    return false
  }
}
