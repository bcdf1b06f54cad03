// SPDX-License-Identifier: MIT

/// A map as it is to be created.
public struct MapSpec: Hashable, Sendable {
  /// What a map of maps holds. Boxed in an array since a struct cannot contain itself.
  private var inner: [MapSpec]

  /// The kernel keeps the first 15 bytes: letters, digits, `_` and `.`.
  public var name: String
  public var type: MapType
  /// In bytes. 4 for arrays and maps of maps, 0 for a ring buffer.
  public var keySize: UInt32
  /// In bytes, of one CPU's value. 4 for maps of maps, 0 for a ring buffer.
  public var valueSize: UInt32
  /// For a ring buffer, its size in bytes.
  public var maxEntries: UInt32
  public var flags: MapFlags

  /// What every element of a map of maps looks like.
  public var innerSpec: MapSpec? { inner.first }

  public init(
    name: String, type: MapType, keySize: UInt32, valueSize: UInt32, maxEntries: UInt32,
    flags: MapFlags = [], innerSpec: MapSpec? = nil
  ) {
    self.name = name
    self.type = type
    self.keySize = keySize
    self.valueSize = valueSize
    self.maxEntries = maxEntries
    self.flags = flags
    inner = innerSpec.map { [$0] } ?? []
  }

  /// An array of `maxEntries` values.
  public static func array<Value: BitwiseCopyable>(
    _ name: String, of value: Value.Type, maxEntries: UInt32, perCPU: Bool = false, flags: MapFlags = []
  ) -> MapSpec {
    MapSpec(
      name: name, type: perCPU ? .perCPUArray : .array, keySize: 4, valueSize: UInt32(MemoryLayout<Value>.size),
      maxEntries: maxEntries, flags: flags)
  }

  /// A hash table of at most `maxEntries` elements.
  public static func hash<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    _ name: String, from key: Key.Type, to value: Value.Type, maxEntries: UInt32, type: MapType = .hash,
    flags: MapFlags = []
  ) -> MapSpec {
    MapSpec(
      name: name, type: type, keySize: UInt32(MemoryLayout<Key>.size), valueSize: UInt32(MemoryLayout<Value>.size),
      maxEntries: maxEntries, flags: flags)
  }

  /// An array of `maxEntries` maps, each made like `inner`.
  public static func array(_ name: String, ofMapsLike inner: MapSpec, maxEntries: UInt32) -> MapSpec {
    MapSpec(name: name, type: .arrayOfMaps, keySize: 4, valueSize: 4, maxEntries: maxEntries, innerSpec: inner)
  }

  /// The part of the name that the kernel keeps.
  var kernelName: String { String(decoding: name.utf8.prefix(15), as: UTF8.self) }

  /// How `other` differs, each as "value size 8, not 16"; empty if it can be used in place of this one. What a map of
  /// maps holds is not compared: the kernel does not tell.
  func differences(of other: MapSpec) -> [String] {
    func compare<T: Equatable>(_ what: String, _ path: KeyPath<MapSpec, T>) -> String? {
      self[keyPath: path] == other[keyPath: path]
        ? nil : "\(what) \(other[keyPath: path]), not \(self[keyPath: path])"
    }
    return [
      compare("name", \.kernelName), compare("type", \.type), compare("key size", \.keySize),
      compare("value size", \.valueSize), compare("maximum of entries", \.maxEntries),
      compare("flags", \.flags.rawValue),
    ].compactMap(\.self)
  }
}

/// A map found where another kind of map was expected, such as one that an older version has pinned.
public struct MapMismatch: Error, Equatable, CustomStringConvertible, Sendable {
  public var name: String
  /// Each as "value size 8, not 16".
  public var differences: [String]

  public var description: String {
    "map \(name) is not what this version needs: it has \(differences.joined(separator: "; "))"
  }
}
