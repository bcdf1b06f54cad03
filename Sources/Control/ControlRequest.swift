// SPDX-License-Identifier: MIT
public import Health

/// What is asked of a director.
public enum ControlRequest: Hashable, Sendable {
  case director
  case servers
  case server(String)
  case services
  /// nil: ready, what the configuration says.
  case setState(server: String, ServerOverride.State?, reason: String)
  /// In one service, or in all; nil for the configuration's weight.
  case setWeight(server: String, service: String?, Int?, reason: String)
  case reload
}

/// What a director answers.
public enum ControlResponse: Hashable, Sendable {
  case director(DirectorReport)
  case servers([ServerReport])
  case server(ServerReport)
  case services([ServiceReport])
  case done
  /// There is no such server or service, and what may have been meant.
  case notFound(String)
  /// It cannot be done, and why.
  case refused(String)
}

/// Who asks, by what the kernel says of the other end of the socket (unix(7), SO_PEERCRED).
public struct ControlPeer: Hashable, Sendable {
  public var user: UInt32
  /// The user's name, or number where there is none.
  public var name: String

  public init(user: UInt32, name: String) {
    self.user = user
    self.name = name
  }
}
