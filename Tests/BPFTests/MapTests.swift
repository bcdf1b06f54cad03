// SPDX-License-Identifier: MIT
import SystemPackage
import Testing

@testable import BPF

@Suite struct MapSpecTests {
  private static let flows = MapSpec.hash("flows", from: UInt64.self, to: UInt32.self, maxEntries: 16)

  @Test func `Sizes come from the types`() {
    let expected = MapSpec(name: "flows", type: .hash, keySize: 8, valueSize: 4, maxEntries: 16)
    #expect(Self.flows == expected)
    #expect(MapSpec.array("a", of: UInt64.self, maxEntries: 3, perCPU: true).type == .perCPUArray)
    #expect(MapSpec.array("outer", ofMapsLike: Self.flows, maxEntries: 3).innerSpec == Self.flows)
  }

  @Test(arguments: [
    (MapSpec(name: "other", type: .hash, keySize: 8, valueSize: 4, maxEntries: 16), ["name other, not flows"]),
    (MapSpec(name: "flows", type: .lruHash, keySize: 8, valueSize: 4, maxEntries: 16), ["type LRU hash, not hash"]),
    (MapSpec(name: "flows", type: .hash, keySize: 16, valueSize: 4, maxEntries: 16), ["key size 16, not 8"]),
    (MapSpec(name: "flows", type: .hash, keySize: 8, valueSize: 16, maxEntries: 16), ["value size 16, not 4"]),
    (MapSpec(name: "flows", type: .hash, keySize: 8, valueSize: 4, maxEntries: 17), ["maximum of entries 17, not 16"]),
    (
      MapSpec(name: "flows", type: .hash, keySize: 8, valueSize: 3, maxEntries: 16, flags: .noPreallocation),
      ["value size 3, not 4", "flags 1, not 0"]
    ),
  ]) func `A difference is named`(other: MapSpec, differences: [String]) {
    #expect(Self.flows.differences(of: other) == differences)
  }

  @Test func `Names are compared as far as the kernel keeps them`() {
    var long = Self.flows
    long.name = "services_by_address"
    var kept = long
    kept.name = "services_by_add"
    #expect(long.differences(of: kept) == [])
  }
}

@Suite(.enabled(if: LiveKernel.loadsPrograms, Comment(rawValue: LiveKernel.reason)))
struct MapTests {
  struct Key: BitwiseCopyable, Hashable {
    var address: UInt32
    var port: UInt16
    var padding: UInt16 = 0
  }

  @Test(arguments: [MapType.hash, .lruHash]) func `A hash table keeps what it is given`(type: MapType) throws {
    let map = try Map.create(.hash("table", from: Key.self, to: UInt64.self, maxEntries: 8, type: type))
    let key = Key(address: 1, port: 80)
    #expect(try map.lookup(key, as: UInt64.self) == nil)
    try map.update(key, UInt64(5))
    #expect(try map.lookup(key, as: UInt64.self) == 5)
    #expect(throws: BPFError("updating map table", .fileExists)) { try map.update(key, UInt64(6), mode: .insert) }
    #expect(try map.delete(key))
    #expect(try !map.delete(key))
    #expect(throws: BPFError("updating map table", .noSuchFileOrDirectory)) {
      try map.update(key, UInt64(6), mode: .replace)
    }
  }

  @Test func `A full hash table says how much it holds`() throws {
    let map = try Map.create(.hash("small", from: UInt32.self, to: UInt32.self, maxEntries: 2))
    let error = #expect(throws: BPFError.self) {
      for key in UInt32(0)..<3 { try map.update(key, key) }
    }
    #expect(error?.hint == "the map holds 2 entries, and no more fit")
  }

  @Test func `A whole array is written and read in batches`() throws {
    let map = try Map.create(.array("slots", of: UInt16.self, maxEntries: 65_537))
    let values = (0..<65_537).map { UInt16(truncatingIfNeeded: $0 &* 7) }
    try map.updateBatch(startingAt: 0, values: values.span)
    #expect(try map.readArray(of: UInt16.self) == values)
    try map.updateBatch(startingAt: 65_535, values: ([1, 2] as [UInt16]).span)
    #expect(try map.readArray(of: UInt16.self) == values.dropLast(2) + [1, 2])
    #expect(try map.lookup(UInt32(65_536), as: UInt16.self) == 2)
    #expect(try map.lookup(UInt32(65_537), as: UInt16.self) == nil)
  }

  @Test func `Values with gaps between them arrive without`() throws {
    struct Odd: BitwiseCopyable, Equatable {
      var wide: UInt32
      var narrow: UInt16
    }
    let map = try Map.create(.array("odd", of: Odd.self, maxEntries: 5))
    let values = (0..<5).map { Odd(wide: $0, narrow: UInt16($0) + 100) }
    try map.updateBatch(startingAt: 0, values: values.span)
    #expect(map.spec.valueSize == 6)
    #expect(try map.readArray(of: Odd.self) == values)
  }

  @Test func `Per-CPU values are as many as there are processors`() throws {
    let map = try Map.create(.array("counts", of: UInt32.self, maxEntries: 5000, perCPU: true))
    let values = (0..<PossibleCPUs.count).map { UInt32($0 + 1) }
    try map.updatePerCPU(UInt32(4998), values)
    #expect(try map.lookupPerCPU(UInt32(4998), as: UInt32.self) == values)
    let all = try map.readArrayPerCPU(of: UInt32.self)
    #expect(all.count == 5000)
    #expect(all[4998] == values)
    #expect(all[4999] == values.map { _ in 0 })
  }

  @Test func `Every element of a hash table is met, also while it is emptied`() throws {
    let map = try Map.create(.hash("many", from: UInt32.self, to: UInt64.self, maxEntries: 20_000))
    for key in UInt32(0)..<10_000 { try map.update(key, UInt64(key) * 3) }
    var met: Set<UInt32> = []
    try map.forEach(UInt32.self, UInt64.self) { key, value throws(BPFError) in
      if value == UInt64(key) * 3 { met.insert(key) }
      try map.delete(key)
    }
    #expect(met.count == 10_000)
    var left = 0
    try map.forEach(UInt32.self, UInt64.self) { _, _ in left += 1 }
    #expect(left == 0)
  }

  @Test func `A map without batches is walked key by key`() throws {
    // A prefix trie's key is a length and the bits of an address.
    let map = try Map.create(
      MapSpec(name: "t", type: .prefixTrie, keySize: 8, valueSize: 4, maxEntries: 8, flags: .noPreallocation))
    try map.forEach(UInt64.self, UInt32.self) { _, _ in Issue.record("the trie is empty") }
    for key in 1...5 as ClosedRange<UInt64> { try map.update(32 | key << 32, UInt32(key)) }
    var met: [UInt32] = []
    try map.forEach(UInt64.self, UInt32.self) { _, value in met.append(value) }
    #expect(met.sorted() == [1, 2, 3, 4, 5])
  }

  @Test func `Per-CPU hash tables are walked too`() throws {
    let map = try Map.create(.hash("p", from: UInt32.self, to: UInt32.self, maxEntries: 8, type: .perCPUHash))
    let values = (0..<PossibleCPUs.count).map { UInt32($0 + 7) }
    try map.updatePerCPU(UInt32(3), values)
    var met: [UInt32: [UInt32]] = [:]
    try map.forEachPerCPU(UInt32.self, UInt32.self) { met[$0] = $1 }
    #expect(met == [3: values])
  }

  @Test func `An array of maps takes maps of its kind alone`() throws {
    let inner = MapSpec.array("slots", of: UInt32.self, maxEntries: 4)
    let outer = try Map.create(.array("services", ofMapsLike: inner, maxEntries: 2))
    let first = try Map.create(inner)
    try outer.update(UInt32(0), inner: first)
    let id = try first.info().id
    #expect(try outer.lookup(UInt32(0), as: UInt32.self) == id)
    let inside = try outer.lookupInner(UInt32(0))?.info().id
    #expect(inside == id)
    #expect(try outer.lookup(UInt32(1), as: UInt32.self) == nil)
    let odd = try Map.create(.array("odd", of: UInt64.self, maxEntries: 4))
    #expect(throws: BPFError("updating map services", .invalidArgument)) { try outer.update(UInt32(1), inner: odd) }
  }

  @Test func `A pinned map is the same map`() throws {
    try withBPFFileSystem { files in
      let spec = MapSpec.hash("flows", from: UInt32.self, to: UInt32.self, maxEntries: 8)
      let map = try Map.create(spec)
      try map.pin(at: files.path(of: "flows"))
      try map.update(UInt32(1), UInt32(2))
      let opened = try Map.openPinned(at: files.path(of: "flows"))
      #expect(try opened.lookup(UInt32(1), as: UInt32.self) == 2)
      try opened.verifySpec(spec)
      let larger = MapSpec.hash("flows", from: UInt32.self, to: UInt32.self, maxEntries: 9)
      let error = #expect(throws: MapMismatch.self) { try opened.verifySpec(larger) }
      #expect(
        error?.description
          == "map flows is not what this version needs: it has maximum of entries 8, not 9")
    }
  }

  @Test func `A pin outside of a BPF file system is explained`() throws {
    let map = try Map.create(.array("a", of: UInt32.self, maxEntries: 1))
    try inTemporaryDirectory { directory in
      let error = #expect(throws: BPFError.self) { try map.pin(at: directory + "/a") }
      #expect(error?.description.contains("BPF file system") == true)
    }
  }

  @Test func `What the kernel cannot create is named`() {
    let error = #expect(throws: BPFError.self) {
      _ = try Map.create(MapSpec(name: "bad", type: .array, keySize: 8, valueSize: 4, maxEntries: 1)).spec
    }
    #expect(error?.description == "creating map bad (array of 1): Invalid argument")
  }
}
