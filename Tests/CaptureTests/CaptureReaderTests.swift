// SPDX-License-Identifier: MIT
import Capture
import TestSupport
import Testing

/// Every packet of a file.
private func packets(in bytes: [UInt8]) throws(CaptureError) -> [CapturedPacket] {
  var reader = try CaptureReader(bytes)
  var packets: [CapturedPacket] = []
  while let packet = try reader.next() { packets.append(packet) }
  return packets
}

/// What is wrong with a file.
private func failure(in bytes: [UInt8]) -> CaptureError? {
  do throws(CaptureError) {
    _ = try packets(in: bytes)
    return nil
  } catch {
    return error
  }
}

@Suite struct `Reading a capture` {
  @Test(arguments: Golden.all)
  func `gives the packets that were written, cut ones as they are`(golden: Golden) throws {
    #expect(try CaptureReader(golden.bytes).format == golden.format)
    let fraction: UInt32 = golden.format.precision == .nanoseconds ? 123_456_789 : 123_456
    let read = try packets(in: golden.bytes)
    #expect(
      read == [
        CapturedPacket(seconds: 1_700_000_000, fraction: fraction, originalLength: 54, bytes: Golden.syn),
        CapturedPacket(seconds: 1_700_000_001, fraction: 5, originalLength: 14, bytes: Golden.ethernet),
      ])
    #expect(read.map(\.isTruncated) == [true, false])
  }

  @Test func `a file without packets has none`() throws {
    #expect(try packets(in: Array(Golden.all[0].bytes.prefix(24))).isEmpty)
  }

  @Test func `an error is told again when asked again`() throws {
    var reader = try CaptureReader(Array(Golden.all[0].bytes.prefix(30)))
    let expected = CaptureError(offset: 24, reason: .endOfFile(in: .recordHeader, wanted: 16, left: 6))
    #expect(throws: expected) { try reader.next() }
    #expect(throws: expected) { try reader.next() }
  }
}

@Suite struct `A malformed capture` {
  /// The first golden file with bytes replaced.
  private func golden(_ offset: Int, _ bytes: [UInt8]) -> [UInt8] {
    var file = Golden.all[0].bytes
    file.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    return file
  }

  @Test(arguments: [
    ("0a0d0d0a", "byte 0: this is a pcapng file; convert it with: editcap -F pcap IN OUT"),
    ("34cdb2a1", "byte 0: this is a \"modified\" pcap file; convert it with: editcap -F pcap IN OUT"),
    ("a1b2cd34", "byte 0: this is a \"modified\" pcap file; convert it with: editcap -F pcap IN OUT"),
    ("736e6f6f", "byte 0: this is a snoop file; convert it with: editcap -F pcap IN OUT"),
    ("1f8b0800", "byte 0: this is compressed; unpack it with: gunzip"),
    ("28b52ffd", "byte 0: this is compressed; unpack it with: unzstd"),
    ("00112233", "byte 0: this is not a pcap file: it begins with the bytes 00 11 22 33"),
  ])
  func `is told by its first bytes`(magic: String, message: String) {
    #expect(failure(in: golden(0, Golden.bytes(magic)))?.description == message)
    #expect(failure(in: Golden.bytes(magic))?.description == message)
  }

  @Test func `that is empty ends in its header`() {
    #expect(
      failure(in: [])?.description == "byte 0: the file ends in the file's header: 4 bytes are wanted and 0 are left")
  }

  @Test func `that ends in its header is refused`() {
    #expect(
      failure(in: Array(Golden.all[0].bytes.prefix(23)))?.description
        == "byte 0: the file ends in the file's header: 24 bytes are wanted and 23 are left")
  }

  @Test func `that ends in a record's header is refused`() {
    #expect(
      failure(in: Array(Golden.all[0].bytes.prefix(24 + 15)))?.description
        == "byte 24: the file ends in a record's header: 16 bytes are wanted and 15 are left")
  }

  @Test func `that ends in a packet is refused`() {
    #expect(
      failure(in: Golden.all[0].bytes.dropLast())?.description
        == "byte 104: the file ends in a packet: 14 bytes are wanted and 13 are left")
  }

  @Test func `of another version is refused`() {
    #expect(failure(in: golden(6, [3, 0]))?.description == "byte 4: pcap version 2.3 is not supported, only 2.4")
    #expect(failure(in: golden(4, [1, 0]))?.reason == .version(major: 1, minor: 4))
  }

  @Test(arguments: [
    (113 as UInt8, "Linux \"any\" captures (SLL) (link type 113)"), (101, "raw IP (link type 101)"),
    (0, "BSD loopback (link type 0)"), (200, "of link type 200"),
  ])
  func `of another link type is refused by name`(linkType: UInt8, name: String) {
    #expect(
      failure(in: golden(20, [linkType]))?.description
        == "byte 20: the packets are \(name), not Ethernet (link type 1); capture on one Ethernet interface")
  }

  @Test func `with check sequences is refused`() {
    #expect(failure(in: golden(23, [0x44])) == CaptureError(offset: 20, reason: .frameCheckSequence))
  }

  @Test func `with a packet of insane length is refused`() {
    #expect(
      failure(in: golden(32, [1, 0, 4, 0]))?.description
        == "byte 32: a packet of 262145 bytes is more than the 262144 a file may hold; the file is damaged")
    #expect(failure(in: golden(32, [0, 0, 4, 0]))?.reason == .endOfFile(in: .packet, wanted: 262_144, left: 78))
    #expect(failure(in: golden(32, [255, 255, 255, 255]))?.reason == .packetLength(.max))
  }
}

@Suite struct `Writing a capture` {
  @Test(arguments: Golden.all)
  func `gives back the file that was read, byte for byte`(golden: Golden) throws {
    var writer = CaptureWriter(format: golden.format)
    for packet in try packets(in: golden.bytes) { writer.append(packet) }
    #expect(writer.takeBytes() == golden.bytes)
  }

  @Test func `can be taken in pieces`() throws {
    let golden = Golden.all[0]
    var writer = CaptureWriter(format: golden.format)
    var written = writer.takeBytes()
    #expect(written.count == 24)
    for packet in try packets(in: golden.bytes) {
      writer.append(packet)
      written += writer.takeBytes()
    }
    #expect(written == golden.bytes)
    #expect(writer.takeBytes().isEmpty)
  }

  @Test func `refuses a packet that no reader would take`() async {
    await #expect(processExitsWith: .failure) {
      var writer = CaptureWriter(format: CaptureFormat())
      let bytes = [UInt8](repeating: 0, count: 262_145)
      writer.append(CapturedPacket(seconds: 0, fraction: 0, originalLength: bytes.count, bytes: bytes))
    }
  }
}

@Suite struct `Any bytes` {
  @Test func `are read or refused, and what is read is written back`() throws {
    let seed = SplitMix64.freshSeed()
    print("seed \(seed)")
    var random = SplitMix64(seed: seed)
    for round in 0..<100_000 {
      let file = Self.mutated(Golden.all[round % Golden.all.count].bytes, using: &random)
      guard var reader = try? CaptureReader(file) else { continue }
      var writer = CaptureWriter(format: reader.format)
      while let packet = try? reader.next() { writer.append(packet) }
      let written = writer.takeBytes()
      // The time zone and accuracy fields, bytes 8 to 15, are not kept.
      try #require(written[16...].elementsEqual(file[16..<written.count]))
    }
  }

  private static func mutated(_ bytes: [UInt8], using random: inout SplitMix64) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let index = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
      case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
      default: bytes.removeLast(min(bytes.count - 1, Int.random(in: 1...16, using: &random)))
      }
    }
    return bytes
  }
}
