// SPDX-License-Identifier: MIT
import DataPlane
public import Wire

/// Which member of a service owns which slot: weighted Maglev hashing (Eisenbud et al., NSDI 2016, 3.4).
///
/// A pure function of the members' addresses and weights, whatever their order or names: every director with the same
/// configuration computes the same table. Each member owns its weight's proportion of the slots, to within 1 % or one
/// slot for up to 650 members; and when members come or go, the others keep almost all that they own.
public struct MaglevTable: Hashable, Sendable {
  /// One who takes part.
  public struct Member: Hashable, Sendable {
    /// Who it is: the real server's address, IPv4 mapped (`IPAddress.mapped`).
    public let identity: IPv6Address
    /// Its share, relative to the others': 1 to 65,535.
    public let weight: Int

    public init(identity: IPv6Address, weight: Int) {
      self.identity = identity
      self.weight = weight
    }
  }

  /// Everybody who takes part, by ascending identity.
  public let members: [Member]
  /// For each slot its owner, as a position in `members`. Empty where there are no members.
  public let owners: [UInt16]

  /// Computes the table.
  ///
  /// - Parameter members: At most 65,534, no identity twice, in any order.
  /// - Complexity: O(s log s + s log m) for s slots and m members: a few milliseconds.
  public init(members: [Member]) {
    self.init(members: members, size: slotCount)
  }

  /// The same with another number of slots, which must be prime.
  init(members: [Member], size: Int) {
    self.members = members.sorted()
    self.owners = members.isEmpty ? [] : Self.populate(self.members, size: size)
  }

  /// The hash that directors compare.
  public var hash: TableHash { TableHash(owners: owners.lazy.map { members[Int($0)].identity }) }

  /// Members take the slot they like best of those that are left, each when it is its turn.
  private static func populate(_ members: [Member], size: Int) -> [UInt16] {
    var preferences = members.map { Preference(identity: $0.identity, size: size) }
    var turns = Turns(weights: members.map(\.weight))
    var vacancies = Vacancies(size: size)
    var owners = [UInt16](repeating: 0, count: size)
    var places = owners.mutableSpan
    for _ in 0..<size {
      let member = turns.next()
      let slot = preferences[member].takeFirst(of: &vacancies)
      places[slot] = UInt16(truncatingIfNeeded: member)
    }
    return owners
  }
}

extension MaglevTable.Member: Comparable {
  /// By identity, as a number.
  public static func < (left: Self, right: Self) -> Bool {
    (left.identity.high, left.identity.low, left.weight) < (right.identity.high, right.identity.low, right.weight)
  }
}

/// The order in which a member likes the slots: from one slot on, in equal steps; all of them, since `size` is prime.
private struct Preference {
  private var position: Int
  private let skip: Int

  init(identity: IPv6Address, size: Int) {
    position = Int(Mixer.hash(identity, seed: 0x6F66_6673_6574) % UInt64(size))  // "offset"
    skip = Int(Mixer.hash(identity, seed: 0x736B_6970) % UInt64(size - 1)) + 1  // "skip"
  }

  /// Takes the first slot from where it is that nobody has taken. There must be one.
  mutating func takeFirst(of vacancies: inout Vacancies) -> Int {
    var slot = position
    while !vacancies.take(slot) { slot = following(slot, of: vacancies.size) }
    position = following(slot, of: vacancies.size)
    return slot
  }

  private func following(_ slot: Int, of size: Int) -> Int {
    let beyond = slot &+ skip &- size
    // Adds `size` to what is negative: a branch would be guessed wrong half of the time.
    return beyond &+ (size & beyond >> (Int.bitWidth - 1))
  }
}
