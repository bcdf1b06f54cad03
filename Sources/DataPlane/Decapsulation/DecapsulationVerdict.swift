// SPDX-License-Identifier: MIT

/// What became of a packet on a real server; each is counted. `docs/verdicts.md` has a paragraph on each.
public enum DecapsulationVerdict: UInt8, Error, Hashable, Sendable, CaseIterable {
  /// The client's packet goes up the host's network stack.
  case decapsulated = 0

  // Left as it is to the host's network stack, because it is not a tunnel's packet for this host.
  case truncatedFrame = 1
  case notIP = 2
  case malformedIP = 3
  case notEncapsulated = 4
  case notEndpoint = 5

  // Dropped: a tunnel's packet for this host that is not welcome. An open decapsulator would be CVE-2020-10136.
  case unknownDirector = 6
  case fragment = 7
  case unsupportedGRE = 8
  case wrongKey = 9
  case unsupportedGUE = 10
  case malformedInner = 11
  case unknownVirtualAddress = 12
  case congestionMark = 13

  @inline(__always)
  public var isDrop: Bool { rawValue >= DecapsulationVerdict.unknownDirector.rawValue }
}
