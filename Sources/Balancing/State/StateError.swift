// SPDX-License-Identifier: MIT
import DataPlane
import Wire

/// Why a configuration cannot be reached; the state is as it was.
public enum StateError: Error, Hashable, Sendable {
  /// More services than the tables have rows. `leaving` were removed by the previous update or are by this one.
  case tooManyServices(configured: Int, leaving: Int, room: Int)
  /// More servers, counted once for each service, than the tables have rows; `leaving` drain or were just released.
  case tooManyDestinations(configured: Int, leaving: Int, room: Int)
  /// Two services that are for the same packets, and neither for fewer.
  case sameService(String, String)
  /// Two servers of the same address in one service.
  case sameServer(String, String, service: String)
  /// A weight that is not 1 to 65,535.
  case weight(Int, server: String, service: String)
  /// Prefixes of too many lengths, whose number this is.
  case tooManyPrefixLengths(Int)
  /// Too many services with ranges of ports for one protocol at one virtual address; one of them.
  case tooManyRanges(Int, service: String)
  /// UDP has no mark of a new flow: in an unsettled slot all of them would go to the previous owner, and it never settled.
  case untrackable(service: String)
}

extension StateError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooManyServices(let configured, let leaving, let room):
      """
      \(configured) services are configured and \(leaving) more are being removed; there is room for \(room): \
      remove services first, then add others
      """
    case .tooManyDestinations(let configured, let leaving, let room):
      """
      the services have \(configured) servers in all, and \(leaving) more are leaving; there is room for \(room): \
      use fewer, or wait until those that drain have gone
      """
    case .sameService(let first, let second):
      """
      services \(first) and \(second) are for the same packets: give them other addresses, ports or protocols, or let \
      the ports of one lie within the other's
      """
    case .sameServer(let first, let second, let service):
      "service \(service): servers \(first) and \(second) have the same address: name it once, with a weight"
    case .weight(let weight, let server, let service):
      "service \(service): server \(server) has weight \(weight): use 1 to 65535"
    case .tooManyPrefixLengths(let count):
      "virtual addresses have \(count) different prefix lengths: use at most \(Settings.prefixLengthLimit - 1)"
    case .tooManyRanges(let count, let service):
      """
      \(count) services like \(service) have port ranges of one protocol at one virtual address: use at most \
      \(PortTable.limit)
      """
    case .untrackable(let service):
      "service \(service): transitions can be tracked for TCP only, whose SYN marks a new flow: use tracking none or always"
    }
  }
}

extension StateError {
  /// Refuses what no state can be.
  static func check(_ configuration: BalancingConfiguration) throws(StateError) {
    for (number, service) in configuration.services.enumerated() {
      let earlier = configuration.services[..<number]
      if let other = earlier.first(where: { $0.match.isAmbiguous(with: service.match) }) {
        throw .sameService(other.name, service.name)
      }
      if service.tracking == .transitions && service.match.transportProtocol != .tcp {
        throw .untrackable(service: service.name)
      }
      try check(service.members, of: service.name)
    }
    try checkLimits(configuration.services)
  }

  private static func checkLimits(_ services: [Service]) throws(StateError) {
    let lengths = Set(services.map(\.match.virtualAddress.length))
    guard lengths.union([128]).count <= Settings.prefixLengthLimit else { throw .tooManyPrefixLengths(lengths.count) }
    let ranges = Dictionary(grouping: services.filter { $0.match.key == nil }) {
      PortTableOwner(address: $0.match.virtualAddress, transportProtocol: $0.match.transportProtocol)
    }
    if let crowd = ranges.values.first(where: { $0.count > PortTable.limit }) {
      throw .tooManyRanges(crowd.count, service: crowd[0].name)
    }
  }

  private static func check(_ members: [Member], of service: String) throws(StateError) {
    var names: [IPv6Address: String] = [:]
    for member in members {
      let name = member.server.name
      guard 1...65_535 ~= member.weight else { throw .weight(member.weight, server: name, service: service) }
      if let other = names.updateValue(name, forKey: member.server.address.mapped) {
        throw .sameServer(other, name, service: service)
      }
    }
  }
}
