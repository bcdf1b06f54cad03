// SPDX-License-Identifier: MIT
internal import CLibbpf

/// How a map stores its elements. The kernel adds kinds, so this is not a closed set.
public struct MapType: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The corresponding C constant is `BPF_MAP_TYPE_HASH`.
  public static let hash = MapType(rawValue: BPF_MAP_TYPE_HASH.rawValue)
  /// The corresponding C constant is `BPF_MAP_TYPE_ARRAY`.
  public static let array = MapType(rawValue: BPF_MAP_TYPE_ARRAY.rawValue)
  /// One value for each possible CPU. The corresponding C constant is `BPF_MAP_TYPE_PERCPU_HASH`.
  public static let perCPUHash = MapType(rawValue: BPF_MAP_TYPE_PERCPU_HASH.rawValue)
  /// One value for each possible CPU. The corresponding C constant is `BPF_MAP_TYPE_PERCPU_ARRAY`.
  public static let perCPUArray = MapType(rawValue: BPF_MAP_TYPE_PERCPU_ARRAY.rawValue)
  /// Forgets the least recently used element when full. The corresponding C constant is `BPF_MAP_TYPE_LRU_HASH`.
  public static let lruHash = MapType(rawValue: BPF_MAP_TYPE_LRU_HASH.rawValue)
  /// The corresponding C constant is `BPF_MAP_TYPE_LRU_PERCPU_HASH`.
  public static let lruPerCPUHash = MapType(rawValue: BPF_MAP_TYPE_LRU_PERCPU_HASH.rawValue)
  /// Longest prefix match. The corresponding C constant is `BPF_MAP_TYPE_LPM_TRIE`.
  public static let prefixTrie = MapType(rawValue: BPF_MAP_TYPE_LPM_TRIE.rawValue)
  /// Each element is a map. The corresponding C constant is `BPF_MAP_TYPE_ARRAY_OF_MAPS`.
  public static let arrayOfMaps = MapType(rawValue: BPF_MAP_TYPE_ARRAY_OF_MAPS.rawValue)
  /// Each element is a map. The corresponding C constant is `BPF_MAP_TYPE_HASH_OF_MAPS`.
  public static let hashOfMaps = MapType(rawValue: BPF_MAP_TYPE_HASH_OF_MAPS.rawValue)
  /// The corresponding C constant is `BPF_MAP_TYPE_PROG_ARRAY`.
  public static let programArray = MapType(rawValue: BPF_MAP_TYPE_PROG_ARRAY.rawValue)
  /// The corresponding C constant is `BPF_MAP_TYPE_DEVMAP`.
  public static let deviceMap = MapType(rawValue: BPF_MAP_TYPE_DEVMAP.rawValue)
  /// The corresponding C constant is `BPF_MAP_TYPE_RINGBUF`.
  public static let ringBuffer = MapType(rawValue: BPF_MAP_TYPE_RINGBUF.rawValue)

  var isPerCPU: Bool { [.perCPUHash, .perCPUArray, .lruPerCPUHash].contains(self) }
  var isArray: Bool { [.array, .perCPUArray].contains(self) }
  var holdsMaps: Bool { [.arrayOfMaps, .hashOfMaps].contains(self) }
}

extension MapType: CustomStringConvertible {
  private static let names: [MapType: String] = [
    .hash: "hash", .array: "array", .perCPUHash: "per-CPU hash", .perCPUArray: "per-CPU array", .lruHash: "LRU hash",
    .lruPerCPUHash: "LRU per-CPU hash", .prefixTrie: "prefix trie", .arrayOfMaps: "array of maps",
    .hashOfMaps: "hash of maps", .programArray: "program array", .deviceMap: "device map", .ringBuffer: "ring buffer",
  ]

  public var description: String { Self.names[self] ?? "type \(rawValue)" }
}

/// How a map is created.
public struct MapFlags: OptionSet, Hashable, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Allocate hash elements when they are inserted, not all at creation. The corresponding C constant is
  /// `BPF_F_NO_PREALLOC`.
  public static let noPreallocation = MapFlags(rawValue: UInt32(BPF_F_NO_PREALLOC))
  /// One LRU list for each CPU. The corresponding C constant is `BPF_F_NO_COMMON_LRU`.
  public static let noCommonLRU = MapFlags(rawValue: UInt32(BPF_F_NO_COMMON_LRU))
  /// Programs may only read. The corresponding C constant is `BPF_F_RDONLY_PROG`.
  public static let readOnlyForPrograms = MapFlags(rawValue: UInt32(BPF_F_RDONLY_PROG))
  /// An array that can be mapped into memory. The corresponding C constant is `BPF_F_MMAPABLE`.
  public static let memoryMappable = MapFlags(rawValue: UInt32(BPF_F_MMAPABLE))
  /// An array that may stand in for another one of a different length in a map of maps. The corresponding C constant
  /// is `BPF_F_INNER_MAP`.
  public static let innerMap = MapFlags(rawValue: UInt32(BPF_F_INNER_MAP))
}
