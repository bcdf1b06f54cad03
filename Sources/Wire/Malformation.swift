// SPDX-License-Identifier: MIT

/// Why bytes are not the header they were taken for.
public enum Malformation: UInt8, Error, Hashable, Sendable {
  /// Fewer bytes than the header, or than the header says the packet has.
  case truncated
  /// A version field of another protocol version.
  case version
  /// A length field that contradicts itself.
  case length
}
