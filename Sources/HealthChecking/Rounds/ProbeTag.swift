// SPDX-License-Identifier: MIT
import Wire

/// What a probe writes into its packets, and finds again in the answers: many real servers answer from the same address and
/// port to the same port.
///
/// 18 bits: the upper ones of TCP's initial sequence number, and in 16-bit identifiers and two bits more, of the port or
/// the sequence number, elsewhere.
struct ProbeTag: Hashable {
  let value: UInt32

  /// How many there are.
  static let count: UInt32 = 1 << 18

  /// Bits of a sequence number that are not the tag's.
  private static let freeBits: UInt32 = 14
  /// Where sequence numbers start at most: what follows is for the bytes that are sent.
  private static let startLimit: UInt32 = 1 << 12

  /// Bytes that a connection may send, those in its SYN included.
  static let byteLimit = Int((1 << freeBits) - startLimit)

  /// A number that is hard to guess, for the SYN.
  var initialSequence: UInt32 { value << Self.freeBits | .random(in: 0..<Self.startLimit) }

  /// The tag in a sequence number of ours, be it one that was acknowledged.
  static func inSequence(_ number: SequenceNumber) -> Self { Self(value: number.rawValue >> freeBits) }

  /// The identifier of DNS queries and ICMP echoes.
  var identifier: UInt16 { UInt16(truncatingIfNeeded: value >> 2) }
  /// What is not in the identifier, 0 to 3.
  var remainder: UInt16 { UInt16(truncatingIfNeeded: value & 3) }

  init(value: UInt32) {
    self.value = value
  }

  init(identifier: UInt16, remainder: UInt16) {
    value = UInt32(identifier) << 2 | UInt32(remainder & 3)
  }
}
