// SPDX-License-Identifier: MIT

/// What is known of a member at the moment, besides its configuration.
public struct MemberCondition: Hashable, Sendable {
  /// Whether it passes the checks of its service.
  public var isHealthy: Bool
  /// What an operator wants, if anything: `.up` means what the configuration says.
  public var wish: Wish
  /// The weight an operator has given it; nil for the configuration's.
  public var weight: Int?
  /// The part of its weight that counts while it starts slowly, in percent: 10 to 100.
  public var ramp: Int

  /// What an operator wants of it.
  public enum Wish: Hashable, Sendable {
    case up
    case drain
    case maintenance
  }

  public init(isHealthy: Bool = true, wish: Wish = .up, weight: Int? = nil, ramp: Int = 100) {
    self.isHealthy = isHealthy
    self.wish = wish
    self.weight = weight
    self.ramp = ramp
  }
}
