// SPDX-License-Identifier: MIT
public import Wire

/// A tunnel as it shall be, with its addresses and the routes through it.
public struct TunnelSetup: Hashable, Sendable {
  public var link: TunnelLink
  public var addresses: [IPPrefix] = []
  public var routes: [TunnelRoute] = []

  public init(_ link: TunnelLink) {
    self.link = link
  }

  public var name: String { link.name }

  /// What is known of the packets inside.
  var innerPrefixes: [IPPrefix] { addresses + routes.map(\.destination) }
}
