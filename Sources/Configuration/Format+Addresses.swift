// SPDX-License-Identifier: MIT
import Balancing
import Wire

extension Format {
  /// An address that a single machine can have.
  static func unicastAddress(_ text: String) throws(Refusal) -> IPAddress {
    guard let address = IPAddress(text) else {
      if let prefix = IPPrefix(text) {
        throw Refusal(
          reason: "must be an address without prefix length, not \(quoted(text))", suggestion: "\(prefix.address)")
      }
      throw notAnAddress(text)
    }
    try checkUnicast(IPPrefix(host: address), text)
    return address
  }

  /// An address or a prefix of addresses, each of which a single machine can have.
  static func unicastPrefix(_ text: String) throws(Refusal) -> IPPrefix {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = parts.first.flatMap({ IPAddress($0) }) else { throw notAnAddress(text) }
    let lengths = address.version.prefixLengths
    guard let prefix = IPPrefix(text), lengths ~= prefix.length else {
      throw Refusal(
        reason: """
          must have a prefix length from \(lengths.lowerBound) to \(lengths.upperBound) for \(address.version.name), \
          not \(quoted(text))
          """)
    }
    try checkUnicast(prefix, text)
    guard prefix.masked == prefix else {
      throw Refusal(
        reason: """
          must be one address, or a prefix whose bits after the first \(prefix.length) are zero, not \(quoted(text))
          """, suggestion: prefix.masked.text)
    }
    return prefix
  }

  /// Outer source addresses: one, or a range that the flow's hash can choose from.
  static func source(_ text: String) throws(Refusal) -> IPPrefix {
    let prefix = try unicastPrefix(text)
    let shortest = prefix.address.version.addressWidth - 32
    guard prefix.length >= shortest else {
      throw Refusal(reason: "must have a prefix length of \(shortest) or more, not \(quoted(text))")
    }
    return prefix
  }

  private static func checkUnicast(_ prefix: IPPrefix, _ text: String) throws(Refusal) {
    guard let special = IPPrefix.special.first(where: { $0.prefix.overlaps(prefix) }) else { return }
    guard prefix.isHost else {
      throw Refusal(reason: "must hold addresses of machines alone; in \(text) is \(special.kind)")
    }
    let mapped = special.kind.contains("IPv4-mapped") ? "\(IPv4Address(bits: prefix.lastBits))" : nil
    throw Refusal(reason: "must be the address of one machine; \(text) is \(special.kind)", suggestion: mapped)
  }

  private static func notAnAddress(_ text: String) -> Refusal {
    if let bare = withoutPort(text) {
      return Refusal(reason: "must be an address without port, not \(quoted(text))", suggestion: bare)
    }
    if let bare = bracketed(text[...]) {
      return Refusal(reason: "must be an address without brackets, not \(quoted(text))", suggestion: bare)
    }
    if text.contains("%"), let bare = text.split(separator: "%").first, IPv6Address(bare) != nil {
      return Refusal(reason: "must be an address without zone, not \(quoted(text))")
    }
    let octets = text.split(separator: ".", omittingEmptySubsequences: false)
    if octets.count == 4, octets.allSatisfy({ UInt8($0, radix: 10) != nil }), !text.contains("+") {
      return Refusal(
        reason: "has an octet with a leading zero, which some programs read as octal: \(quoted(text))",
        suggestion: octets.map { "\(UInt8($0) ?? 0)" }.joined(separator: "."))
    }
    return Refusal(
      reason: "must be an address such as 192.0.2.1 or 2001:db8::1, not \(quoted(text)); names are not looked up")
  }

  /// The address of `192.0.2.1:80` or `[2001:db8::1]:80`.
  private static func withoutPort(_ text: String) -> String? {
    guard let colon = text.lastIndex(of: ":"), UInt16(text[text.index(after: colon)...]) != nil else { return nil }
    let head = text[..<colon]
    return IPv4Address(head) != nil ? String(head) : bracketed(head)
  }

  /// The address of `[2001:db8::1]`.
  private static func bracketed(_ text: Substring) -> String? {
    guard text.first == "[", text.last == "]" else { return nil }
    let inside = text.dropFirst().dropLast()
    return IPv6Address(inside) != nil ? String(inside) : nil
  }
}

extension IPVersion {
  /// What a configuration may gather in one prefix: nobody has more than a /8, or a /16 of IPv6.
  fileprivate var prefixLengths: ClosedRange<Int> { self == .v4 ? 8...32 : 16...128 }
}

extension IPPrefix {
  /// The last 32 bits of the address.
  fileprivate var lastBits: UInt32 { UInt32(truncatingIfNeeded: address.mapped.low) }

  /// Addresses that are no single machine's, or not beyond a link (IANA Special-Purpose Address Registries).
  fileprivate static let special: [(prefix: IPPrefix, kind: String)] = table([
    "0.0.0.0/8": "\"this network\" (RFC 1122)",
    "127.0.0.0/8": "loopback (RFC 1122)",
    "224.0.0.0/4": "multicast (RFC 5771)",
    "255.255.255.255": "the broadcast address (RFC 919)",
    "::": "the unspecified address (RFC 4291)",
    "::1": "loopback (RFC 4291)",
    "::ffff:0:0/96": "an IPv4-mapped address (RFC 4291)",
    "fe80::/10": "link-local (RFC 4291)",
    "ff00::/8": "multicast (RFC 4291)",
  ])

  private static func table(_ kinds: KeyValuePairs<String, String>) -> [(prefix: IPPrefix, kind: String)] {
    kinds.compactMap { text, kind in IPPrefix(text).map { ($0, kind) } }
  }
}
