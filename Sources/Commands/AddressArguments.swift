// SPDX-License-Identifier: MIT
public import ArgumentParser
public import Netlink
public import Provisioning
import Wire

// Read when the command runs, so that a mistake is one sentence and not the whole usage text.

extension IPAddress {
  /// The address that `option` was given.
  init(_ text: String, givenTo option: String) throws {
    guard let address = IPAddress(text) else {
      throw CommandFailure("\(option) \(text): not an IP address such as 192.0.2.10")
    }
    self = address
  }
}

extension IPPrefix {
  /// The prefix that `option` was given.
  init(_ text: String, givenTo option: String) throws {
    guard let prefix = IPPrefix(text) else {
      throw CommandFailure("\(option) \(text): not an address or a prefix such as 10.9.0.0/30")
    }
    self = prefix
  }
}

extension TunnelRoute {
  /// The route that `option` was given.
  init(_ text: String, givenTo option: String) throws {
    guard let route = TunnelRoute(text) else { throw CommandFailure("\(option): \(Self.advice(text))") }
    self = route
  }
}

extension Tunnel.Kind: ExpressibleByArgument {}
extension Delivery: ExpressibleByArgument {}
extension RealServerRequest.Choice: ExpressibleByArgument {}
