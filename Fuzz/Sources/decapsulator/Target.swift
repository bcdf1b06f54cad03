// SPDX-License-Identifier: MIT
import DataPlane
import Wire

/// Headers are taken off whole or not at all: what is left is the end of what came, behind the link's addresses and tags.
@c
public func LLVMFuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let frame = UnsafeRawBufferPointer(start: start, count: count)
  for settings in [scene(key: nil), scene(key: 7), .none] { check(frame, settings) }
  return 0
}

private func scene(key: UInt32?) -> DecapsulationSettings {
  DecapsulationSettings(prefixLengths: [128, 123, 48], port: 6080, key: key)
}

private func check(_ frame: UnsafeRawBufferPointer, _ settings: DecapsulationSettings) {
  // Of exactly this size, so that AddressSanitizer sees every access beside it.
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: frame.count, alignment: 16)
  defer { room.deallocate() }
  room.copyMemory(from: frame)
  var environment = MemoryEnvironment(room, settings)
  let verdict = decapsulate(&environment)
  precondition(environment.counted == [verdict], "counted \(environment.counted), not \(verdict)")
  if verdict == .decapsulated {
    check(Array(room[environment.offset...]), isFrom: Array(frame))
  } else {
    precondition(environment.offset == 0 && room.elementsEqual(frame), "a frame that is left alone changed: \(verdict)")
  }
}

private func check(_ inner: [UInt8], isFrom outer: [UInt8]) {
  var link = 14
  while link < 22, isTag(outer[link - 2..<link]) { link += 4 }
  precondition(inner.count > link && inner.count < outer.count, "\(outer.count - inner.count) bytes were taken off")
  precondition(inner[..<(link - 2)] == outer[..<(link - 2)], "the link's addresses or tags changed")
  let packet = Array(inner[link...])
  let isIPv6 = packet[0] >> 4 == 6
  precondition(inner[link - 2..<link] == (isIPv6 ? [0x86, 0xDD] : [0x08, 0x00]), "the link's type is wrong")
  let original = Array(outer.suffix(packet.count))
  precondition(masked(packet, isIPv6) == masked(original, isIPv6), "the client's packet changed")
  precondition(!hasRightChecksum(original) || hasRightChecksum(packet), "the header's checksum is wrong")
}

private func isTag(_ type: ArraySlice<UInt8>) -> Bool { type == [0x81, 0x00] || type == [0x88, 0xA8] }

/// The packet without what a mark of congestion changes (RFC 6040).
private func masked(_ packet: [UInt8], _ isIPv6: Bool) -> [UInt8] {
  var packet = packet
  if isIPv6 {
    packet[1] &= 0xCF
  } else {
    packet[1] &= 0xFC
    packet[10] = 0
    packet[11] = 0
  }
  return packet
}

/// Whether the words of an IPv4 header add up to zero (RFC 1071); IPv6 has no such checksum.
private func hasRightChecksum(_ packet: [UInt8]) -> Bool {
  guard packet[0] >> 4 == 4 else { return true }
  let header = packet[..<(Int(packet[0] & 0xF) * 4)]
  let sum = header.enumerated().reduce(0) { $0 + Int($1.element) << ($1.offset % 2 == 0 ? 8 : 0) }
  return sum % 0xFFFF == 0
}

/// A frame in memory that `make-corpus` writes packets for.
private struct MemoryEnvironment: DecapsulationEnvironment {
  let settings: DecapsulationSettings
  private let room: UnsafeMutableRawBufferPointer
  private(set) var offset = 0
  private(set) var counted: [DecapsulationVerdict] = []

  init(_ room: UnsafeMutableRawBufferPointer, _ settings: DecapsulationSettings) {
    self.room = room
    self.settings = settings
  }

  var packet: PacketBytes {
    guard let base = room.baseAddress else { fatalError("an allocation has an address") }
    return PacketBytes(start: base + offset, end: base + room.count)
  }

  mutating func shrinkHead(by count: Int) -> Bool {
    guard offset + count <= room.count else { return false }
    offset += count
    return true
  }

  func role(of prefix: PrefixKey) -> AddressRole? { roles[prefix] }

  mutating func count(_ verdict: DecapsulationVerdict) { counted.append(verdict) }
}

private let roles: [PrefixKey: AddressRole] = {
  let parts: [(String, UInt8, AddressRole)] = [
    ("10.1.0.11", 128, .endpoint), ("2001:db8:1::11", 128, .endpoint), ("192.0.2.0", 123, .director),
    ("2001:db8::10", 128, .director), ("203.0.113.80", 128, .virtualAddress), ("2001:db8:80::", 48, .virtualAddress),
  ]
  return Dictionary(
    uniqueKeysWithValues: parts.compactMap { text, length, role in
      IPAddress(text).map { (PrefixKey($0.mapped, length: length), role) }
    })
}()
