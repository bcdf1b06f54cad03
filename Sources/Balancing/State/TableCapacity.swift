// SPDX-License-Identifier: MIT
import DataPlane

/// How many rows the tables have. Row 0 is nobody's.
public struct TableCapacity: Hashable, Sendable {
  public var services: Int
  public var destinations: Int

  public init(services: Int, destinations: Int) {
    self.services = services
    self.destinations = destinations
  }

  /// The engines' tables.
  public static var engines: TableCapacity {
    TableCapacity(services: Capacity.services, destinations: Capacity.destinations)
  }
}
