// SPDX-License-Identifier: MIT
import Wire

/// Spreads flows over slots, alike on every director that has the same seed.
public enum FlowHash {
  /// The hash of a flow's five-tuple, the protocol being part of `seed`.
  ///
  /// A round of a 64-bit multiply-xorshift mixer a word: each client bit reaches every bit of the result. The client's
  /// port and address go into different rounds: in the same one, as many pairs of them as there are ports would be alike.
  @inline(__always)
  public static func of(_ flow: FlowTuple, seed: UInt32) -> UInt64 {
    var hash = UInt64(seed) << 32 | UInt64(flow.port)
    hash = mix(hash ^ (flow.client.low &+ 0x9E37_79B9_7F4A_7C15))
    hash = mix(hash ^ (flow.client.high ^ flow.address.high &* 0xC2B2_AE3D_27D4_EB4F))
    return mix(hash ^ flow.address.low ^ UInt64(flow.clientPort) << 48)
  }

  /// The hash of a packet that comes in fragments.
  @inline(always)
  static func of(fragment identification: UInt32, of flow: FlowTuple, seed: UInt32) -> UInt64 {
    mix(of(flow.withoutPorts, seed: seed) &+ UInt64(identification) &+ UInt64(flow.transportProtocol.rawValue) << 32)
  }

  /// A bijection of 64-bit words (constants of Pelle Evensen's "moremur", 2019).
  @inline(always)
  static func mix(_ word: UInt64) -> UInt64 {
    var word = word
    word ^= word >> 27
    word = word &* 0x3C79_AC49_2BA7_B653
    word ^= word >> 33
    word = word &* 0x1C69_B3F7_4AC4_AE35
    return word ^ word >> 27
  }

  /// The slot that a hash falls into: its upper half scaled to `slotCount`, without a division.
  @inline(__always)
  public static func slot(_ hash: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: ((hash >> 32) &* UInt64(slotCount)) >> 32)
  }
}

extension ServiceEntry {
  /// What of a flow decides its slot.
  @inline(__always)
  public func hashed(_ flow: FlowTuple) -> FlowTuple {
    guard !hashesPorts else { return flow }
    var flow = flow.withoutPorts
    flow.client = masked(flow.client)
    if !hashesDestination { flow.address = IPv6Address(high: 0, low: 0) }
    return flow
  }
}
