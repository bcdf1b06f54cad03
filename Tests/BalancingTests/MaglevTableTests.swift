// SPDX-License-Identifier: MIT
import DataPlane
import Testing
import Wire

@testable import Balancing

@Suite struct `Maglev tables` {
  static let weightSets: [[Int]] = [
    [1], [1, 1], [1, 2, 3], [1, 65_535], [65_535, 65_535, 1], [7, 11, 13, 17, 19],
    Array(repeating: 1, count: 100), Array(repeating: 65_535, count: 20) + Array(repeating: 1, count: 20),
    (1...100).map { $0 }, (1...30).map { $0 * $0 * $0 }, (0..<16).map { 1 << $0 },
    Array(repeating: 3, count: 400) + [60_000],
  ]

  @Test(arguments: weightSets)
  func `give each member its weight's proportion`(weights: [Int]) {
    let table = MaglevTable(members: members(weights))
    let shares = shares(table)
    let total = Double(weights.reduce(0, +))
    for (member, share) in zip(table.members, shares) {
      let exact = Double(slotCount) * Double(member.weight) / total
      let tolerance = exact >= Double(slotCount) / 100 ? exact / 100 : 1
      #expect(abs(Double(share) - exact) <= max(1, tolerance), "weight \(member.weight): \(share) slots for \(exact)")
    }
    #expect(shares.reduce(0, +) == slotCount)
  }

  @Test func `keep what the others own when one of twenty goes`() {
    let before = MaglevTable(members: members(Array(repeating: 1, count: 20)))
    for gone in [0, 7, 19] {
      var left = before.members
      let identity = left.remove(at: gone).identity
      #expect(moved(before, MaglevTable(members: left), except: identity) <= slotCount / 100)
    }
  }

  @Test func `keep what the others own when one of twenty comes`() {
    let after = MaglevTable(members: members(Array(repeating: 1, count: 20)))
    let before = MaglevTable(members: Array(after.members.dropFirst(3).prefix(16)))
    let more = MaglevTable(members: Array(after.members.dropFirst(3)))
    let newcomer = after.members[19].identity
    #expect(moved(before, more, except: newcomer) <= slotCount / 100)
  }

  @Test func `do not depend on the order of the members`() {
    var generator = SeededGenerator(seed: 5)
    let ordered = members((1...40).map { $0 })
    let table = MaglevTable(members: ordered)
    for _ in 0..<3 { #expect(MaglevTable(members: ordered.shuffled(using: &generator)) == table) }
  }

  /// Should this change, directors of different versions would disagree, and an upgrade would move flows.
  @Test func `never change`() {
    #expect(MaglevTable(members: members([1, 2, 3, 4])).hash.description == "e86ecd179061afc6")
    #expect(MaglevTable(members: members([5])).hash.description == "5e699b9eaf2fd0de")
  }

  @Test func `of nobody are empty`() {
    let table = MaglevTable(members: [])
    #expect(table.owners.isEmpty)
    #expect(table.hash.description == "cbf29ce484222325")
  }

  @Test func `agree with a naive model`() {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    for size in [2, 3, 7, 31, 101, 251] {
      for count in [1, 2, 5, 13, 60] {
        let weights = (0..<count).map { _ in Int.random(in: 1...(1 << Int.random(in: 1...15)), using: &generator) }
        let members = members(weights, first: .random(in: 0...1 << 30, using: &generator))
        #expect(MaglevTable(members: members, size: size).owners == naive(members, size: size), "seed \(seed)")
      }
    }
  }

  @Test func `hash as FNV-1a does`() {
    #expect(TableHash(owners: [IPv6Address(high: 0, low: 0)]).description == "88201fb960ff6465")
  }

  private func shares(_ table: MaglevTable) -> [Int] {
    table.owners.reduce(into: Array(repeating: 0, count: table.members.count)) { $0[Int($1)] += 1 }
  }

  /// Slots that changed hands though neither owner is `identity`.
  private func moved(_ before: MaglevTable, _ after: MaglevTable, except identity: IPv6Address) -> Int {
    zip(before.owners, after.owners).count {
      let (old, new) = (before.members[Int($0)].identity, after.members[Int($1)].identity)
      return old != new && old != identity && new != identity
    }
  }

  /// The definition, word for word: at each turn look at everybody, and at all that a member likes.
  private func naive(_ members: [MaglevTable.Member], size: Int) -> [UInt16] {
    let permutations = members.map { member in
      let offset = Int(Mixer.hash(member.identity, seed: 0x6F66_6673_6574) % UInt64(size))
      let skip = Int(Mixer.hash(member.identity, seed: 0x736B_6970) % UInt64(size - 1)) + 1
      return (0..<size).map { (offset + $0 * skip) % size }
    }
    var taken = Array(repeating: 0, count: members.count)
    var owners: [Int: Int] = [:]
    while owners.count < size {
      let times = zip(taken, members).map { turns, member in
        let interval = (1 << 31) / UInt64(member.weight)
        return interval / 2 + UInt64(turns) * interval
      }
      guard let first = times.min(), let member = times.firstIndex(of: first),
        let slot = permutations[member].first(where: { owners[$0] == nil })
      else { break }
      owners[slot] = member
      taken[member] += 1
    }
    return (0..<size).map { UInt16(owners[$0] ?? -1) }
  }
}

/// Members 10.0.0.1, 10.0.0.2, … of these weights.
func members(_ weights: [Int], first: UInt32 = 0x0A00_0001) -> [MaglevTable.Member] {
  weights.enumerated().map { position, weight in
    MaglevTable.Member(
      identity: IPv6Address(mapping: IPv4Address(bits: first + UInt32(position))), weight: weight)
  }
}

/// A reproducible source of random numbers (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Mixer.mix(state)
  }
}
