// SPDX-License-Identifier: MIT
import Netlink
public import Wire

/// A route through a tunnel. As text, and in JSON, it is written as for ip(8): `10.8.0.0/16 via 10.9.0.2 metric 100`.
public struct TunnelRoute: Hashable, Sendable, Codable, LosslessStringConvertible {
  public var destination: IPPrefix
  /// The router at the other end, where there is an Ethernet in between; nil where there are but two ends.
  public var gateway: IPAddress?
  /// Of routes to the same destination, that with the smallest counts; nil for the kernel's own, 0 for IPv4 and 1024
  /// for IPv6.
  public var metric: UInt32?

  public init(_ destination: IPPrefix, via gateway: IPAddress? = nil, metric: UInt32? = nil) {
    self.destination = destination
    self.gateway = gateway
    self.metric = metric == Self.usualMetric(destination.address.version) ? nil : metric
  }

  public init?(_ text: String) {
    var words = text.split(separator: " ")[...]
    guard let destination = words.popFirst().flatMap({ IPPrefix(String($0)) }) else { return nil }
    self.init(destination)
    while let word = words.popFirst() {
      guard let value = words.popFirst(), read(word, String(value)) else { return nil }
    }
  }

  /// Whether `value` says something about `word`, and for the first time.
  private mutating func read(_ word: Substring, _ value: String) -> Bool {
    switch word {
    case "via" where gateway == nil:
      gateway = IPAddress(value)
      return gateway != nil
    case "metric" where metric == nil:
      guard let number = UInt32(value) else { return false }
      self = TunnelRoute(destination, via: gateway, metric: number)
      return true
    default: return false
    }
  }

  public var description: String {
    "\(destination)" + (gateway.map { " via \($0)" } ?? "") + (metric.map { " metric \($0)" } ?? "")
  }

  private static func usualMetric(_ version: IPVersion) -> UInt32 { version == .v4 ? 0 : 1024 }
}

extension TunnelRoute {
  init(_ route: Route) {
    self.init(route.destination, via: route.gateway, metric: route.priority)
  }

  /// As the kernel has it, through `interface`.
  func route(through interface: InterfaceIndex) -> Route {
    Route(destination: destination, gateway: gateway, interface: interface, priority: metric)
  }

  /// The same as words of ip(8), through the link `name`.
  func words(through name: String) -> String {
    "\(destination)" + (gateway.map { " via \($0)" } ?? "") + " dev \(name)"
      + (metric.map { " metric \($0)" } ?? "") + " proto \(RouteProtocol.culvert)"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let route = Self(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: Self.advice(text))
    }
    self = route
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// As one word of a command.
  var quoted: String { gateway == nil && metric == nil ? description : "\"\(self)\"" }

  /// What to write instead of `text`.
  public static func advice(_ text: String) -> String {
    "\"\(text)\" is no route such as 10.8.0.0/16, or \"10.8.0.0/16 via 10.9.0.2 metric 100\""
  }
}
