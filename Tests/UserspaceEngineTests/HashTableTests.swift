// SPDX-License-Identifier: MIT
import Glibc
import Linux
import Testing

@testable import UserspaceEngine

/// Few homes, so that probes meet and wrap around.
private struct CrowdedKey: TableKey {
  let number: UInt64

  var tableHash: UInt64 { number % 7 &* 31 }
}

/// A generator that gives the same numbers for the same seed (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}

@Suite struct `A hash table in plain memory` {
  private static let capacity = 64
  private let memory: UnsafeMutableRawPointer
  private let table: HashTable<CrowdedKey, UInt64>

  init() throws {
    let count = HashTable<CrowdedKey, UInt64>.byteCount(capacity: Self.capacity)
    memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
    memset(memory, 0, count)
    table = HashTable(at: memory, capacity: Self.capacity)
  }

  private func contents() -> [UInt64: UInt64] {
    Dictionary(uniqueKeysWithValues: table.entries().map { ($0.key.number, $0.value) })
  }

  @Test func `agrees with a dictionary over many random changes`() throws {
    defer { memory.deallocate() }
    let seed = getenv("CULVERT_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0 ... .max)
    print("CULVERT_SEED=\(seed)")
    var generator = SeededGenerator(state: seed)
    var oracle: [UInt64: UInt64] = [:]
    for step in 0..<20_000 {
      let key = CrowdedKey(number: UInt64.random(in: 0..<100, using: &generator))
      if Bool.random(using: &generator) {
        let fits = oracle.count < Self.capacity || oracle[key.number] != nil
        #expect(table.insert(UInt64(step), for: key) == fits)
        if fits { oracle[key.number] = UInt64(step) }
      } else {
        table.remove(key)
        oracle[key.number] = nil
      }
      #expect(table.pointer(to: key)?.pointee == oracle[key.number])
      if step % 512 == 0 { try #require(contents() == oracle) }
    }
    #expect(contents() == oracle)
  }

  @Test func `takes as many entries as it says, and changes those when it is full`() {
    defer { memory.deallocate() }
    for number in 0..<UInt64(Self.capacity) { #expect(table.insert(number, for: CrowdedKey(number: number))) }
    #expect(table.entryCount == Self.capacity)
    #expect(!table.insert(0, for: CrowdedKey(number: 1000)))
    #expect(table.insert(9, for: CrowdedKey(number: 3)))
    #expect(table.pointer(to: CrowdedKey(number: 3))?.pointee == 9)
    #expect(table.pointer(to: CrowdedKey(number: 1000)) == nil)
    #expect(table.entryCount == Self.capacity)
  }

  @Test func `removes exactly what is unwanted`() {
    defer { memory.deallocate() }
    for number in 0..<UInt64(Self.capacity) { _ = table.insert(number, for: CrowdedKey(number: number)) }
    table.removeAll { key, value in key.number == value && value % 3 != 0 }
    #expect(contents() == Dictionary(uniqueKeysWithValues: stride(from: 0, to: 64, by: 3).map { ($0, $0) }))
    #expect(table.entryCount == 22)
    table.removeAll { _, _ in true }
    #expect(contents().isEmpty)
  }

  @Test func `is found again by a second view of its memory`() {
    defer { memory.deallocate() }
    #expect(table.insert(5, for: CrowdedKey(number: 1)))
    let second = HashTable<CrowdedKey, UInt64>(at: memory, capacity: Self.capacity)
    #expect(second.pointer(to: CrowdedKey(number: 1))?.pointee == 5)
    second.remove(CrowdedKey(number: 1))
    #expect(table.entryCount == 0)
  }
}
