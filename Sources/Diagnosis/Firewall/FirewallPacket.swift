// SPDX-License-Identifier: MIT
import Wire

/// A packet as a filter sees it.
struct FirewallPacket: Hashable, Sendable {
  /// The protocol in the IP header.
  var transport: UInt8
  var source: IPAddress
  var destination: IPAddress
  var sourcePort: UInt16?
  var destinationPort: UInt16?
  /// The interface that it came in by.
  var input: String?
  /// The interface that it goes out by.
  var output: String?
  /// What the kernel thinks of its connection.
  var state = "new"

  var version: IPVersion { destination.version }
}

extension FirewallCondition {
  func holds(for packet: FirewallPacket) -> Fit {
    guard version == nil || version == packet.version, carries == nil || carries == packet.transport else { return .no }
    let fit = matches(packet)
    return isNegated ? !fit : fit
  }

  private func matches(_ packet: FirewallPacket) -> Fit {
    switch field {
    case .version: contains(Int(packet.version.rawValue))
    case .transport: contains(Int(packet.transport))
    case .source: contains(packet.source)
    case .destination: contains(packet.destination)
    case .sourcePort: packet.sourcePort.map { contains(Int($0)) } ?? .no
    case .destinationPort: packet.destinationPort.map { contains(Int($0)) } ?? .no
    case .input: contains(packet.input)
    case .output: contains(packet.output)
    case .connectionState: contains(packet.state)
    case .unknown: .unknown
    }
  }

  private func contains(_ number: Int) -> Fit {
    Fit(
      values.contains { value in
        if case .numbers(let range) = value { range.contains(number) } else { false }
      })
  }

  private func contains(_ address: IPAddress) -> Fit {
    Fit(
      values.contains { value in
        if case .prefix(let prefix) = value { prefix.covers(address) } else { false }
      })
  }

  private func contains(_ name: String?) -> Fit {
    guard let name else { return .no }
    return Fit(
      values.contains { value in
        guard case .name(let pattern) = value else { return false }
        return pattern.last == "*" ? name.hasPrefix(pattern.dropLast()) : name == pattern
      })
  }
}
