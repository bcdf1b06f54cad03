// SPDX-License-Identifier: MIT

// Text of addresses: for people and files, never on the packet path. No libc, so that `Wire` imports nothing.

extension IPv4Address: CustomStringConvertible, LosslessStringConvertible {
  /// Dotted decimal, `192.0.2.1`.
  public var description: String {
    "\(bits >> 24).\(bits >> 16 & 0xFF).\(bits >> 8 & 0xFF).\(bits & 0xFF)"
  }

  /// Reads exactly four decimal numbers from 0 to 255 without leading zeros (RFC 6943, 3.1.1: the strict form).
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bits: UInt32 = 0
    for part in parts {
      guard part.allSatisfy({ "0"..."9" ~= $0 }), part.count == 1 || part.first != "0", let octet = UInt8(part) else {
        return nil
      }
      bits = bits << 8 | UInt32(octet)
    }
    self.init(bits: bits)
  }

  public init?(_ description: String) {
    self.init(description[...])
  }
}

extension IPv6Address: CustomStringConvertible, LosslessStringConvertible {
  /// The eight 16-bit groups, first on the wire first.
  private var groups: [UInt16] {
    [high, low].flatMap { half in [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> $0) } }
  }

  private init(groups: [UInt16]) {
    let halves = [groups[..<4], groups[4...]].map { $0.reduce(0 as UInt64) { $0 << 16 | UInt64($1) } }
    self.init(high: halves[0], low: halves[1])
  }

  /// Canonical text of RFC 5952: lower case, the longest run of two or more zero groups as `::`.
  public var description: String {
    if high == 0, low >> 32 == 0xFFFF {
      return "::ffff:\(IPv4Address(bits: UInt32(truncatingIfNeeded: low)))"
    }
    let groups = self.groups
    func text(_ range: Range<Int>) -> String {
      groups[range].map { String($0, radix: 16) }.joined(separator: ":")
    }
    guard let zeros = Self.longestZeroRun(in: groups) else { return text(0..<8) }
    return "\(text(0..<zeros.lowerBound))::\(text(zeros.upperBound..<8))"
  }

  private static func longestZeroRun(in groups: [UInt16]) -> Range<Int>? {
    var best: Range<Int>?
    var start = 0
    while start < groups.count {
      let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
      if end - start > max(1, best?.count ?? 0) { best = start..<end }
      start = end + 1
    }
    return best
  }

  /// Reads the forms of RFC 4291, 2.2: full, with one `::`, and with an IPv4 address at the end. No zone.
  public init?(_ text: some StringProtocol) {
    let text = String(text)
    guard let gap = Self.gap(in: text) else {
      guard let groups = Self.groups(of: text[...]), groups.count == 8 else { return nil }
      self.init(groups: groups)
      return
    }
    guard let head = Self.groups(of: text[..<gap.lowerBound], endsAddress: false),
      let tail = Self.groups(of: text[gap.upperBound...]), head.count + tail.count <= 7
    else { return nil }
    self.init(groups: head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
  }

  public init?(_ description: String) {
    self.init(description[...])
  }

  /// Where the first `::` stands.
  private static func gap(in text: String) -> Range<String.Index>? {
    var previous: String.Index?
    for index in text.indices {
      if text[index] == ":", let previous, text[previous] == ":" { return previous..<text.index(after: index) }
      previous = index
    }
    return nil
  }

  /// An IPv4 address may stand only where the whole address ends.
  private static func groups(of text: Substring, endsAddress: Bool = true) -> [UInt16]? {
    guard !text.isEmpty else { return [] }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    var groups: [UInt16] = []
    for (index, part) in parts.enumerated() {
      if endsAddress, index == parts.count - 1, let address = IPv4Address(part) {
        groups += [UInt16(address.bits >> 16), UInt16(truncatingIfNeeded: address.bits)]
      } else {
        guard 1...4 ~= part.count, part.allSatisfy({ $0.isHexDigit }), let group = UInt16(part, radix: 16) else {
          return nil
        }
        groups.append(group)
      }
    }
    return groups
  }
}

extension IPAddress: CustomStringConvertible, LosslessStringConvertible {
  public var description: String {
    switch self {
    case .v4(let address): address.description
    case .v6(let address): address.description
    }
  }

  /// Reads an address of either family.
  public init?(_ text: some StringProtocol) {
    if let address = IPv4Address(text) {
      self = .v4(address)
    } else if let address = IPv6Address(text) {
      self = .v6(address)
    } else {
      return nil
    }
  }

  public init?(_ description: String) {
    self.init(description[...])
  }
}

extension IPPrefix: CustomStringConvertible, LosslessStringConvertible {
  /// `192.0.2.0/24`.
  public var description: String { "\(address)/\(length)" }

  /// Reads `ADDRESS/LENGTH`; an address alone is the prefix that holds just that address.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let address = parts.first.flatMap({ IPAddress($0) }) else { return nil }
    switch parts.count {
    case 1:
      self.init(host: address)
    case 2:
      // As it is written back: no sign, no leading zeros.
      guard let length = Int(parts[1]), String(length) == parts[1] else { return nil }
      self.init(address: address, length: length)
    default:
      return nil
    }
  }
}

extension MACAddress: CustomStringConvertible, LosslessStringConvertible {
  /// Six lower-case octets, `02:00:00:00:00:01`.
  public var description: String {
    stride(from: 40, through: 0, by: -8)
      .map { shift in
        let octet = String(bits >> UInt64(shift) & 0xFF, radix: 16)
        return octet.count == 1 ? "0\(octet)" : octet
      }
      .joined(separator: ":")
  }

  /// Reads six octets of one or two hexadecimal digits, separated by colons.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 6 else { return nil }
    var bits: UInt64 = 0
    for part in parts {
      guard 1...2 ~= part.count, part.allSatisfy({ $0.isHexDigit }), let octet = UInt8(part, radix: 16) else {
        return nil
      }
      bits = bits << 8 | UInt64(octet)
    }
    self.init(bits: bits)
  }
}
