// SPDX-License-Identifier: MIT
import Balancing
import Wire

extension Format {
  /// One port, a range such as `8000-8099`, or `all`.
  static func ports(_ text: String) throws(Refusal) -> ClosedRange<UInt16> {
    if text == "all" { return ServiceMatch.allPorts }
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { port(String($0)) }
    if let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last {
      return first...last
    }
    throw Refusal(
      reason: "must be a number from 1 to 65535, a range such as 8000-8099, or all, not \(quoted(text))",
      suggestion: suggestedPorts(for: text))
  }

  /// How the file writes them.
  static func text(of ports: ClosedRange<UInt16>) -> String {
    if ports == ServiceMatch.allPorts { return "all" }
    return ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
  }

  private static func port(_ text: String) -> UInt16? {
    (try? number(in: 1...65_535)(text)).map { UInt16($0) }
  }

  private static func suggestedPorts(for text: String) -> String? {
    if ["*", "any", "0-65535"].contains(text.lowercased()) || text.lowercased() == "all" { return "all" }
    let ends = text.split(whereSeparator: { "-:. ".contains($0) }).map { port(String($0)) }
    guard ends.count == 2, let first = ends[0], let last = ends[1] else { return nil }
    return "\(min(first, last))-\(max(first, last))"
  }

  /// A protocol by its word or number, one that services can be for.
  static func transportProtocol(_ text: String) throws(Refusal) -> TransportProtocol {
    guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), !text.isEmpty else {
      return try choice(Words.protocols, or: "a number from 0 to 255")(text)
    }
    let transport = TransportProtocol(rawValue: UInt8(try number(in: 0...255)(text)))
    if let reason = unbalanced(transport) { throw Refusal(reason: "must not be \(text): \(reason)") }
    return transport
  }

  /// Why no service can be for a protocol.
  private static func unbalanced(_ transport: TransportProtocol) -> String? {
    switch transport {
    case .icmp, .icmpv6: UnknownWord.aboutICMP
    case .hopByHop, .routing, .ipv6Fragment, .destinationOptions:
      "it is an extension header of IPv6; services are found by the protocol behind it"
    case .noNextHeader: "it says that nothing follows the IPv6 header"
    default: nil
    }
  }
}

extension TransportProtocol {
  /// IPv6 "no next header" (RFC 8200, 4.7).
  fileprivate static let noNextHeader = Self(rawValue: 59)
}
