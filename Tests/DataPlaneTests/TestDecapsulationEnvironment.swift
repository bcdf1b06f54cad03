// SPDX-License-Identifier: MIT
import DataPlane
import TestSupport
import Wire

/// The decapsulator's surroundings in a dictionary.
final class TestDecapsulationEnvironment: DecapsulationEnvironment {
  private var roles: [PrefixKey: AddressRole] = [:]
  private(set) var settings = DecapsulationSettings.none
  /// Whether the head may shrink: the kernel could say no.
  var shrinks = true
  private(set) var verdicts: [DecapsulationVerdict: Int] = [:]
  /// How often the roles were asked for since `receive`.
  private(set) var lookups = 0
  private var memory = PacketMemory([])
  private let port: UInt16
  private let key: UInt32?

  init(port: UInt16 = 6080, key: UInt32? = nil) {
    self.port = port
    self.key = key
  }

  /// Has an address, or the prefix of `length` bits that it is in, play a part.
  func add(_ role: AddressRole, _ address: IPAddress, length: Int? = nil) {
    let width = address.version.addressWidth
    roles[PrefixKey(address.mapped, length: UInt8((length ?? width) + 128 - width)), default: []].insert(role)
    settings = DecapsulationSettings(
      prefixLengths: Set(roles.keys.map(\.length)).sorted(by: >), port: port, key: key)
  }

  func receive(_ frame: [UInt8]) {
    memory = PacketMemory(frame)
    lookups = 0
  }

  var frame: [UInt8] { memory.bytes }
  var packet: PacketBytes { memory.packet }

  func shrinkHead(by count: Int) -> Bool { shrinks && memory.shrinkHead(by: count) }

  func role(of prefix: PrefixKey) -> AddressRole? {
    lookups += 1
    return roles[prefix]
  }

  func count(_ verdict: DecapsulationVerdict) {
    verdicts[verdict, default: 0] += 1
  }
}
