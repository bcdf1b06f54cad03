// SPDX-License-Identifier: MIT
public import Wire

/// A packet with memory of exactly its size, and room at its head: what lies outside belongs to nobody.
///
/// The frame starts at an address that is 2 modulo 4, where network drivers place it.
public final class PacketMemory {
  private let memory: UnsafeMutableRawPointer
  private let floor: UnsafeMutableRawPointer
  private var start: UnsafeMutableRawPointer
  private var end: UnsafeMutableRawPointer

  /// Room at the head is filled with 0xa5, so that a byte that was not written shows.
  public init(_ bytes: [UInt8], headroom: Int = 0) {
    let lead = (6 - headroom % 4) % 4
    memory = .allocate(byteCount: lead + headroom + bytes.count, alignment: 16)
    memory.initializeMemory(as: UInt8.self, repeating: 0xA5, count: lead + headroom + bytes.count)
    floor = memory + lead
    start = floor + headroom
    end = start + bytes.count
    bytes.withUnsafeBytes { source in
      guard let base = source.baseAddress else { return }
      start.copyMemory(from: base, byteCount: source.count)
    }
  }

  deinit {
    memory.deallocate()
  }

  /// Valid as long as this object and its size.
  public var packet: PacketBytes { PacketBytes(start: start, end: end) }

  public var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: start, count: end - start)) }

  /// False, and nothing changed, where there is no room.
  public func growHead(by count: Int) -> Bool {
    guard floor + count <= start else { return false }
    start -= count
    return true
  }

  /// False, and nothing changed, where the packet is shorter.
  public func shrinkHead(by count: Int) -> Bool {
    guard start + count <= end else { return false }
    start += count
    return true
  }

  /// Cuts the packet off after `count` bytes. False, and nothing changed, where it is shorter.
  public func trim(to count: Int) -> Bool {
    guard start + count <= end else { return false }
    end = start + count
    return true
  }
}

/// Reads `bytes` with `body`, such as `parsing(bytes, IPv4Header.init)`.
public func parsing<Header>(
  _ bytes: [UInt8], _ body: (PacketBytes) throws(Malformation) -> Header
) throws(Malformation) -> Header {
  let memory = PacketMemory(bytes)
  defer { withExtendedLifetime(memory) {} }
  return try body(memory.packet)
}

/// What `body` writes into `count` bytes that were 0xa5 before.
public func emitting(_ count: Int, _ body: (PacketBytes) -> Void) -> [UInt8] {
  let memory = PacketMemory(Array(repeating: 0xA5, count: count))
  body(memory.packet)
  return memory.bytes
}
