// SPDX-License-Identifier: MIT
public import Wire

// In tests an address is written as people write it. One that is none stops the run: it is a mistake in the test.

extension IPv4Address: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) {
    guard let address = IPv4Address(text) else { preconditionFailure("\"\(text)\" is no IPv4 address") }
    self = address
  }
}

extension IPv6Address: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) {
    guard let address = IPv6Address(text) else { preconditionFailure("\"\(text)\" is no IPv6 address") }
    self = address
  }
}

extension MACAddress: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) {
    guard let address = MACAddress(text) else { preconditionFailure("\"\(text)\" is no Ethernet address") }
    self = address
  }
}
